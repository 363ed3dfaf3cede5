import type { LightMyRequestResponse } from 'fastify'
import { type Test, test } from 'tap'
import { DRAIN_MS, MAX_POOL_NUMBERS } from '../../src/masking/pool.js'
import { COUNT_PAUSE_MS, FRESH_MS } from '../../src/masking/pool-counts.js'
import { testClock } from '../clocks.js'
import { documentCheck } from '../documented.js'
import { PAIR, webhook } from '../fixtures.js'
import { API, build } from '../helper.js'

const [A, B, C] = ['+919000000011', '+919000000012', '+919000000013'] as const
const NEW = '+919000000021'
const MINUTE = 60_000

/** An instance with a pool of three, a clock, and requests whose replies are held against the API's description. */
async function service(t: Test, environment: Record<string, string> = {}) {
  const clock = testClock()
  const built = await build(t, { ...API.environment, ...environment }, clock)
  const undocumented = await documentCheck(built.app)
  async function ask(method: 'GET' | 'PUT' | 'POST' | 'DELETE', url: string, payload?: object) {
    const request = { method, url: `/v1${url}`, headers: API.headers, ...(payload && { payload }) }
    const reply = await built.app.inject(request)
    t.equal(undocumented(request, reply), undefined)
    return reply
  }
  const open = async (first: number, second: number, more: object = {}): Promise<SessionReply> => {
    const participants = [first, second].map((n) => ({ number: `98000000${n}` }))
    return (await ask('POST', '/sessions', { participants, ...more })).json()
  }
  return { ...built, clock, ask, open }
}

interface SessionReply {
  readonly id: string
  readonly participants: readonly { readonly masking_number: string }[]
}

const numbersOf = (reply: LightMyRequestResponse) =>
  reply.json().numbers.map(({ number }: { number: string }) => number)

test('the API shows the pool, and how full it was at a stated time', async (t) => {
  const { ask, open, clock } = await service(t)
  const empty = {
    numbers: [A, B, C].map((number) => ({ number, state: 'active', country: 'IN', open_legs: 0 })),
    head_room: 3,
    counted_at: new Date(clock.time).toISOString(),
  }
  t.same((await ask('GET', '/numbers')).json(), empty)

  await open(11, 12)
  t.same((await ask('GET', '/numbers')).json(), empty, 'within a second the same counts serve everybody')
  clock.time += FRESH_MS
  const { numbers, head_room, counted_at } = (await ask('GET', '/numbers')).json()
  t.equal(counted_at, new Date(clock.time).toISOString())
  t.equal(head_room, 2)
  t.equal(
    numbers.reduce((sum: number, { open_legs }: { open_legs: number }) => sum + open_legs, 0),
    2,
  )
})

test('numbers are put into the pool, all or none, and once', async (t) => {
  const { ask } = await service(t)
  const both = { numbers: [{ number: NEW, label: 'rides in Pune' }, { number: '09000000022' }] }
  const added = await ask('POST', '/numbers', both)
  t.equal(added.statusCode, 201)
  t.same(added.json(), {
    numbers: [
      { number: NEW, state: 'active', country: 'IN', label: 'rides in Pune' },
      { number: '+919000000022', state: 'active', country: 'IN' },
    ],
    durable: true,
  })
  const again = await ask('POST', '/numbers', { numbers: [{ number: NEW, label: 'another' }] })
  t.equal(again.statusCode, 200)
  t.match(again.json(), { numbers: [{ number: NEW, label: 'rides in Pune' }] })
  t.equal((await ask('POST', '/numbers', { numbers: [{ number: A }, { number: NEW }] })).statusCode, 200)

  const before = numbersOf(await ask('GET', '/numbers'))
  t.same(before, [A, B, C, NEW, '+919000000022'])
  for (const [number, code] of [
    ['nonsense', 'invalid_masking_number'],
    ['+919', 'invalid_masking_number'],
    [PAIR.FE, 'participant_as_masking_number'],
    // Somebody in Iran who has the same national number as M1.
    ['+989000000001', 'confusable_number'],
  ] as const) {
    const reply = await ask('POST', '/numbers', { numbers: [{ number: '+919000000031' }, { number }] })
    t.match(reply.json(), { code, index: 1 }, number)
    t.notMatch(reply.body, /8888800001/)
  }
  t.same(numbersOf(await ask('GET', '/numbers')), before, 'a mistake in one of them adds none')

  const label = { number: '+919000000031', label: 'for +91 98000-00001' }
  const unfit = await ask('POST', '/numbers', { numbers: [label] })
  t.match(unfit.json(), { code: 'invalid_request', errors: [{ field: 'numbers.0.label' }] })
  t.notMatch(unfit.body, /98000/)
  t.match((await ask('POST', '/numbers', { numbers: [] })).json(), { code: 'invalid_request' })

  const masked = await ask('POST', '/sessions', { participants: [{ number: NEW }, { number: '9800000001' }] })
  t.match(masked.json(), { code: 'masking_number_as_participant' })
})

