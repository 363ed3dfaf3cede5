import { type Test, test } from 'tap'
import { connectedKey } from '../../src/calls/admission.js'
import { recordKey } from '../../src/masking/keys.js'
import { SAMPLE_MS } from '../../src/sampler.js'
import { testClock } from '../clocks.js'
import { documentCheckOnce } from '../documented.js'
import { lines, PAIR, webhook } from '../fixtures.js'
import { API, build as buildService } from '../helper.js'

const RIDER = '+919800000001'
const DRIVER = '+919800000002'
const OTHER = '+919800000003'
const DAY = 24 * 60 * 60 * 1_000

const checkOf = documentCheckOnce()

async function build(t: Test, environment = {}) {
  const clock = testClock()
  const built = await buildService(t, { ...API.environment, ...environment }, clock)
  const undocumented = await checkOf(built.app)
  async function ask(url: string, payload: object, method: 'POST' | 'PATCH' = 'POST') {
    const request = { method, url: `/v1${url}`, headers: API.headers, payload } as const
    const reply = await built.app.inject(request)
    t.equal(undocumented(request, reply), undefined)
    t.notMatch(reply.body, /98000000/, 'no reply has a real number')
    return reply
  }
  return {
    ...built,
    clock,
    ask,
    open: async (...numbers: string[]) =>
      (await ask('/sessions', { participants: numbers.map((number) => ({ number })) })).json(),
  }
}

test('search finds a person in any spelling, in open and ended sessions and where they were replaced', async (t) => {
  const { ask, open, clock } = await build(t)
  const first = await open(RIDER, DRIVER)
  await ask(`/sessions/${first.id}/close`, {})
  clock.time += 1_000
  const second = await open(DRIVER, RIDER)
  clock.time += 1_000
  const third = await open(RIDER, OTHER)
  await ask(`/sessions/${third.id}`, { participants: [{ number: '+919800000009' }, {}] }, 'PATCH')
  await open(DRIVER, OTHER)
  for (const number of ['98000 00001', '09800000001', '0091 9800000001', 'tel:+91-98000-00001']) {
    const reply = await ask('/sessions/search', { number })
    t.match(reply.json(), {
      sessions: [
        { id: third.id, status: 'open', participant: null },
        { id: second.id, status: 'open', participant: 1 },
        { id: first.id, status: 'closed', participant: 0 },
      ],
      more: false,
    })
  }
  t.match((await ask('/sessions/search', { number: RIDER, limit: 2 })).json(), {
    sessions: [{ id: third.id }, { id: second.id }],
    more: true,
  })
  t.same((await ask('/sessions/search', { number: '+919800000077' })).json(), { sessions: [], more: false })
})

test('erase closes and forgets, answers with a receipt, and a second time finds nothing', async (t) => {
  const { ask, open, app } = await build(t)
  const { id } = await open(RIDER, DRIVER)
  const other = await open(DRIVER, OTHER)
  const reply = await ask('/people/erase', { number: '98000 00001' })
  t.equal(reply.statusCode, 200)
  t.same(reply.json(), {
    erased_at: '2100-01-01T00:00:00.000Z',
    removed: {
      sessions: 1,
      closed: 1,
      calls: 0,
      replaced: 0,
      books: 1,
      mentions: 1,
      keys: 0,
      list_entries: 1,
    },
    unreadable: 0,
    durable: true,
  })
  t.same((await ask('/sessions/search', { number: RIDER })).json().sessions, [])
  t.match((await ask('/sessions/search', { number: DRIVER })).json().sessions, [{ id: other.id }])
  t.equal((await app.inject({ url: `/v1/sessions/${id}`, headers: API.headers })).statusCode, 404)
  t.match((await ask('/people/erase', { number: RIDER })).json().removed, { sessions: 0, books: 0 })
})

test('erase forgets the calls of the person’s sessions, also those that are under way', async (t) => {
  const { ask, open, app, clock } = await build(t, {
    SESSION_MAX_CALLS: '9',
    PUBLIC_BASE_URL: 'https://m.example',
  })
  const { id, participants } = await open(RIDER, DRIVER)
  const other = await open(DRIVER, OTHER)
  const [first, second, third] = [1, 2, 3].map((n) => `5d1b7c1e-5a51-4f0e-9a3e-00000000000${n}`)
  const call = async (CallUUID: unknown, from: string, to: string) => {
    const { body } = await app.inject(webhook({ CallUUID: String(CallUUID), From: from, To: to }))
    await new Promise((resolve) => setImmediate(resolve))
    return String(/action="https:\/\/m.example([^"]*)"/.exec(body)?.[1])
  }
  const action = await call(first, RIDER, participants[0].masking_number)
  await call(second, DRIVER, participants[1].masking_number)
  await call(third, DRIVER, other.participants[0].masking_number)
  clock.time += 1_000
  t.match((await ask('/people/erase', { number: RIDER })).json().removed, { sessions: 1, calls: 2 })
  const kept = async () => (await app.calls.list({ limit: 9 })).calls.map(({ id }) => id)
  t.same(await kept(), [third])
  t.same(await app.storages.storage.read([connectedKey(id)]), [undefined])

  const told = webhook({ CallUUID: String(first), DialStatus: 'completed' })
  t.equal((await app.inject({ ...told, url: action })).statusCode, 200)
  t.same(await kept(), [third], 'what is told of them later does not bring them back')
  t.match((await ask('/people/erase', { number: RIDER })).json().removed, { sessions: 0, calls: 0 })
})

