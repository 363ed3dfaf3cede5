import type { FastifyInstance, InjectOptions } from 'fastify'
import { type Test, test } from 'tap'
import {
  CreateSession,
  MAX_EXTERNAL_ID,
  MAX_METADATA_KEY,
  MAX_METADATA_KEYS,
  MAX_METADATA_VALUE,
  MAX_NUMBER_TEXT,
} from '../../src/api/session-schemas.js'
import { DAYS, MAX_PROMPT } from '../../src/masking/call-options.js'
import { MAX_SESSION_SECONDS, MIN_SESSION_SECONDS } from '../../src/masking/session.js'
import { testClock } from '../clocks.js'
import { documentCheckOnce } from '../documented.js'
import { lines, webhook } from '../fixtures.js'
import { API, build as buildService } from '../helper.js'

const RIDER = '+919800000001'
const DRIVER = '+919800000002'
const OTHER = '+919800000003'

interface View {
  readonly id: string
  readonly status: string
  readonly participants: [{ masking_number: string; hint: string }, { masking_number: string; hint: string }]
  readonly expires_at: string
}

const checkOf = documentCheckOnce()

async function build(t: Test, environment = {}) {
  const clock = testClock()
  const { app, logged } = await buildService(t, { ...API.environment, ...environment }, clock)
  const undocumented = await checkOf(app)
  return {
    app,
    logged,
    clock,
    async ask(options: InjectOptions) {
      const reply = await app.inject({ ...options, headers: { ...API.headers, ...options.headers } })
      // The description cannot cover paths that do not exist.
      const isNowhere = reply.statusCode === 404 && reply.json().code === 'not_found'
      if (!isNowhere) t.equal(undocumented(options, reply), undefined)
      return reply
    },
  }
}

type Ask = Awaited<ReturnType<typeof build>>['ask']

const pair = (first: unknown = RIDER, second: unknown = DRIVER) => ({
  participants: [{ number: first }, { number: second }],
})
const create = (ask: Ask, payload: object = pair(), headers = {}) =>
  ask({ method: 'POST', url: '/v1/sessions', payload, headers })
const patch = (ask: Ask, id: string, payload: object) =>
  ask({ method: 'PATCH', url: `/v1/sessions/${id}`, payload })

const hears = async (app: FastifyInstance, from: string, to: string) => {
  const { body } = await app.inject(webhook({ From: from.slice(1), To: `0${to.slice(3)}` }))
  return /<Number>(.*)<\/Number>/.exec(body)?.[1] ?? /<Speak>(.*)<\/Speak>/.exec(body)?.[1]
}

test('a session connects its participants until it is closed', async (t) => {
  const { app, ask, clock } = await build(t)
  const created = await create(ask, {
    ...pair('098000 00001', '919800000002'),
    metadata: { order: '42' },
    external_id: 'order-42',
  })
  t.equal(created.statusCode, 201)
  t.equal(created.headers['content-type'], 'application/json; charset=utf-8')
  const { durable, ...session }: View & { durable: boolean } = created.json()
  t.equal(durable, true)
  const [rider, driver] = session.participants
  t.match(session, {
    id: /^s_[\w-]{22}$/,
    status: 'open',
    participants: [{ hint: '…01' }, { hint: '…02' }],
    created_at: '2100-01-01T00:00:00.000Z',
    expires_at: '2100-01-02T00:00:00.000Z',
    external_id: 'order-42',
    metadata: { order: '42' },
  })
  t.notOk('closed_at' in session || 'rested_for' in rider)

  t.equal(await hears(app, RIDER, rider.masking_number), DRIVER)
  t.equal(await hears(app, DRIVER, driver.masking_number), RIDER)
  t.equal(
    await hears(app, OTHER, rider.masking_number),
    'Sorry, this number is not authorised for your account.',
  )

  t.same((await ask({ url: `/v1/sessions/${session.id}` })).json(), session)
  clock.time += 5_000
  const closed = await ask({ method: 'POST', url: `/v1/sessions/${session.id}/close` })
  t.match(closed, { statusCode: 200 })
  t.match(closed.json(), { id: session.id, status: 'closed', closed_at: '2100-01-01T00:00:05.000Z' })
  t.same(
    (await ask({ method: 'POST', url: `/v1/sessions/${session.id}/close` })).json(),
    closed.json(),
    'idempotent',
  )
  t.equal(
    await hears(app, RIDER, rider.masking_number),
    'Sorry, this number is not authorised for your account.',
    'the same as a stranger',
  )
  t.equal(
    await hears(app, OTHER, rider.masking_number),
    'Sorry, this number is not authorised for your account.',
  )
})

