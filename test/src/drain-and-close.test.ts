import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { type Test, test } from 'tap'
import { CLOSE_GRACE_MS, drainAndClose } from '../../src/drain-and-close.js'
import { listen } from '../../src/listen.js'
import { testClock } from '../clocks.js'
import { FE_REACHES_CUSTOMER, PAIR } from '../fixtures.js'
import { API, build } from '../helper.js'

const DELAY_MS = 5_000

/** The service, listening, with a clock of the test's own. */
async function listening(t: Test) {
  const clock = testClock()
  const { app } = await build(t, {}, clock)
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const call = () =>
    fetch(`${url}/answer`, {
      method: 'POST',
      body: new URLSearchParams({ From: PAIR.FE, To: '09000000001' }),
    })
  return { app, clock, url, call }
}

test('the service goes on answering while a load balancer notices, then closes', async (t) => {
  const { app, clock, url, call } = await listening(t)
  const closed = drainAndClose(app, DELAY_MS)
  t.equal((await fetch(`${url}/health/ready`)).status, 503, 'unready at once')
  const reply = await call()
  t.equal(await reply.text(), FE_REACHES_CUSTOMER, 'and answering as before')
  t.equal(reply.headers.get('connection'), 'close')

  t.equal(clock.runOut(DELAY_MS), 1)
  await closed
  await t.rejects(call(), 'nobody listens any more')
  t.equal(clock.runOut(CLOSE_GRACE_MS), 0, 'no timer is left')
})

test('a client that never ends its request is cut off', async (t) => {
  const { app, clock, url } = await listening(t)
  const stuck = connect(Number(new URL(url).port), '127.0.0.1')
    .resume()
    .on('error', () => undefined)
  const arrived = once(app.server, 'request')
  stuck.write('POST /answer HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\n')
  await arrived

  const closed = drainAndClose(app, DELAY_MS)
  clock.runOut(DELAY_MS)
  while (clock.runOut(CLOSE_GRACE_MS) === 0) await turn()
  await closed
  if (!stuck.closed) await once(stuck, 'close')
  t.ok(stuck.closed)
})

test('neither listener waits longer for a client that never ends its request', async (t) => {
  const clock = testClock()
  const { app } = await build(t, { ...API.environment, PORT: '0', ADMIN_PORT: '0' }, clock)
  await listen(app)
  const stuck = []
  for (const [server, path] of [
    [app.server, '/answer'],
    [app.adminServer, '/v1/sessions'],
  ] as const) {
    const socket = connect((server?.address() as AddressInfo | undefined)?.port ?? 0, '127.0.0.1').resume()
    socket.on('error', () => undefined)
    const arrived = once(server as NonNullable<typeof server>, 'request')
    const key = `authorization: ${API.headers.authorization}`
    socket.write(
      `POST ${path} HTTP/1.1\r\nhost: a\r\n${key}\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n`,
    )
    await arrived
    stuck.push(socket)
  }
  const closed = drainAndClose(app, DELAY_MS)
  clock.runOut(DELAY_MS)
  while (clock.runOut(CLOSE_GRACE_MS) === 0) await turn()
  await closed
  for (const socket of stuck) if (!socket.closed) await once(socket, 'close')
  t.equal(app.adminServer?.listening, false)
})