test('an erasure that only one server knows of is answered with 202', async (t) => {
  const { ask, app } = await build(t)
  app.storages.storage.confirm = async () => false
  const reply = await ask('/people/erase', { number: RIDER })
  t.equal(reply.statusCode, 202)
  t.match(reply.json(), { durable: false })
})

test('what names no person is refused, and so is the erasure of who stands in the configuration', async (t) => {
  const { ask } = await build(t, PAIR)
  for (const url of ['/sessions/search', '/people/erase']) {
    t.match((await ask(url, { number: 'nobody' })).json(), { status: 422, code: 'invalid_number' })
    t.match((await ask(url, { number: '919000000011' })).json(), { code: 'masking_number_as_participant' })
    t.match((await ask(url, { number: PAIR.M1 })).json(), { code: 'masking_number_as_participant' })
    t.match((await ask(url, {})).json(), { code: 'invalid_request', errors: [{ field: 'number' }] })
  }
  t.match((await ask('/people/erase', { number: PAIR.FE })).json(), {
    status: 409,
    code: 'person_of_configuration',
  })
  t.match((await ask('/sessions/search', { number: PAIR.FE })).json(), { sessions: [] })
})

test('who asks about a person leaves a line in the audit trail, which has no number', async (t) => {
  const { ask, open, audited, logged } = await build(t)
  await open(RIDER, DRIVER)
  await ask('/sessions/search', { number: RIDER })
  await ask('/people/erase', { number: RIDER })
  const entries = audited().map((line) => JSON.parse(line))
  for (const operation of ['searchSessions', 'erasePerson'])
    t.match(
      entries.find((entry) => entry.operation === operation),
      { event: 'request', status: 200 },
    )
  t.notMatch(audited().join(''), /98000000/)
  t.notMatch(logged(), /98000000/)
})

test('what a search and an erasure cannot read is told of in the log, without a number', async (t) => {
  const { ask, open, app, clock, logged } = await build(t)
  const { id } = await open(RIDER, DRIVER)
  const { storage } = app.storages
  const { read } = storage
  const record = recordKey(id)
  const isRecord = (key: object) => JSON.stringify(key) === JSON.stringify(record)
  storage.read = async (keys) =>
    (await read(keys)).map((kept, i) =>
      isRecord(keys[i] as object) ? { value: undefined, unreadable: 'altered', version: '' } : kept,
    )
  storage.all = async function* (kind) {
    yield kind === record.kind ? [{ value: undefined, unreadable: 'altered', version: '', name: id }] : []
  }
  t.same((await ask('/sessions/search', { number: RIDER })).json().sessions, [])
  clock.runOut(SAMPLE_MS)
  t.match((await ask('/people/erase', { number: OTHER })).json(), { unreadable: 1 })
  const warning = { level: 'warn', reason: 'altered', msg: 'a record that cannot be read is passed over' }
  // Neither can what is to be told of it.
  const said = lines(logged()).filter(({ msg }) => msg !== 'what cannot be read is not told to the business')
  t.match(said, [warning, warning])
  t.notMatch(logged(), /98000000/)
})

test('a search and an erasure have the limit of explain', async (t) => {
  const { app } = await build(t, { EXPLAIN_RATE: '1' })
  const ask = (url: string) =>
    app.inject({ method: 'POST', url: `/v1${url}`, headers: API.headers, payload: { number: RIDER } })
  t.match((await ask('/people/erase')).headers, { 'ratelimit-policy': /"explain";q=30/ })
  for (let i = 0; i < 29; i += 1) await ask('/sessions/search')
  t.equal((await ask('/sessions/search')).statusCode, 429)
  t.equal((await ask('/people/erase')).statusCode, 429)
})

test('a session is remembered for SESSION_RETENTION, and its rest for as long as it lasts', async (t) => {
  for (const [environment, days] of [
    [{ SESSION_RETENTION: '86400', NUMBER_REST: '0' }, 1],
    [{ SESSION_RETENTION: '172800', NUMBER_REST: '3600' }, 2],
    [{ SESSION_RETENTION: '86400', NUMBER_REST: '259200' }, 3],
  ] as const) {
    const { ask, open, clock } = await build(t, environment)
    const { id } = await open(RIDER, DRIVER)
    await ask(`/sessions/${id}/close`, {})
    clock.time += days * DAY - 1
    t.match((await ask('/sessions/search', { number: RIDER })).json().sessions, [{ id }])
    clock.time += 1
    t.same((await ask('/sessions/search', { number: RIDER })).json().sessions, [])
    t.equal((await ask(`/sessions/${id}/close`, {})).statusCode, 404)
  }
})