test('under one key the same request gets the same session, another request gets a conflict', async (t) => {
  const { ask } = await build(t)
  const hours = { days: ['mon'], from: '09:00', to: '18:00', time_zone: 'Asia/Kolkata' }
  const call = { ring_timeout: 20, hours }
  const first = await create(ask, { ...pair(), external_id: 'order-1', metadata: { a: '1', b: '2' }, call })
  const again = await create(ask, {
    call: { hours: Object.fromEntries(Object.entries(hours).reverse()), ring_timeout: 20 },
    metadata: { b: '2', a: '1' },
    external_id: 'order-1',
    ...pair('9800000001', '09800000002'),
  })
  t.match([first.statusCode, again.statusCode], [201, 200])
  t.same(again.json(), first.json(), 'in any spelling and order')
  const others = [
    { ...pair() },
    { ...pair(), metadata: { a: '1', b: '3' }, call },
    { ...pair(), metadata: { a: '1', b: '2' } },
    { ...pair(), metadata: { a: '1', b: '2' }, call: { ...call, ring_timeout: 21 } },
    { ...pair(), metadata: { a: '1', b: '2' }, call, expires_in: 100 },
    { ...pair(DRIVER, RIDER), metadata: { a: '1', b: '2' }, call },
    { ...pair(RIDER, OTHER), metadata: { a: '1', b: '2' }, call },
  ]
  for (const payload of others) {
    const reply = await create(ask, { ...payload, external_id: 'order-1' })
    t.match([reply.statusCode, reply.json().code], [409, 'idempotency_conflict'])
  }
  const key = { 'idempotency-key': 'a key, of any kind' }
  const keyed = await create(ask, pair(RIDER, OTHER), key)
  t.match([(await create(ask, pair(RIDER, OTHER), key)).json().id, keyed.statusCode], [keyed.json().id, 201])
  t.match((await create(ask, pair(DRIVER, OTHER), key)).json(), { code: 'idempotency_conflict' })
})

test('an external_id is free once its session is over, an Idempotency-Key is not', async (t) => {
  const { ask, clock } = await build(t)
  const named = { ...pair(), external_id: 'order-1' }
  const first = (await create(ask, named, { 'idempotency-key': 'k-1' })).json()
  await ask({ method: 'POST', url: `/v1/sessions/${first.id}/close` })
  const replayed = await create(ask, named, { 'idempotency-key': 'k-1' })
  t.match([replayed.statusCode, replayed.json()], [200, { id: first.id, status: 'closed' }])
  clock.time += 1_000
  const second = await create(ask, { ...pair(RIDER, OTHER), external_id: 'order-1' })
  t.equal(second.statusCode, 201)
  t.equal((await create(ask, named)).json().code, 'idempotency_conflict', 'while the session is open')
  t.match((await ask({ url: `/v1/sessions/${first.id}` })).json(), { id: first.id, external_id: 'order-1' })
  const list = async (query: string) =>
    (await ask({ url: `/v1/sessions?external_id=order-1&${query}` })).json()
  t.match(await list(''), { sessions: [{ id: second.json().id }, { id: first.id }], next_cursor: null })
  const page = await list('limit=1')
  t.match(await list(`limit=1&cursor=${page.next_cursor}`), { sessions: [{ id: first.id }] })
  t.match(await list('status=open'), { sessions: { length: 1 } })
})

