import { type Test, test } from 'tap'
import { BURST_SECONDS } from '../../plugins/api-gate.js'
import { keyLine } from '../../src/access/api-key.js'
import { createSecret } from '../../src/access/key-secret.js'
import { signatureHeaders } from '../../src/vobiz/signature.js'
import { callService, DRIVER, ID, OTHER_ID, RIDER, tellsNumber, urlsIn } from '../call-service.js'
import { testClock } from '../clocks.js'
import { FE_REACHES_CUSTOMER, PAIR, webhook } from '../fixtures.js'
import { API, build } from '../helper.js'
import { valuesOf } from '../meters.js'
import { STORE_KEY } from '../redis-store.js'

const scrape = async (app: Awaited<ReturnType<typeof build>>['app']) =>
  (await app.inject({ url: '/metrics', headers: API.headers })).body

test('calls are counted by what was decided, and how long it took', async (t) => {
  const { app } = await build(t, API.environment, testClock())
  await app.inject(webhook({ From: PAIR.FE, To: PAIR.M1 }))
  await app.inject(webhook({ From: PAIR.FE, To: PAIR.M2 }))
  await app.inject(webhook({ From: '', To: PAIR.M2 }))
  await app.inject(webhook({ From: PAIR.FE }))
  const families = app.meter.families()
  t.same(valuesOf(families, 'callmask_calls_total'), {
    'connect none': 1,
    'refuse unknown-caller': 1,
    'refuse withheld-caller': 1,
  })
  t.equal(valuesOf(families, 'callmask_answer_duration_seconds')._count, 3)
  t.same(valuesOf(families, 'callmask_webhook_mistakes_total'), { 'missing-to': 1 })
  const body = await scrape(app)
  t.match(body, 'callmask_calls_total{outcome="refuse",reason="unknown-caller"} 1\n')
})

test('an apology is an outcome too', async (t) => {
  const { app } = await build(t, {
    ...API.environment,
    STORE_URL: 'redis://127.0.0.1:1',
    STORE_KEY,
  })
  await app.inject(webhook({ From: RIDER, To: '919000000011' }))
  Object.assign(app.legs, {
    findMaskingNumber: () => {
      throw new TypeError('x')
    },
  })
  await app.inject(webhook({ From: RIDER, To: '919000000011' }))
  const families = app.meter.families()
  t.same(valuesOf(families, 'callmask_calls_total'), { 'apology store': 1, 'apology failure': 1 })
  t.equal(valuesOf(families, 'callmask_answer_duration_seconds')._count, 2)
  t.same(valuesOf(families, 'callmask_store_up'), {}, 'the store is down')
  t.ok(Number(valuesOf(families, 'callmask_store_failures_total').read) > 0)
})

test('a call about which the carrier asks again is one call', async (t) => {
  const base = 'https://mask.example.com'
  const { app } = await build(t, {
    ...API.environment,
    VOBIZ_AUTH_TOKEN: 'token',
    PUBLIC_BASE_URL: base,
    WEBHOOK_AUTH: 'required',
  })
  const call = webhook({ From: PAIR.FE, To: PAIR.M1 })
  const signed = { ...call, headers: { ...call.headers, ...signatureHeaders(`${base}/answer`, 'token') } }
  for (let i = 0; i < 3; i += 1) t.equal((await app.inject(signed)).body, FE_REACHES_CUSTOMER)
  await app.inject({ ...signed, payload: `${signed.payload}&x=1` })
  await app.inject(call)
  const families = app.meter.families()
  t.same(valuesOf(families, 'callmask_calls_total'), { 'connect none': 1 })
  t.same(valuesOf(families, 'callmask_webhook_retries_total'), { '': 2 })
  t.same(valuesOf(families, 'callmask_webhook_refusals_total'), { unsigned: 1, 'altered-replay': 1 })
  // Each request brings two nonces.
  t.ok(Number(valuesOf(families, 'callmask_nonces')['']) > 0)
})

test('it is told when the next key expires', async (t) => {
  const clock = testClock()
  const expiresAt = clock.time + 60_000
  const { id, hash } = createSecret()
  const line = keyLine({ name: 'a', scopes: ['explain'], origin: 'configuration', expiresAt, id, hash })
  const { app } = await build(t, { ...API.environment, API_KEY_HASHES: line }, clock)
  const expiry = () => valuesOf(app.meter.families(), 'callmask_api_key_next_expiry_timestamp_seconds')
  t.same(expiry(), { '': expiresAt / 1_000 })
  clock.time = expiresAt
  t.same(expiry(), {})
})