test('two numbers that the carrier could spell alike are not both in the pool', async (t) => {
  const { ask } = await service(t, { DEFAULT_COUNTRY: 'DK', ALLOWED_COUNTRIES: 'DK,NO' })
  t.equal((await ask('POST', '/numbers', { numbers: [{ number: '+4532123456' }] })).statusCode, 201)
  // The same national number in Norway.
  const same = { number: '+4732123456' }
  t.match((await ask('POST', '/numbers', { numbers: [same] })).json(), {
    code: 'confusable_number',
    index: 0,
  })
  const two = [{ number: '+4533123456' }, { number: '+4733123456' }]
  t.match((await ask('POST', '/numbers', { numbers: two })).json(), { code: 'confusable_number', index: 1 })
})

test('a pool does not grow without bounds', async (t) => {
  const { app, ask } = await service(t)
  const many = Array.from({ length: MAX_POOL_NUMBERS - 1 }, (_, i) => ({
    number: String(919100000000 + i),
    state: 'active' as const,
  }))
  await app.pool.change(() => many)
  t.equal((await ask('POST', '/numbers', { numbers: [{ number: A }] })).statusCode, 201)
  t.match((await ask('POST', '/numbers', { numbers: [{ number: B }] })).json(), { code: 'pool_full' })
})

test('a new number of another country lets people of that country be participants', async (t) => {
  const { ask } = await service(t)
  const session = { participants: [{ number: '+97150 123 4567' }, { number: '+971501234568' }] }
  t.match((await ask('POST', '/sessions', session)).json(), { code: 'country_not_allowed' })
  const added = await ask('POST', '/numbers', { numbers: [{ number: '+97142345678' }] })
  t.match(added.json(), { numbers: [{ country: 'AE' }] })
  t.equal((await ask('POST', '/sessions', session)).statusCode, 201)
})

test('a number drains and is given again, and has a label', async (t) => {
  const { ask, clock } = await service(t)
  const since = new Date(clock.time).toISOString()
  for (const spelling of [A, '%2B91%2090000%2000011', '09000000011']) {
    const reply = await ask('PUT', `/numbers/${spelling}`, { state: 'draining' })
    const draining = { state: 'draining', draining_since: since }
    t.same(reply.json(), { number: A, country: 'IN', ...draining, durable: true }, spelling)
    clock.time += 1_000
  }
  const labelled = await ask('PUT', `/numbers/${A}`, { label: 'old' })
  t.match(labelled.json(), { state: 'draining', label: 'old', draining_since: since })
  t.match((await ask('GET', '/numbers')).json(), { numbers: [{ state: 'draining', label: 'old' }, {}] })
  t.same((await ask('PUT', `/numbers/${A}`, { state: 'active', label: '' })).json(), {
    number: A,
    state: 'active',
    country: 'IN',
    durable: true,
  })

  for (const other of [`+${PAIR.M1}`, '+919800000001', 'nonsense']) {
    for (const reply of [
      await ask('PUT', `/numbers/${other}`, { state: 'draining' }),
      await ask('DELETE', `/numbers/${other}`),
    ]) {
      t.match(reply.json(), { status: 404, code: 'number_not_in_pool' })
      t.notMatch(reply.body, /9800000001/)
    }
  }
  const wrong = await ask('PUT', `/numbers/${A}`, { state: 'gone' })
  t.match(wrong.json(), { code: 'invalid_request', errors: [{ field: 'state' }] })
  t.match((await ask('PUT', `/numbers/${A}`, {})).json(), { code: 'invalid_request' })
  t.match((await ask('PUT', `/numbers/${A}`, { label: '9800000001' })).json(), { code: 'invalid_request' })
})