test('a session lasts as long as the request says within the limits, by default SESSION_TTL', async (t) => {
  const { ask, clock } = await build(t, {
    SESSION_TTL: '7200',
    MASKING_NUMBERS: API.environment.MASKING_NUMBERS,
  })
  const expiry = async (body: object) => {
    clock.time += 8 * 24 * 60 * 60 * 1_000
    const reply = await create(ask, { ...pair(), ...body })
    const { expires_at: expiresAt, code, status } = reply.json()
    return expiresAt ? (Date.parse(expiresAt) - clock.time) / 1_000 : `${status} ${code}`
  }
  const at = (seconds: number) => ({
    expires_at: new Date(clock.time + 8 * 24 * 60 * 60 * 1_000 + seconds * 1_000).toISOString(),
  })
  t.equal(await expiry({}), 7_200)
  t.equal(await expiry({ expires_in: MIN_SESSION_SECONDS }), 60)
  t.equal(await expiry(at(60)), 60)
  t.equal(await expiry(at(MAX_SESSION_SECONDS + 1)), '422 invalid_expiry')
  t.equal(await expiry(at(59)), '422 invalid_expiry')
  t.equal(await expiry({ expires_in: 59 }), '400 invalid_request')
  t.equal(await expiry({ expires_in: MAX_SESSION_SECONDS + 1 }), '400 invalid_request')
  t.equal(await expiry({ expires_at: 'tomorrow' }), '400 invalid_request')
  t.equal(await expiry({ ...at(3_600), expires_in: 3_600 }), '422 two_expiries')
  t.equal(await expiry({ expires_in: MAX_SESSION_SECONDS }), MAX_SESSION_SECONDS)
  t.equal(MAX_SESSION_SECONDS, 180 * 24 * 60 * 60)
})

test('numbers that cannot be a participant’s are refused with the reason', async (t) => {
  const { ask } = await build(t)
  const cases: [unknown, string][] = [
    ['nonsense', 'invalid_number'],
    ['+91 98000 0000', 'invalid_number'],
    ['+266696687', 'invalid_number'],
    ['112', 'emergency_number'],
    ['100', 'emergency_number'],
    ['911', 'emergency_number'],
    ['1098', 'short_code'],
    ['+91112', 'short_code'],
    ['+441632', 'short_code'],
    ['+449061231234', 'premium_number'],
    ['+19002345678', 'premium_number'],
    ['+919000000011', 'masking_number_as_participant'],
    ['09000000001', 'masking_number_as_participant'],
    ['1800 123 4567', 'toll_free_number'],
    ['+1 800 555 1234', 'toll_free_number'],
    ['+800 1234 5678', 'toll_free_number'],
    ['tel:+918001234567;ext=1', 'invalid_number'],
    ['+14155552671', 'country_not_allowed'],
    ['+870773111632', 'country_not_allowed'],
  ]
  for (const [number, code] of cases) {
    for (const participant of [0, 1]) {
      const reply = await create(ask, participant === 0 ? pair(number, DRIVER) : pair(RIDER, number))
      t.match(
        reply.json(),
        { status: 422, code, participant, type: `urn:callmask:problem:${code}` },
        `${number}`,
      )
      t.equal(reply.headers['content-type'], 'application/problem+json; charset=utf-8')
    }
  }
  t.match((await create(ask, pair(RIDER, '098000 00001'))).json(), {
    status: 422,
    code: 'equal_participants',
  })
})

