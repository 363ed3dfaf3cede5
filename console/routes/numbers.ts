import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import type { CapacityView } from '../../src/api/capacity-schemas.js'
import type { PoolView } from '../../src/api/number-schemas.js'
import { PageProblem, type ProblemView } from '../api.js'
import { optionalOf, textOf, textsOf } from '../forms.js'
import type { Staff } from '../hooks/staff.js'
import { needs } from '../needs.js'
import { accountNumbersPage, type ComparedNumbers } from '../pages/account-numbers.js'
import { newNumbersPage, numberPage, removeNumberPage } from '../pages/number.js'
import { type CountedNumbers, numbersPage } from '../pages/numbers.js'
import { doneIn, doneQuery } from '../parts/done.js'
import { NUMBERS, numberUrl, type ShownNumber } from '../parts/number.js'
import { path, withQuery } from '../urls.js'

interface OfNumber {
  readonly Params: { readonly number: string }
}

/** What a reply about a change says of it, among other things. */
interface Changed {
  readonly durable: boolean
}

/** What stands between numbers that somebody typed. */
const BETWEEN_NUMBERS = /[\n,;]/

/** The pool: shown, added to, changed, and compared with the account. */
const numbers: FastifyPluginAsync = async (app) => {
  app.get('/numbers', async ({ query, staff, texts }, reply) => {
    const [pool, capacity, counted] = await Promise.all([
      staff.api.get<PoolView>('/numbers'),
      staff.api.get<CapacityView>('/capacity'),
      countedFor(staff),
    ])
    const filter = { country: optionalOf(query, 'country'), state: optionalOf(query, 'state') }
    const skip = Number(/^\d{1,6}$/.exec(textOf(query, 'skip')) ?? 0)
    const said = doneIn(query, texts.numbers.done)
    const mayChange = staff.can('numbers:write')
    return reply.page(numbersPage({ pool, capacity, counted, filter, skip, mayChange, said }, texts))
  })

  app.get('/numbers/new', async ({ staff, texts }, reply) => {
    needs('numbers:write', staff)
    return reply.page(newNumbersPage({ formToken: staff.formToken }, texts))
  })

  app.post('/numbers/new', async ({ body, staff, texts }, reply) => {
    const typed = textsOf(body, 'numbers').flatMap((text) => text.split(BETWEEN_NUMBERS))
    const label = optionalOf(body, 'label')
    const wanted = typed.flatMap((text) => {
      const number = text.trim()
      return number === '' ? [] : { number, label }
    })
    const added = await staff.api.send<Changed>('POST', '/numbers', { numbers: wanted })
    const { status, problem } = added
    if (problem) return reply.page(newNumbersPage({ problem, formToken: staff.formToken }, texts), status)
    const done = doneQuery(status === 200 ? 'there' : 'added', added.body.durable)
    return reply.redirect(withQuery(NUMBERS, done), 303)
  })

  app.get('/numbers/account', async ({ staff, texts }, reply) => {
    const compared = await staff.api.get<ComparedNumbers>('/numbers/account')
    return reply.page(accountNumbersPage({ compared, formToken: staff.formToken }, texts))
  })

  app.get<OfNumber>('/numbers/:number', async (request, reply) => show(request, reply))

  app.post<OfNumber>('/numbers/:number/state', async (request, reply) => {
    const state = textOf(request.body, 'state')
    return change(request, reply, { state }, state)
  })

  app.post<OfNumber>('/numbers/:number/label', async (request, reply) =>
    change(request, reply, { label: textOf(request.body, 'label') }, 'labelled'),
  )

  app.get<OfNumber>('/numbers/:number/remove', async (request, reply) => {
    needs('numbers:write', request.staff)
    return askToRemove(request, reply)
  })

  app.post<OfNumber>('/numbers/:number/remove', async (request, reply) => {
    const { params, staff } = request
    const removed = await staff.api.send<Changed>('DELETE', path`/numbers/${params.number}`)
    if (removed.problem) return askToRemove(request, reply, removed)
    return reply.redirect(withQuery(NUMBERS, doneQuery('removed', removed.body.durable)), 303)
  })

  async function change(
    request: FastifyRequest<OfNumber>,
    reply: FastifyReply,
    change: object,
    done: string,
  ): Promise<FastifyReply> {
    const { params, staff } = request
    const changed = await staff.api.send<Changed>('PUT', path`/numbers/${params.number}`, change)
    if (changed.problem) return show(request, reply, changed)
    return reply.redirect(withQuery(numberUrl(params.number), doneQuery(done, changed.body.durable)), 303)
  }

  async function show(
    { params, query, staff, texts }: FastifyRequest<OfNumber>,
    reply: FastifyReply,
    { status, problem }: Refused = {},
  ): Promise<FastifyReply> {
    const [pool, counted] = await Promise.all([staff.api.get<PoolView>('/numbers'), countedFor(staff)])
    const number = inPool(pool, params.number)
    const said = doneIn(query, texts.numbers.done)
    const data = { number, countedAt: pool.counted_at, counted, staff, said, problem }
    return reply.page(numberPage(data, texts), status)
  }

  async function askToRemove(
    { params, staff, texts }: FastifyRequest<OfNumber>,
    reply: FastifyReply,
    { status, problem }: Refused = {},
  ): Promise<FastifyReply> {
    const number = inPool(await staff.api.get<PoolView>('/numbers'), params.number)
    return reply.page(removeNumberPage({ number, formToken: staff.formToken, problem }, texts), status)
  }
}

/** What the API said of a change that it refused. */
interface Refused {
  readonly status?: number
  readonly problem?: ProblemView
}

/** How often each number was called, where the key may know. Without it the pool is shown all the same. */
async function countedFor({ api, can }: Staff): Promise<CountedNumbers | undefined> {
  return can('calls:read') ? (await api.send<CountedNumbers>('GET', '/calls/summary')).body : undefined
}

/** Throws a `PageProblem` where it is not there. */
function inPool({ numbers }: PoolView, number: string): ShownNumber {
  const found = numbers.find((one) => one.number === number)
  if (!found) throw new PageProblem(404, { code: 'number_not_in_pool', title: '', detail: '' })
  return found
}

export default numbers
