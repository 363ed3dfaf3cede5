import { once } from 'node:events'
import { Agent, get } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { type Test, test } from 'tap'
import {
  CHECK_INTERVAL_MS,
  LINGER_MS,
  MAX_PENDING_REPLIES,
  MAX_REQUESTS_PER_CONNECTION,
  REQUEST_TIMEOUT_MS,
  STALLED_TIMEOUT_MS,
} from '../../src/connections.js'
import { lines } from '../fixtures.js'
import { API, build } from '../helper.js'

async function listening(t: Test) {
  const built = await build(t, { ...API.environment, WEBHOOK_AUTH: 'optional' })
  await built.app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = built.app.server.address() as AddressInfo
  return { ...built, port }
}

test('a request that is not complete in time is ended within two seconds', async (t) => {
  const { app } = await build(t)
  t.match(app.server, {
    requestTimeout: REQUEST_TIMEOUT_MS,
    headersTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: CHECK_INTERVAL_MS,
    timeout: STALLED_TIMEOUT_MS,
    maxRequestsPerSocket: MAX_REQUESTS_PER_CONNECTION,
  })
  t.equal(REQUEST_TIMEOUT_MS, 10_000)
  t.ok(CHECK_INTERVAL_MS + LINGER_MS < 2_000)
})

const SLOW = {
  'a body that stops': [
    'POST /answer HTTP/1.1\r\nHost: a',
    'Content-Type: application/x-www-form-urlencoded',
    'Content-Length: 10\r\n\r\n1',
  ].join('\r\n'),
  'a head that stops': 'POST /answer HTTP/1.1\r\nHost: a\r\n',
  'nothing at all': '',
}
for (const [what, sent] of Object.entries(SLOW)) {
  test(`${what} is told so, and the connection is closed though the client keeps its end open`, async (t) => {
    const { app, port } = await listening(t)
    app.server.headersTimeout = 1
    app.server.requestTimeout = 1
    const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    client.write(sent)
    const closed = new Promise((resolve) =>
      app.server.once('connection', (socket) => socket.once('close', resolve)),
    )
    let told = ''
    client.on('data', (chunk) => {
      told += chunk
    })
    await closed
    t.match(told, /^HTTP\/1\.1 408 /)
    client.destroy()
  })
}

test('a client that sends one request after the other never sees the end of a connection', async (t) => {
  const { app, port } = await listening(t)
  app.server.maxRequestsPerSocket = 3
  let connections = 0
  app.server.on('connection', () => {
    connections += 1
  })
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  t.teardown(() => agent.destroy())
  for (let i = 1; i <= 7; i++) {
    const [reply] = await once(get({ port, host: '127.0.0.1', path: '/health', agent }), 'response')
    t.equal(reply.statusCode, 200)
    t.equal(reply.headers.connection, i % 3 === 0 ? 'close' : 'keep-alive')
    reply.resume()
    await once(reply, 'end')
  }
  t.equal(connections, 3)
})

test('cut connections are logged, but not each of them', async (t) => {
  const { port, logged } = await listening(t)
  for (let i = 0; i < 5; i++) {
    const client = connect(port, '127.0.0.1')
    client.on('error', () => undefined)
    client.write('GET /health HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(MAX_PENDING_REPLIES + 1))
    client.resume()
    await once(client, 'close')
  }
  const cut = lines(logged()).filter(({ msg }) => msg === 'connection cut: too many requests at once')
  t.same(
    cut.map(({ count }) => count),
    [1, 2, 4],
  )
})
