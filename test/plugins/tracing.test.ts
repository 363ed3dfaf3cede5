import { test } from 'tap'
import { callService, OTHER_ID, RIDER, tellsNumber, urlsIn } from '../call-service.js'
import { lines, PAIR, webhook } from '../fixtures.js'
import { API, build } from '../helper.js'
import { BORROWED, phoneCall, withPins } from '../pin-callers.js'
import { STORE_KEY } from '../redis-store.js'
import { IN_MEMORY, temporaryFolder } from '../src/stores/file/folders.js'
import { tracingStandIn } from '../tracing-stand-in.js'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const traceparent = `00-${TRACE}-b7ad6b7169203331-01`
const participants = [{ number: '9812300001' }, { number: '9812300002' }]

test('without an SDK nobody is told, and nothing is loaded for it', async (t) => {
  const { app, logged } = await build(t)
  t.equal(app.tracing, undefined)
  await app.inject(webhook({ From: PAIR.FE, To: PAIR.M1 }))
  t.notMatch(logged(), 'trace_id')
})

test('the answer to a call is a span, with its steps and what it asked of the store', async (t) => {
  const ended = tracingStandIn(t)
  const { app, logged } = await build(t, {
    ...API.environment,
    STORE_URL: `file:${temporaryFolder(t, IN_MEMORY)}`,
    STORE_KEY,
    WEBHOOK_PATH_SECRET: 'a-secret-of-more-than-128-bits',
  })
  const opened = await app.inject({
    method: 'POST',
    url: '/v1/sessions',
    headers: API.headers,
    payload: { participants },
  })
  const before = ended().length
  const call = webhook({ From: '919812300001', To: opened.json().participants[0].masking_number })
  await app.inject({
    ...call,
    url: '/a-secret-of-more-than-128-bits/answer',
    headers: { ...call.headers, traceparent },
  })
  const spans = ended().slice(before)
  const answer = spans.find(({ name }) => name === 'POST /answer')
  t.match(answer, {
    events: ['let in', 'resolved', 'rendered'],
    parentId: undefined,
    attributes: {
      'http.route': '/answer',
      'http.response.status_code': 200,
      'callmask.outcome': 'connect',
    },
  })
  t.not(answer?.traceId, TRACE, 'the carrier sends no trace, and nobody else may say which it is')
  const reads = spans.filter(({ name, parentId }) => name === 'store read' && parentId === answer?.id)
  t.equal(reads.length, 2, 'the book and the record')
  t.match(
    lines(logged()).find(({ msg }) => msg === 'call'),
    { trace_id: answer?.traceId, span_id: answer?.id },
  )
})

test('a PIN that connects is told of likewise', async (t) => {
  const ended = tracingStandIn(t)
  const service = await withPins(t)
  const [{ masking_number: number, pin }] = (await service.open()).participants
  const call = phoneCall(service, BORROWED, number)
  await call.dial()
  await call.enter(pin)
  const span = ended().find(({ name }) => name === 'POST /answer/pin/:token')
  t.match(
    lines(service.logged()).find((line) => line.pin === true),
    { outcome: 'connect', trace_id: String(span?.traceId) },
  )
})

test('a request to the API is a span of the trace of whoever asks, with what it asked of the store', async (t) => {
  const ended = tracingStandIn(t)
  const { app } = await build(t, {
    ...API.environment,
    STORE_URL: `file:${temporaryFolder(t, IN_MEMORY)}`,
    STORE_KEY,
  })
  const headers = { ...API.headers, traceparent }
  await app.inject({ method: 'POST', url: '/v1/sessions', headers, payload: { participants } })
  const span = ended().find(({ name }) => name === 'POST /v1/sessions')
  t.match(span, { traceId: TRACE, attributes: { 'callmask.operation': 'createSession' } })
  const asked = ended().filter(({ parentId }) => parentId === span?.id)
  t.ok(asked.some(({ name }) => name === 'store swap'))
})

test('strangers make no spans', async (t) => {
  const ended = tracingStandIn(t)
  const { app } = await build(t, {
    ...API.environment,
    VOBIZ_AUTH_TOKEN: 'token',
    PUBLIC_BASE_URL: 'https://mask.example.com',
    WEBHOOK_AUTH: 'required',
  })
  await app.inject(webhook({ From: PAIR.FE, To: PAIR.M1 }))
  await app.inject('/v1/status')
  await app.inject('/nothing')
  t.same(ended(), [])
})

test('no number, URL or secret is told to the SDK', async (t) => {
  const ended = tracingStandIn(t)
  const { app, open, dial, send } = await callService(t, { PIN_LENGTH: '4' })
  const { dialled } = await open()
  await dial(RIDER, dialled)
  const { body } = await dial('917777700003', dialled, { CallUUID: OTHER_ID })
  for (const url of Object.values(urlsIn(body)))
    await send(url, { From: RIDER, To: dialled, CallUUID: OTHER_ID, Digits: '1234' })
  await app.inject({ url: `/v1/numbers/+${RIDER}?x=${RIDER}`, headers: API.headers })
  await app.inject({ url: `/v1/sessions/${RIDER}`, headers: API.headers })
  await app.inject({ url: `/v1/${RIDER}`, headers: API.headers })
  const told = JSON.stringify(ended())
  t.ok(ended().length > 5)
  t.equal(tellsNumber(told), false)
  t.notMatch(told, /7777700003|90000000/)
})

test('what fails is told as failed', async (t) => {
  const ended = tracingStandIn(t)
  const { app, logged } = await build(t, API.environment)
  Object.assign(app.legs, {
    findMaskingNumber: () => {
      throw new TypeError('x')
    },
  })
  Object.assign(app.sessions, { find: () => Promise.reject(new TypeError('x')) })
  await app.inject(webhook({ From: PAIR.FE, To: PAIR.M1 }))
  await app.inject({ url: '/v1/sessions/s_AAAAAAAAAAAAAAAAAAAAAA', headers: API.headers })
  const traces = ended().map(({ traceId }) => traceId)
  t.same(
    lines(logged())
      .filter(({ level }) => level === 'error')
      .map(({ trace_id }) => trace_id),
    traces,
  )
})
