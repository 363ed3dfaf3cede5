import { once } from 'node:events'
import { connect } from 'node:net'
import type { FastifyInstance, InjectOptions } from 'fastify'
import { type Test, test } from 'tap'
import { signatureHeaders } from '../../src/vobiz/signature.js'
import { testClock } from '../clocks.js'
import { FE_REACHES_CUSTOMER, PAIR, webhook } from '../fixtures.js'
import { API, build } from '../helper.js'
import { STORE_KEY } from '../redis-store.js'

const TOKEN = 'test_auth_token'
const BASE = 'https://mask.example.com'
const MARK = 'kept-to-themselves'

type Headers = Readonly<Record<string, string>>

/** Each of these headers with a value that is found wherever it gets to. */
function marked(...names: readonly string[]): Headers {
  return Object.fromEntries(names.map((name) => [name, `${MARK}-${name}`]))
}

const SIGNATURES = marked(
  'x-vobiz-signature-v2',
  'x-vobiz-signature-v3',
  'x-vobiz-signature-ma-v3',
  'x-vobiz-signature-v3-nonce',
)

/** Headers that may hold a secret or a number. */
const SECRETS: Headers = {
  ...marked(
    // As the platform's signed callbacks have them.
    'auth-token',
    'parent-auth-token',
    'authorization',
    'proxy-authorization',
    'cookie',
    'x-api-key',
    'accept-language',
    'baggage',
    'forwarded',
    'from',
    'host',
    'idempotency-key',
    'origin',
    'referer',
    'traceparent',
    'tracestate',
    'user-agent',
    'x-forwarded-for',
    'x-ph-number',
  ),
  // Well formed it would be answered, as it should be.
  'x-request-id': '918888800009',
}

const FOUND = new RegExp(`${MARK}|8888800009`)

const signed = () => signatureHeaders(`${BASE}/answer`, TOKEN)
const ofApi = { ...API.headers, 'content-type': 'application/json' }
const form = { 'content-type': 'application/x-www-form-urlencoded' }

/** What is sent with the secrets. Those of the same name give way. */
const HEADERS: readonly Headers[] = [
  {},
  form,
  { ...ofApi },
  { ...ofApi, accept: `text/${MARK}` },
  { ...ofApi, 'content-type': `text/${MARK}` },
  { ...form, 'content-length': '9' },
]

const BODIES = [
  String(webhook({ From: PAIR.FE, To: '09000000001' }).payload),
  String(webhook({ From: PAIR.FE, To: '09000000011' }).payload),
  'From=1&From=2',
  'x'.repeat(300_000),
  '{',
  '{"from":"+918888800001","to":"+919000000001"}',
  '{"participants":[{"number":"+919812300001"},{"number":"+919812300002"}]}',
] as const

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'] as const

/** Every address that there is, and some that there are not. */
async function addresses(app: FastifyInstance): Promise<string[]> {
  const { paths } = (await app.inject({ url: '/openapi.json', headers: API.headers })).json()
  const ofTheApi = Object.keys(paths).map((path) => path.replaceAll(/\{\w+\}/g, 's_AAAAAAAAAAAAAAAAAAAAAA'))
  const others = [
    '/answer',
    '/health',
    '/health/ready',
    '/openapi.json',
    '/metrics',
    '/docs',
    '/docs/json',
    '/nothing',
    '/%zz',
  ]
  return [...others, ...ofTheApi, '/answer/other', '/v1/other', '/v1/%zz']
}

/** Sends everything everywhere and looks into each reply. Says which statuses there were. */
async function sendAll(t: Test, app: FastifyInstance): Promise<Set<number>> {
  const statuses = new Set<number>()
  async function send(request: InjectOptions): Promise<void> {
    const reply = await app.inject({ ...request, headers: { ...SECRETS, ...request.headers } })
    statuses.add(reply.statusCode)
    if (FOUND.test(reply.body + JSON.stringify(reply.headers))) t.fail(`${request.method} ${request.url}`)
  }
  for (const url of await addresses(app)) {
    for (const method of METHODS) {
      for (const headers of HEADERS)
        await send({ method, url, headers: { ...SIGNATURES, ...headers }, payload: BODIES[0] })
    }
    for (const payload of BODIES) {
      await send({ method: 'POST', url, headers: ofApi, payload })
      await send({ method: 'POST', url, headers: form, payload })
      await send({ method: 'POST', url, headers: { ...form, ...signed() }, payload })
    }
  }
  return statuses
}

/** What comes back for a request that is not valid HTTP. */
async function broken(app: FastifyInstance): Promise<string> {
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  const head = Object.entries(SECRETS).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.end(`POST /answer HTTP/1.1\r\n${head.join('')}no header ${MARK}\r\n\r\n`)
  let reply = ''
  socket.on('data', (chunk) => {
    reply += chunk
  })
  await once(socket, 'close')
  return reply
}

const REQUIRED = {
  ...API.environment,
  VOBIZ_AUTH_TOKEN: TOKEN,
  PUBLIC_BASE_URL: BASE,
  WEBHOOK_AUTH: 'required',
}

/** Services, and what their logs tell of at least. */
const SERVICES = {
  'that lets anybody call': {
    environment: API.environment,
    tells: ['call', 'not a call'],
  },
  'that requires signatures': { environment: REQUIRED, tells: ['call', 'not a call', 'webhook refused'] },
  'whose store is down': {
    environment: { ...API.environment, STORE_URL: 'redis://127.0.0.1:1', STORE_KEY },
    tells: ['call', 'not a call', 'no store, the caller hears an apology'],
  },
} as const

test('no value of a header gets into a log line or a reply', async (t) => {
  for (const [name, { environment, tells }] of Object.entries(SERVICES)) {
    t.test(`of a service ${name}`, async (t) => {
      const { app, logged } = await build(t, environment, testClock())
      const statuses = await sendAll(t, app)
      t.match(await broken(app), '400 Bad Request')
      await app.close()
      t.notMatch(logged(), FOUND)
      t.notMatch(logged(), TOKEN)
      t.notMatch(logged(), API.environment.API_KEYS)
      for (const msg of tells) t.match(logged(), `"msg":"${msg}"`)
      for (const status of [200, 400, 401, 404, 405])
        t.ok(statuses.has(status), `some were answered with ${status}`)
    })
  }

  t.test('with the signature of the platform and a token in plain text', async (t) => {
    const { app, logged } = await build(t, REQUIRED)
    const call = webhook({ From: PAIR.FE, To: '09000000001' })
    const { 'auth-token': _, ...others } = SECRETS
    const headers = { 'auth-token': TOKEN, cookie: String(others.cookie), ...call.headers, ...signed() }
    t.equal((await app.inject({ ...call, headers })).body, FE_REACHES_CUSTOMER)
    t.match(logged(), '"signed":true')
    t.notMatch(logged(), TOKEN)
    t.notMatch(logged(), FOUND)
  })

  t.test('when something throws what a header said', async (t) => {
    const { app, logged } = await build(t, API.environment)
    const thrown = async () => {
      throw Object.assign(new Error(`about ${SECRETS['auth-token']}`), { headers: SECRETS })
    }
    const { now: _now, ...asked } = app.sessions
    for (const name of Object.keys(asked)) Object.assign(app.sessions, { [name]: thrown })
    Object.assign(app.lookup, { findLeg: thrown })
    const statuses = await sendAll(t, app)
    t.ok(statuses.has(500))
    t.match(logged(), '"msg":"failed, the caller hears an apology"')
    t.match(logged(), '"msg":"request failed"')
    t.notMatch(logged(), FOUND)
  })
})