test('a participant must be of a country of the pool, or of one that ALLOWED_COUNTRIES lists', async (t) => {
  const american = '+14155552671'
  const canadian = '+14165550123'
  const satellite = '+870773111632'
  const cases: [pool: string, allowed: string, fit: string[], unfit: string[], countries: string[]][] = [
    ['+919000000011', '', [RIDER], [american, satellite], ['IN']],
    ['+919000000011,+12015550123', '', [RIDER, american], [canadian, satellite], ['IN', 'US']],
    ['+12015550123', '', [american], [RIDER, canadian], ['US']],
    ['+919000000011', 'US,CA', [american, canadian], [RIDER], ['CA', 'US']],
    ['+919000000011', 'IN, 001', [RIDER, satellite], [american], ['001', 'IN']],
    ['+870773111699,+919000000011', '', [RIDER, satellite], [american], ['001', 'IN']],
  ]
  for (const [MASKING_NUMBERS, ALLOWED_COUNTRIES, fit, unfit, countries] of cases) {
    const { ask } = await build(t, { MASKING_NUMBERS, ALLOWED_COUNTRIES })
    const what = `${MASKING_NUMBERS} ${ALLOWED_COUNTRIES}`
    const friends = fit[0] === RIDER ? ['+919800000007', '+919800000008'] : ['+14155552677', '+14155552678']
    const [friend = ''] = friends
    const created = await Promise.all(fit.map((number, i) => create(ask, pair(number, friends[i]))))
    t.same(
      created.map(({ statusCode }) => statusCode),
      fit.map(() => 201),
      `${fit}: ${what}`,
    )
    const id = created[0]?.json().id
    for (const number of unfit) {
      const problem = {
        status: 422,
        code: 'country_not_allowed',
        allowed_countries: countries,
        detail: /2070.*ALLOWED_COUNTRIES/,
      }
      const refused = await create(ask, pair(friend, number))
      t.match(refused.json(), { ...problem, participant: 1 }, `not ${number}: ${what}`)
      t.notMatch(refused.body, number.slice(1))
      t.match((await patch(ask, id, { participants: [{ number }, {}] })).json(), {
        ...problem,
        participant: 0,
      })
    }
  }
  const { ask } = await build(t, { MASKING_NUMBERS: '' })
  t.match(
    (await create(ask, pair(RIDER, american))).json(),
    { code: 'pool_exhausted' },
    'without a pool no country is refused',
  )
})

test('a session’s texts may not contain a participant’s number', async (t) => {
  const { ask } = await build(t)
  const texts = [
    'ride 9800000001',
    '+91 98000-00001',
    '0091 9800000002',
    // The same in Devanagari, Arabic and full-width digits, in bold and in circles.
    '९८०००००००१',
    '٩٨٠٠٠٠٠٠٠١',
    '９８０００００００１',
    '𝟗𝟖𝟎𝟎𝟎𝟎𝟎𝟎𝟎𝟏',
    '⑨⑧⓪⓪⓪⓪⓪⓪⓪①',
  ]
  for (const text of texts) {
    for (const where of [{ external_id: text }, { metadata: { note: text } }, { metadata: { [text]: '' } }]) {
      t.match((await create(ask, { ...pair(), ...where })).json(), { status: 422, code: 'number_in_text' })
    }
  }
  const { id } = (await create(ask, { ...pair(), external_id: 'ride of 9800000003' })).json()
  const replaced = await patch(ask, id, { participants: [{}, { number: OTHER }] })
  t.match(replaced.json(), { status: 422, code: 'number_in_text' }, 'also of a participant who joins later')
})

test('a request that breaks the schema is refused with the name of the field, without its value', async (t) => {
  const { ask } = await build(t)
  const cases: [object, field: string][] = [
    [{}, 'participants'],
    [{ participants: [] }, 'participants'],
    [{ participants: [{ number: RIDER }] }, 'participants'],
    [{ participants: [{ number: RIDER }, { number: DRIVER }, { number: OTHER }] }, 'participants'],
    [{ participants: [{ number: RIDER }, {}] }, 'participants.1.number'],
    [{ participants: [{ number: RIDER, name: 'x' }, { number: DRIVER }] }, 'participants.0'],
    [pair(RIDER, '9'.repeat(101)), 'participants.1.number'],
    [{ ...pair(), external_id: '' }, 'external_id'],
    [{ ...pair(), external_id: 'x'.repeat(192) }, 'external_id'],
    [{ ...pair(), [RIDER]: 1 }, ''],
    [{ ...pair(), metadata: { [RIDER]: { [DRIVER]: 1 } } }, 'metadata'],
    [{ ...pair(), metadata: { a: 'x'.repeat(501) } }, 'metadata'],
    [
      { ...pair(), metadata: Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`k${i}`, ''])) },
      'metadata',
    ],
    [{ ...pair(), metadata: { ['k'.repeat(41)]: '' } }, 'metadata'],
    [{ ...pair(), allow_short_rest: 'perhaps' }, 'allow_short_rest'],
  ]
  for (const [body, field] of cases) {
    const reply = await create(ask, body)
    t.match(
      reply.json(),
      { status: 400, code: 'invalid_request', errors: [{ field }] },
      JSON.stringify(body).slice(0, 80),
    )
    t.notMatch(reply.body, /98000/)
  }
  const keyed = await create(ask, pair(), { 'idempotency-key': 'x'.repeat(256) })
  t.match(keyed.json(), {
    code: 'invalid_request',
    title: /^The header is not/,
    errors: [{ field: 'idempotency-key' }],
  })
})