test('a number leaves the pool once nobody can need it, and says until then why not', async (t) => {
  const { ask, open, clock, app } = await service(t, { MASKING_NUMBERS: A, NUMBER_REST: '3600' })
  const remove = () => ask('DELETE', `/numbers/${A}`)
  const at = (time: number) => new Date(time).toISOString()
  const { id } = await open(11, 12, { expires_in: 86_400 })
  t.match((await remove()).json(), { status: 409, code: 'number_in_use', reason: 'not_draining' })

  await ask('PUT', `/numbers/${A}`, { state: 'draining' })
  t.match((await remove()).json(), {
    reason: 'just_drained',
    free_at: at(clock.time + DRAIN_MS),
    detail: `Wait until ${at(clock.time + DRAIN_MS)}: until then an instance may still give it.`,
  })
  clock.time += DRAIN_MS
  t.match((await remove()).json(), { reason: 'open_legs', open_legs: 2, free_at: null })

  await ask('POST', `/sessions/${id}/close`)
  const closed = clock.time
  clock.time += MINUTE
  const free = at(closed + 60 * MINUTE)
  t.match((await remove()).json(), { reason: 'resting_legs', open_legs: 0, free_at: free })
  clock.time = closed + 60 * MINUTE - 1
  t.match((await remove()).json(), { reason: 'resting_legs' })
  clock.time += 1

  await ask('PUT', `/numbers/${A}`, { state: 'active' })
  t.match((await remove()).json(), { reason: 'not_draining' }, 'given again, it has to drain again')
  await ask('PUT', `/numbers/${A}`, { state: 'draining' })
  clock.time += DRAIN_MS
  const call = webhook({ From: '919800000011', To: A.slice(1), Event: 'StartApp', CallUUID: 'one' })
  t.match((await app.inject(call)).body, /not authorised/)
  t.match((await remove()).json(), { number: A, state: 'draining' })
  t.same(numbersOf(await ask('GET', '/numbers')), [])
  t.match((await remove()).json(), { code: 'number_not_in_pool' })
  t.match(
    (
      await ask('POST', '/sessions', { participants: [{ number: '9800000013' }, { number: '9800000014' }] })
    ).json(),
    {
      code: 'pool_exhausted',
    },
  )
})

test('a change that only one server of the store has is told as such, until more have it', async (t) => {
  const { app, ask, clock } = await service(t)
  const { storage } = app.storages
  const { confirm } = storage
  Object.assign(storage, { confirm: async () => false })
  const body = { numbers: [{ number: NEW }] }
  const replies = async () => [
    await ask('POST', '/numbers', body),
    await ask('PUT', `/numbers/${A}`, { state: 'draining' }),
  ]
  for (const reply of await replies()) t.match(reply, { statusCode: 202, body: /"durable":false/ })
  clock.time += DRAIN_MS
  t.match(await ask('DELETE', `/numbers/${A}`), { statusCode: 202, body: /"durable":false/ })
  await ask('POST', '/numbers', { numbers: [{ number: A }] })
  Object.assign(storage, { confirm })
  for (const reply of await replies()) t.match(reply, { statusCode: 200, body: /"durable":true/ })
})

