import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { adding, readLabel, readNewNumbers } from '../src/api/number-request.js'
import {
  ChangedNumbersView,
  ChangedNumberView,
  NewNumbers,
  NumberChange,
  NumberPath,
  PoolView,
} from '../src/api/number-schemas.js'
import { numberView, poolView } from '../src/api/number-view.js'
import { numberInUse, numberNotInPool, ProblemError } from '../src/api/problem.js'
import type { KnownNumber } from '../src/masking/live-pool.js'
import { useOf } from '../src/masking/number-use.js'
import { parsePhoneNumber, wholeNumber } from '../src/masking/phone-number.js'
import { type NumberChange as Change, changed, DRAIN_MS, type PoolNumber } from '../src/masking/pool.js'

const NOT_DURABLE =
  'It holds, but only one server of the store has it yet. It is confirmed in the background: repeat the request to see whether it is.'

/** The pool: what is in it, how full it is, and how numbers come and go. */
const numbers: FastifyPluginAsyncTypebox = async (app) => {
  const { config, maskingNumbers, pool } = app
  const { storage } = app.storages
  const reader = {
    country: config.DEFAULT_COUNTRY,
    others: maskingNumbers.ofPair,
    people: maskingNumbers.fixed.map(({ caller }) => caller),
  }

  app.get(
    '/numbers',
    {
      schema: {
        operationId: 'listNumbers',
        tags: ['Numbers'],
        summary: 'Show the pool',
        description:
          'The service counts in the background, which may take minutes with millions of people: counted_at says as of when.',
        response: { 200: PoolView },
      },
      config: {
        operation: {
          scope: 'sessions:read',
          replies: { 200: 'All its numbers.' },
          problems: ['store_unavailable'],
        },
      },
    },
    async () => {
      const [{ numbers }, counts] = await Promise.all([pool.look(), app.poolCounter.counts()])
      return poolView(numbers, counts)
    },
  )

  app.post(
    '/numbers',
    {
      schema: {
        operationId: 'addNumbers',
        tags: ['Numbers'],
        summary: 'Put numbers into the pool',
        description:
          'All of them or none. One that is there stays as it is. All instances know them two seconds later, and sooner where somebody dials one.',
        body: NewNumbers,
        response: { 200: ChangedNumbersView, 201: ChangedNumbersView, 202: ChangedNumbersView },
      },
      config: {
        operation: {
          scope: 'numbers:write',
          replies: {
            201: 'They are in the pool.',
            200: 'All of them were in the pool before.',
            202: NOT_DURABLE,
          },
          problems: [
            'invalid_masking_number',
            'participant_as_masking_number',
            'confusable_number',
            'pool_full',
            'store_unavailable',
          ],
        },
      },
    },
    async ({ body }, reply) => {
      const wanted = readNewNumbers(body, reader)
      const { before, after, durable } = await pool.change(adding(wanted))
      const named = new Set(wanted.map(({ split }) => wholeNumber(split)))
      const shown = pool.seen.numbers.filter(({ number }) => named.has(number))
      const code = after === before ? 200 : 201
      return reply.code(durable ? code : 202).send({ numbers: shown.map(numberView), durable })
    },
  )

  app.put(
    '/numbers/:number',
    {
      schema: {
        operationId: 'changeNumber',
        tags: ['Numbers'],
        summary: 'Let a number drain or be given again, or label it',
        params: NumberPath,
        body: NumberChange,
        response: { 200: ChangedNumberView, 202: ChangedNumberView },
      },
      config: {
        operation: {
          scope: 'numbers:write',
          replies: { 200: 'It is so from now on.', 202: NOT_DURABLE },
          problems: ['number_not_in_pool', 'store_unavailable'],
        },
      },
    },
    async ({ params, body: { state, label } }, reply) => {
      const change: Change = {
        state,
        ...(label !== undefined && { label: readLabel(label, 'label') ?? '' }),
      }
      const number = wholeOf(params.number)
      const { durable } = await pool.change((numbers) => {
        inPool(numbers, number)
        return changed(numbers, number, change, storage.now())
      })
      const shown = numberView(inPool(pool.seen.numbers, number))
      return reply.code(durable ? 200 : 202).send({ ...shown, durable })
    },
  )

  app.delete(
    '/numbers/:number',
    {
      schema: {
        operationId: 'removeNumber',
        tags: ['Numbers'],
        summary: 'Take a number out of the pool',
        description:
          'Refused while anybody may need it: set it draining first. The service looks through all sessions, which takes seconds where there are very many.',
        params: NumberPath,
        response: { 200: ChangedNumberView, 202: ChangedNumberView },
      },
      config: {
        operation: {
          scope: 'numbers:write',
          replies: { 200: 'It is gone.', 202: NOT_DURABLE },
          problems: ['number_not_in_pool', 'number_in_use', 'store_unavailable'],
        },
      },
    },
    async ({ params }, reply) => {
      const { numbers } = await pool.look()
      const number = inPool(numbers, wholeOf(params.number))
      refuseGiven(number)
      await refuseUsed(number)
      const { durable } = await pool.change((numbers) => {
        // Somebody may have set it active again meanwhile.
        const now = inPool(numbers, number.number)
        refuseGiven(now)
        return numbers.filter((other) => other !== now)
      })
      return reply.code(durable ? 200 : 202).send({ ...numberView(number), durable })
    },
  )

  function wholeOf(text: string): string | undefined {
    const named = parsePhoneNumber(text, config.DEFAULT_COUNTRY)
    return named && wholeNumber(named)
  }

  function refuseGiven({ state, drainingSince = 0 }: PoolNumber): void {
    if (state !== 'draining') throw new ProblemError(numberInUse('not_draining'))
    const freeAt = drainingSince + DRAIN_MS
    if (storage.now() < freeAt) throw new ProblemError(numberInUse('just_drained', { freeAt }))
  }

  async function refuseUsed({ number }: KnownNumber): Promise<void> {
    const use = await useOf({ storage, number, restMs: config.NUMBER_REST * 1_000 })
    const { openLegs, restingLegs, restedAt: freeAt, unreadable } = use
    if (openLegs > 0) throw new ProblemError(numberInUse('open_legs', { openLegs }))
    if (restingLegs > 0) throw new ProblemError(numberInUse('resting_legs', { openLegs, freeAt }))
    if (unreadable > 0) throw new ProblemError(numberInUse('unreadable'))
  }
}

/** The number of the pool that is meant. */
function inPool<Of extends PoolNumber>(numbers: readonly Of[], whole: string | undefined): Of {
  const number = numbers.find(({ number }) => number === whole)
  if (!number) throw new ProblemError(numberNotInPool)
  return number
}

export default numbers
