import { once } from 'node:events'
import { request as httpRequest, type IncomingHttpHeaders, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { type Test, test } from 'tap'
import { listen } from '../../src/listen.js'
import type { SessionPage } from '../../src/masking/session-store.js'
import { FE_REACHES_CUSTOMER, lines, PAIR } from '../fixtures.js'
import { API, build } from '../helper.js'

const TWO = { ...API.environment, PORT: '0', ADMIN_PORT: '0' }
const SECRET = 'a-secret-of-more-than-128-bits'

interface Answered {
  readonly status: number | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

interface Asked {
  readonly method?: string
  readonly headers?: Record<string, string>
  readonly body?: string
}

/** Asks with the path exactly as it is written here. */
async function ask(
  port: number,
  path: string,
  { method = 'GET', headers = {}, body }: Asked = {},
): Promise<Answered> {
  const asked = httpRequest({ host: '127.0.0.1', port, path, method, headers, agent: false }).end(body)
  const [reply] = await once(asked, 'response')
  let text = ''
  for await (const chunk of reply) text += chunk
  const { date: _date, 'x-request-id': _id, ...known } = reply.headers as IncomingHttpHeaders
  return { status: reply.statusCode, headers: known, body: text }
}

const portOf = (server: Server | undefined) => (server?.address() as AddressInfo | undefined)?.port ?? 0

async function listening(t: Test, environment: Record<string, string> = TWO) {
  const built = await build(t, environment)
  await listen(built.app)
  const { server, adminServer } = built.app
  return { ...built, calls: portOf(server), business: portOf(adminServer) }
}

const json = { 'content-type': 'application/json' }
const form = { 'content-type': 'application/x-www-form-urlencoded' }
const call = {
  method: 'POST',
  headers: form,
  body: new URLSearchParams({ From: PAIR.FE, To: '09000000001' }).toString(),
}

/** However it is asked. */
const WAYS: Asked[] = [
  {},
  { headers: API.headers },
  { method: 'HEAD', headers: API.headers },
  { method: 'OPTIONS' },
  { method: 'DELETE', headers: API.headers },
  { method: 'POST', headers: { ...API.headers, ...json }, body: '{"participants":[]}' },
  { method: 'POST', headers: { ...API.headers, ...json }, body: '{' },
  { method: 'POST', headers: { 'content-type': 'text/none' }, body: 'x' },
  call,
]

test('the business has a listener of its own, and the carrier has the other one', async (t) => {
  const { calls, business } = await listening(t)
  t.equal((await ask(calls, '/answer', call)).body, FE_REACHES_CUSTOMER)
  t.equal((await ask(business, '/v1/numbers', { headers: API.headers })).status, 200)
  t.equal((await ask(business, '/v1/numbers')).status, 401)
  t.equal((await ask(business, '/metrics', { headers: API.headers })).status, 200)
  for (const port of [calls, business]) {
    t.match(await ask(port, '/health'), { status: 200, body: /"status":"ok"/ })
    t.equal((await ask(port, '/health/ready')).status, 200)
  }
})

test('a path of the other listener answers exactly as an unknown path', async (t) => {
  const { calls, business, logged } = await listening(t)
  const paths = [
    '/v1',
    '/v1/sessions',
    '/v1/status?x=1',
    '/v1/nothing',
    '/v1/sessions/%ff',
    '/openapi.json',
    '/metrics',
    '/docs',
    '/docs/json',
  ]
  const spelled = [
    '/%76%31/status',
    '/v%31/status',
    '/%64ocs',
    '/openapi%2ejson',
    'http://x.example.com/v1/status',
  ]
  const broken = (path: string) => (path.includes('%ff') ? '/unknown/%ff' : '/unknown')
  for (const way of WAYS) {
    for (const path of [...paths, ...spelled]) {
      t.same(await ask(calls, path, way), await ask(calls, broken(path), way), `${way.method} ${path}`)
    }
    for (const path of ['/answer', '/answer/', '/answer?x', '/answer/below', '/%61nswer']) {
      t.same(await ask(business, path, way), await ask(business, '/unknown', way), `${way.method} ${path}`)
    }
  }
  t.match(await ask(calls, '/v1/sessions', { headers: API.headers }), {
    status: 404,
    body: '{"error":"not found"}',
  })
  t.equal(logged().includes('"call"'), false)
})

test('the path secret applies to the public listener only', async (t) => {
  const { calls, business } = await listening(t, { ...TWO, WEBHOOK_PATH_SECRET: SECRET })
  t.equal((await ask(calls, `/${SECRET}/answer`, call)).body, FE_REACHES_CUSTOMER)
  t.match(await ask(calls, `/${SECRET}/answer/below`, call), { status: 404, body: /<Response>/ })
  for (const port of [calls, business]) {
    for (const path of ['/answer', '/%61nswer', `/${SECRET}x/answer`, `/${SECRET}`])
      t.same(await ask(port, path, call), await ask(port, '/unknown', call), path)
  }
  t.same(await ask(business, `/${SECRET}/answer`, call), await ask(business, '/unknown', call))
})

test('a connection stays with the listener to which it was made', async (t) => {
  const { calls, business } = await listening(t)
  const statuses = async (port: number, path: string) => {
    const socket = connect(port, '127.0.0.1')
    const asked = (end: string) =>
      `GET ${path} HTTP/1.1\r\nhost: x\r\nauthorization: ${API.headers.authorization}\r\n${end}\r\n`
    socket.write(asked('') + asked('') + asked('connection: close\r\n'))
    let text = ''
    for await (const chunk of socket) text += chunk
    return [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status))
  }
  t.same(await statuses(calls, '/v1/status'), [404, 404, 404])
  t.same(await statuses(business, '/v1/status'), [200, 200, 200])
})

test('an injected request counts as sent to the public listener', async (t) => {
  const { app } = await build(t, TWO)
  t.equal((await app.inject({ url: '/v1/status', headers: API.headers })).statusCode, 404)
})

test('both listeners answer broken HTTP alike and have the same timeouts', async (t) => {
  const { app, calls, business } = await listening(t)
  const exchange = async (port: number) => {
    const socket = connect(port, '127.0.0.1')
    socket.end('NONSENSE\r\n\r\n')
    let text = ''
    for await (const chunk of socket) text += chunk
    return text
  }
  t.match(await exchange(business), /^HTTP\/1\.1 400 /)
  t.equal(await exchange(business), await exchange(calls))
  const { server, adminServer } = app
  for (const limit of [
    'requestTimeout',
    'headersTimeout',
    'keepAliveTimeout',
    'timeout',
    'maxRequestsPerSocket',
  ] as const)
    t.equal(adminServer?.[limit], server[limit], limit)
})

test('without ADMIN_PORT everything is on one port, with a warning in production', async (t) => {
  const one = {
    ...API.environment,
    PORT: '0',
    VOBIZ_AUTH_TOKEN: 'token',
    PUBLIC_BASE_URL: 'https://mask.example.com',
  }
  const warnings = (log: string) => lines(log).filter(({ msg }) => String(msg).includes('ADMIN_PORT'))
  const production = { NODE_ENV: 'production' }
  const { app, startLog } = await build(t, { ...one, ...production })
  t.equal(app.adminServer, undefined)
  t.match(warnings(startLog), [{ level: 'warn' }])
  t.equal((await app.inject({ url: '/v1/status', headers: API.headers })).statusCode, 200)

  for (const quiet of [
    one,
    { ...one, ...production, ADMIN_PORT: '0' },
    { ...one, ...production, API_KEYS: '' },
  ])
    t.same(warnings((await build(t, quiet)).startLog), [])
})

test('closing waits for pending replies of both listeners and closes idle connections', async (t) => {
  const { app, business } = await listening(t)
  let answer = (_page: SessionPage) => {}
  const isAsked = new Promise<void>((resolve) => {
    app.sessions.list = () => {
      resolve()
      return new Promise((settle) => {
        answer = settle
      })
    }
  })
  const idle = connect(business, '127.0.0.1')
  idle.write('GET /health HTTP/1.1\r\nhost: x\r\n\r\n')
  await once(idle, 'data')
  const pending = ask(business, '/v1/sessions', { headers: API.headers })
  await isAsked
  let isClosed = false
  const closing = app.close().then(() => {
    isClosed = true
  })
  await once(idle.resume(), 'close')
  t.equal(isClosed, false)
  answer({ sessions: [], next: 'the-next-page' })
  t.match(await pending, { status: 200, body: /"next_cursor":"the-next-page"/ })
  await closing
  t.equal(app.adminServer?.listening, false)
})