test('the refusal of an exhausted pool says how many numbers are needed and when one is free', async (t) => {
  const { ask } = await build(t)
  for (const other of [1, 2, 3])
    t.equal((await create(ask, pair(RIDER, `+91980000001${other}`))).statusCode, 201)
  t.match((await create(ask, pair(DRIVER, RIDER))).json(), {
    status: 409,
    code: 'pool_exhausted',
    participant: 1,
    numbers_needed: 4,
    next_free_at: '2100-01-03T00:00:00.000Z',
    detail: /4 active numbers.*2100-01-03/,
  })
  for (const number of ['11', '12', '13']) {
    await ask({ method: 'PUT', url: `/v1/numbers/9190000000${number}`, payload: { state: 'draining' } })
  }
  t.match((await create(ask, pair(OTHER, DRIVER))).json(), {
    code: 'pool_exhausted',
    next_free_at: null,
    detail: /drains/,
  })
})

test('a session can be closed with or without a body, and an empty body may have any type', async (t) => {
  const { ask } = await build(t)
  const { id }: View = (await create(ask)).json()
  const close = (headers: Record<string, string>, payload?: string) =>
    ask({
      method: 'POST',
      url: `/v1/sessions/${id}/close`,
      headers,
      ...(payload !== undefined && { payload }),
    })
  const json = { 'content-type': 'application/json' }
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  const replies = [
    await close({}),
    await close(json),
    await close({ ...json, 'content-length': '0' }),
    await close({ ...form, 'content-length': '0' }),
    await close(json, '{}'),
    await close(json, '{"hang_up":false}'),
  ]
  for (const reply of replies) t.match([reply.statusCode, reply.json().status], [200, 'closed'])
  t.match((await close(json, '{')).json(), { status: 400, code: 'invalid_json' })
  t.match((await close(json, '{"hangup":true}')).json(), { status: 400, code: 'invalid_request' })
  t.match((await close(form, 'a=1')).json(), { status: 415, code: 'unsupported_media_type' })
  t.match((await close({ 'content-type': 'nonsense' }, 'a=1')).json(), { status: 415 })
})

test('a session shows how long a number had rested that was given early', async (t) => {
  const { ask, clock } = await build(t, { MASKING_NUMBERS: '919000000011' })
  const { id } = (await create(ask)).json()
  await ask({ method: 'POST', url: `/v1/sessions/${id}/close` })
  clock.time += 90_500
  t.equal((await create(ask, pair(RIDER, OTHER))).json().code, 'pool_exhausted')
  const short = await create(ask, { ...pair(RIDER, OTHER), allow_short_rest: true })
  t.match(short.json(), { participants: [{ rested_for: 90 }, {}] })
  t.notOk('rested_for' in short.json().participants[1])
})

test('PATCH changes the end and replaces a participant', async (t) => {
  const { app, ask, clock } = await build(t)
  const { id, participants }: View = (await create(ask)).json()
  t.match((await patch(ask, id, { expires_in: 3_600 })).json(), {
    id,
    expires_at: '2100-01-01T01:00:00.000Z',
  })
  t.match((await patch(ask, id, { expires_at: '2100-01-01T02:00:00Z' })).json(), {
    expires_at: '2100-01-01T02:00:00.000Z',
  })
  t.match((await patch(ask, id, { participants: [{ number: OTHER }, {}] })).json(), {
    participants: [{ masking_number: participants[0].masking_number, hint: '…03' }, participants[1]],
  })
  t.equal(await hears(app, OTHER, participants[0].masking_number), DRIVER)
  t.equal(await hears(app, DRIVER, participants[1].masking_number), OTHER)

  const cases: [object, number, string][] = [
    [{}, 422, 'nothing_to_change'],
    [{ participants: [{}, {}] }, 422, 'nothing_to_change'],
    [{ participants: [{ number: RIDER }, { number: OTHER }] }, 422, 'one_participant_at_a_time'],
    [{ participants: [{ number: DRIVER }, {}] }, 422, 'equal_participants'],
    [{ participants: [{ number: '112' }, {}] }, 422, 'emergency_number'],
    [{ expires_in: 60, expires_at: '2100-01-01T02:00:00Z' }, 422, 'two_expiries'],
    [{ expires_at: '2000-01-01T02:00:00Z' }, 422, 'invalid_expiry'],
    [{ status: 'closed' }, 400, 'invalid_request'],
  ]
  for (const [payload, status, code] of cases)
    t.match((await patch(ask, id, payload)).json(), { status, code })
  t.match((await patch(ask, 's_unknown', { expires_in: 60 })).json(), {
    status: 404,
    code: 'session_not_found',
  })
  t.match((await patch(ask, 's_unknown', { participants: [{ number: OTHER }, {}] })).json(), {
    code: 'session_not_found',
  })

  clock.time += 2 * 60 * 60 * 1_000
  t.match((await patch(ask, id, { expires_in: 60 })).json(), { status: 409, code: 'session_ended' })
})