test('the end of a call is counted, and a trouble that it tells of', async (t) => {
  const service = await callService(t)
  const { dialled } = await service.open()
  for (const [id, code] of [
    [ID, '1010'],
    [OTHER_ID, '4000'],
  ] as const) {
    await service.dial(RIDER, dialled, { CallUUID: id })
    await service.find(id)
    await service.send('/answer', {
      Event: 'Hangup',
      CallUUID: id,
      CallStatus: 'failed',
      HangupCauseCode: code,
      From: RIDER,
      To: dialled,
    })
  }
  const families = service.app.meter.families()
  const ended = Object.values(valuesOf(families, 'callmask_calls_ended_total'))
  t.equal(
    ended.reduce((sum, count) => sum + count, 0),
    2,
  )
  t.same(valuesOf(families, 'callmask_call_troubles_total'), { out_of_credit: 1 })
})

test('requests to the API are counted by their operation, whatever their URL is', async (t) => {
  const { app } = await build(t, { ...API.environment, API_RATE: '1' }, testClock())
  await app.inject({ url: '/v1/status' })
  await app.inject({ url: '/v1/%zz', headers: API.headers })
  for (const url of ['/v1/sessions/s_AAAAAAAAAAAAAAAAAAAAAA', `/v1/numbers/+${PAIR.FE}`, '/v1/status'])
    await app.inject({ url, headers: API.headers })
  for (let i = 0; i < BURST_SECONDS; i += 1) await app.inject({ url: '/v1/status', headers: API.headers })
  const families = app.meter.families()
  t.same(valuesOf(families, 'callmask_api_requests_total'), {
    'getStatus 401': 1,
    'none 400': 1,
    'none 405': 1,
    'getSession 404': 1,
    'getStatus 200': 3,
    'getStatus 429': 3,
  })
  t.same(valuesOf(families, 'callmask_rate_limited_total'), { api: 3 })
  t.same(valuesOf(families, 'callmask_key_faults_total'), { wrong_key: 1 })
})

test('whoever tries keys is counted, and told to wait', async (t) => {
  const { app } = await build(t, API.environment, testClock())
  const statuses = new Set<number>()
  for (let i = 0; i < 100; i += 1) statuses.add((await app.inject({ url: '/metrics' })).statusCode)
  t.same([...statuses], [401, 429])
  const families = app.meter.families()
  t.same(valuesOf(families, 'callmask_key_faults_total'), { wrong_key: 100 })
  t.ok(Number(valuesOf(families, 'callmask_rate_limited_total')['wrong-keys']) > 0)
})

test('no number, session, call or key gets into a metric', async (t) => {
  const service = await callService(t, { PIN_LENGTH: '4', CALL_WHISPER: 'hello', ANSWER_FIRST: 'off' })
  const { app, send } = service
  const { id, dialled } = await service.open()
  const answer = await service.dial(RIDER, dialled)
  const asked = await service.dial('917777700003', dialled, { CallUUID: OTHER_ID })
  const urls = { ...urlsIn(answer.body), ...urlsIn(asked.body) }
  t.ok(Object.keys(urls).length > 1)
  for (const url of Object.values(urls)) {
    await send(url, { From: RIDER, To: DRIVER, Digits: '1234' })
    await send(`${url}x`, { From: RIDER, To: DRIVER, Digits: '1234' })
    await send(url, { From: '917777700003', To: dialled, CallUUID: OTHER_ID, Digits: '4321' })
  }
  await send('/answer', { From: RIDER, To: dialled, Event: 'Hangup', HangupCauseCode: RIDER })
  await send('/answer', { From: RIDER, To: RIDER })
  for (const number of [RIDER, `+${DRIVER}`, PAIR.FE]) {
    const encoded = encodeURIComponent(number)
    for (const path of [
      `/v1/sessions/${encoded}`,
      `/v1/numbers/${encoded}`,
      `/v1/${encoded}`,
      `/%zz${encoded}`,
    ])
      await app.inject({ url: `${path}?x=${encoded}`, headers: API.headers })
    await app.inject({ url: '/v1/status', headers: { authorization: `Bearer ${number}` } })
    await app.inject({ url: `/metrics?x=${encoded}`, headers: { authorization: `Bearer ${number}` } })
    await app.inject({
      method: 'POST',
      url: '/v1/explain',
      headers: API.headers,
      payload: { from: number, to: dialled },
    })
  }
  await app.poolCounter.upkeep()
  const body = await scrape(app)
  t.match(body, 'operation="explainCall",status="200"')
  t.match(body, 'outcome="ask"')
  tellsNothing(t, body, [id, ID, OTHER_ID, API.environment.API_KEYS, '7777700003', dialled])
})

function tellsNothing(t: Test, body: string, secrets: readonly string[]): void {
  t.equal(tellsNumber(body), false)
  for (const secret of secrets) t.notMatch(body, secret)
  const labels = [...body.matchAll(/="([^"]*)"/g)].map(([, value = '']) => value)
  t.ok(labels.length > 50)
  for (const label of labels) t.notMatch(label, /\d{5}/, 'no label has many digits')
}