test('a number that is given again while it is looked for stays in the pool', async (t) => {
  const { app, ask, clock } = await service(t, { MASKING_NUMBERS: A })
  await ask('PUT', `/numbers/${A}`, { state: 'draining' })
  clock.time += DRAIN_MS
  const { storage } = app.storages
  const { all } = storage
  Object.assign(storage, {
    async *all(kind: string) {
      await ask('PUT', `/numbers/${A}`, { state: 'active' })
      yield* all(kind)
    },
  })
  t.match((await ask('DELETE', `/numbers/${A}`)).json(), { reason: 'not_draining' })
  t.same(numbersOf(await ask('GET', '/numbers')), [A])
})

test('a number that expired sessions had leaves when it has rested, also where nobody closed them', async (t) => {
  const { ask, open, clock } = await service(t, { MASKING_NUMBERS: A, NUMBER_REST: '0' })
  await open(11, 12, { expires_in: 3_600 })
  await ask('PUT', `/numbers/${A}`, { state: 'draining' })
  clock.time += 60 * MINUTE - 1
  t.match((await ask('DELETE', `/numbers/${A}`)).json(), { reason: 'open_legs' })
  clock.time += 1
  t.equal((await ask('DELETE', `/numbers/${A}`)).statusCode, 200)
})

test('what is done with numbers needs its scope and is in the audit trail, without a number', async (t) => {
  const { ask, app, audited } = await service(t)
  await ask('POST', '/numbers', { numbers: [{ number: NEW }] })
  await ask('PUT', `/numbers/${NEW}`, { state: 'draining' })
  await ask('DELETE', `/numbers/${NEW}`)
  const told = audited().map((line) => JSON.parse(line))
  t.match(
    told.filter(({ event, operation }) => event === 'request' && /Number/.test(operation)),
    [
      { operation: 'addNumbers', status: 201 },
      { operation: 'changeNumber', status: 200 },
      { operation: 'removeNumber', status: 409, code: 'number_in_use' },
    ],
  )
  t.notMatch(audited().join(), /9000000021/)
  for (const method of ['POST', 'PUT', 'DELETE'] as const) {
    const url = method === 'POST' ? '/v1/numbers' : `/v1/numbers/${A}`
    t.equal((await app.inject({ method, url })).statusCode, 401)
  }
})

test('with very many people the pool is shown from counts that the upkeep makes', async (t) => {
  const { app, ask, clock } = await service(t, { MASKING_NUMBERS: A })
  const { storage } = app.storages
  const until = Number.POSITIVE_INFINITY
  for (let i = 0; i < 9_000; i++) {
    await storage.swap({ key: { kind: 'book', secret: String(i) }, was: undefined, value: [], until })
  }
  const unknown = { numbers: [{ number: A, open_legs: null }], head_room: null, counted_at: null }
  t.match((await ask('GET', '/numbers')).json(), unknown)
  const begun = new Date(clock.time).toISOString()
  let ticks = 0
  while ((await ask('GET', '/numbers')).json().counted_at === null) {
    await clock.tick()
    clock.time += 1_000
    ticks += 1
  }
  t.equal(ticks, 3, 'a bounded piece with each')
  const known = { numbers: [{ number: A, open_legs: 0 }], head_room: 1, counted_at: begun }
  t.match((await ask('GET', '/numbers')).json(), known)
  clock.time += COUNT_PAUSE_MS / 2
  t.match((await ask('GET', '/numbers')).json(), known)
})

test('a number stays in the pool while there are sessions that this instance cannot read', async (t) => {
  const { app, ask, clock } = await service(t)
  await ask('PUT', `/numbers/${A}`, { state: 'draining' })
  clock.time += DRAIN_MS
  const { storage } = app.storages
  const { all } = storage
  storage.all = async function* () {
    yield [{ name: 's_1', value: undefined, unreadable: 'unknown-key', version: 'x' }]
  }
  const refused = await ask('DELETE', `/numbers/${A}`)
  t.match(refused.json(), { status: 409, code: 'number_in_use', reason: 'unreadable' })
  storage.all = all
  t.equal((await ask('DELETE', `/numbers/${A}`)).statusCode, 200)
})