test('PATCH refuses a new participant for whom the masking number is taken', async (t) => {
  const { ask } = await build(t, { MASKING_NUMBERS: '919000000011' })
  const { id } = (await create(ask)).json()
  await create(ask, pair(OTHER, '+919800000004'))
  const taken = await patch(ask, id, { participants: [{ number: OTHER }, {}] })
  t.match(taken.json(), { status: 409, code: 'number_taken', next_free_at: '2100-01-03T00:00:00.000Z' })
})

test('a masking number of the static pair is never free for its own participant', async (t) => {
  const { ask } = await build(t, { MASKING_NUMBERS: '919000000001' })
  const { id } = (await create(ask)).json()
  t.match((await patch(ask, id, { participants: [{ number: '+918888800001' }, {}] })).json(), {
    code: 'number_taken',
    next_free_at: null,
  })
})

test('the list is paged from the newest on, and filtered by time, status and external_id', async (t) => {
  const { ask, clock } = await build(t)
  const ids: string[] = []
  for (let i = 0; i < 5; i++) {
    clock.time += 1_000
    const { id } = (
      await create(ask, { ...pair(`+91980000010${i}`, `+91980000020${i}`), external_id: `order-${i}` })
    ).json()
    ids.unshift(id)
  }
  const list = async (query: string) => (await ask({ url: `/v1/sessions?${query}` })).json()
  const idsIn = ({ sessions }: { sessions: View[] }) => sessions.map(({ id }) => id)
  const first = await list('limit=2')
  t.same(idsIn(first), ids.slice(0, 2))
  const second = await list(`limit=2&cursor=${first.next_cursor}`)
  t.same(idsIn(second), ids.slice(2, 4))
  const third = await list(`limit=2&cursor=${second.next_cursor}`)
  t.same([idsIn(third), third.next_cursor], [ids.slice(4), null])
  await ask({ method: 'POST', url: `/v1/sessions/${ids[1]}/close` })
  t.same(idsIn(await list('status=closed')), [ids[1]])
  t.same(idsIn(await list('external_id=order-0')), [ids[4]])
  const between = 'from=2100-01-01T00:00:02Z&to=2100-01-01T00:00:05Z'
  t.same(idsIn(await list(between)), ids.slice(1, 4))
  t.same(idsIn(await list(`${between}&status=open&limit=1`)), [ids[2]])
  t.same(await list('external_id=nothing'), { sessions: [], next_cursor: null })
  for (const query of [
    'limit=0',
    'limit=201',
    'cursor=x',
    'status=over',
    'external_id=',
    'page=1',
    'from=today',
    'to=2016-12-31T23:59:60Z',
  ]) {
    t.match(await list(query), { status: 400, code: 'invalid_request', title: /The query/ }, query)
  }
})

test('an unknown session or path is not found', async (t) => {
  const { ask } = await build(t)
  t.match((await ask({ url: '/v1/sessions/s_unknown' })).json(), { status: 404, code: 'session_not_found' })
  t.match((await ask({ method: 'POST', url: '/v1/sessions/s_unknown/close' })).json(), {
    code: 'session_not_found',
  })
  t.match((await ask({ url: '/v1/nothing' })).json(), { status: 404, code: 'not_found' })
})

test('a call is logged with its session, and requests to the API are not logged', async (t) => {
  const { app, ask, logged } = await build(t)
  const { id, participants }: View = (await create(ask, { ...pair(), metadata: { note: 'quiet' } })).json()
  await create(ask, pair(RIDER, 'nonsense 9800000001'))
  await ask({ url: `/v1/sessions/${encodeURIComponent(RIDER)}` })
  await hears(app, RIDER, participants[0].masking_number)
  t.match(lines(logged()), [{ msg: 'call', outcome: 'connect', sessionId: id, caller: '01' }])
  t.equal(lines(logged()).length, 1)
})

test('a change that no replica has confirmed yet is answered with 202', async (t) => {
  const { app, ask } = await build(t)
  const { id }: View = (await create(ask)).json()
  const close = () => ask({ method: 'POST', url: `/v1/sessions/${id}/close` })
  const session = await app.sessions.find(id)
  if (!session) return t.fail('no session')
  t.match((await patch(ask, id, { expires_in: 60 })).json(), { durable: true })
  app.sessions.change = async () => ({
    kind: 'changed',
    session,
    pins: [undefined, undefined] as const,
    durable: false,
  })
  app.sessions.close = async () => ({ session, durable: false })
  const [changed, closed] = [await patch(ask, id, { expires_in: 60 }), await close()]
  t.match([changed.statusCode, changed.json().durable], [202, false])
  t.match([closed.statusCode, closed.json().durable], [202, false])
})

test('a session that no replica has yet is opened, and says so', async (t) => {
  const { app, ask } = await build(t)
  const { storage } = app.storages
  const { confirm } = storage
  storage.confirm = async () => false
  const named = { ...pair(), external_id: 'order-1' }
  const [created, again] = [await create(ask, named), await create(ask, named)]
  t.match([created.statusCode, created.json().durable], [201, false])
  t.match([again.statusCode, again.json().durable], [200, false])
  storage.confirm = confirm
  t.match((await create(ask, named)).json(), { id: created.json().id, durable: true }, 'once one has it')
})

test('the largest request that the schema takes is taken', async (t) => {
  const { ask } = await build(t, { PIN_LENGTH: '4', PUBLIC_BASE_URL: 'https://mask.example.com' })
  const largest = (letter: string) => {
    const filled = (text: string, length: number) => text + letter.repeat(length - text.length)
    const names = Array.from({ length: MAX_METADATA_KEYS }, (_, i) => filled(`name${i}`, MAX_METADATA_KEY))
    return {
      ...pair(RIDER.padEnd(MAX_NUMBER_TEXT, ' '), DRIVER.padEnd(MAX_NUMBER_TEXT, ' ')),
      expires_at: '2100-01-02T00:00:00.000000000000000000+00:00',
      external_id: filled('', MAX_EXTERNAL_ID),
      metadata: Object.fromEntries(names.map((name) => [name, filled('', MAX_METADATA_VALUE)])),
      allow_short_rest: false,
      call: {
        ring_timeout: 600,
        time_limit: 86_400,
        max_calls: 1_000,
        hours: { days: [...DAYS], from: '09:00', to: '21:00', time_zone: 'America/Argentina/ComodRivadavia' },
        greeting: filled('', MAX_PROMPT),
        whisper: filled('', MAX_PROMPT),
        language: 'en-IN',
        voice: 'WOMAN',
        record: { announcement: filled('', MAX_PROMPT) },
        after_end: { say: filled('', MAX_PROMPT) },
      },
      on_exhausted: 'pin',
    }
  }
  const known = Object.keys(CreateSession.properties).filter((name) => name !== 'expires_in')
  t.same(Object.keys(largest('x')).sort(), known.sort(), 'it has every field')
  const indented = JSON.stringify(largest('x'), null, 8)
  const reply = await ask({
    method: 'POST',
    url: '/v1/sessions',
    headers: { 'content-type': 'application/json' },
    payload: indented,
  })
  t.equal(reply.statusCode, 201, reply.body.slice(0, 200))

  const inDevanagari = await create(ask, largest('न'))
  t.match(inDevanagari.json(), { status: 413, code: 'body_too_large', detail: /16 KiB.* 2 to 4/ })
})
