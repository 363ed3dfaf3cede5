import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { type Test, test } from 'tap'
import { checkConfiguration, shippedConfiguration, startHaproxy, statusOf, withHaproxy } from '../haproxy.js'
import { build } from '../helper.js'
import { until } from '../redis-server.js'

const CARRIER = '127.0.0.2'
const STRANGER = '127.0.0.3'
const ANOTHER = '127.0.0.4'
const FRONT = '127.0.0.5'
/** As the configuration has it. */
const CONNECTIONS_OF_ONE = 100

async function started(t: Test, adapt?: (configuration: string) => string) {
  const { app } = await build(t)
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const haproxy = await startHaproxy(port, { KNOWN_SOURCES: CARRIER, FRONT_PROXIES: FRONT }, adapt)
  t.teardown(() => haproxy.stop())
  return haproxy.port
}

/** Connections that say nothing. Those that are ended at once are not waited for. */
async function idle(t: Test, port: number, localAddress: string, count: number) {
  let ended = 0
  let tellEnd = () => {}
  const firstEnd = new Promise<void>((resolve) => {
    tellEnd = resolve
  })
  const begun = Array.from({ length: count }, () => {
    const socket = connect({ port, host: '127.0.0.1', localAddress })
    t.teardown(() => socket.destroy())
    socket.resume()
    return new Promise<void>((resolve) => {
      socket.on('connect', resolve)
      socket.on('error', () => resolve())
      socket.on('close', () => {
        ended += 1
        tellEnd()
      })
    })
  })
  await Promise.all(begun)
  return { firstEnd, ended: () => ended }
}

test('haproxy accepts deploy/haproxy.cfg without warnings', withHaproxy, async (t) => {
  t.equal(checkConfiguration(shippedConfiguration(8001, 8002)), '')
  t.match(checkConfiguration(shippedConfiguration(8001, 8002).replace('mode http', 'mode none')), /ALERT/)
})

/** Without these times, so that a busy machine has as long as it needs. */
const patient = (text: string) =>
  text.replace(/timeout (client|http-request|http-keep-alive) .*/g, 'timeout $1 1h')

test(
  'one address has so many connections and no more, and the carrier has its own',
  withHaproxy,
  async (t) => {
    const port = await started(t, patient)
    const { firstEnd, ended } = await idle(t, port, STRANGER, CONNECTIONS_OF_ONE + 1)
    // When one is refused all have been counted: which one it is, depends on haproxy's threads.
    await firstEnd
    t.equal(await statusOf(port, { localAddress: STRANGER }), 0, 'one more is refused')
    t.equal(ended(), 1)
    t.equal(await statusOf(port, { localAddress: ANOTHER }), 200)
    await idle(t, port, CARRIER, CONNECTIONS_OF_ONE)
    t.equal(await statusOf(port, { localAddress: CARRIER }), 200)
  },
)

test('all strangers together leave room for the carrier', withHaproxy, async (t) => {
  const port = await started(t, (text) => patient(text).replace('fe_conn gt 3000', 'fe_conn gt 3'))
  await idle(t, port, STRANGER, 3)
  // One of its threads may not have counted them yet.
  await until('they are counted', async () => (await statusOf(port, { localAddress: ANOTHER })) === 0)
  t.equal(await statusOf(port, { localAddress: CARRIER }), 200)
})

test(
  'requests are counted by their source, which only the front proxies may name',
  withHaproxy,
  async (t) => {
    const port = await started(t, (text) =>
      text
        .replace('sc_http_req_rate(1,requests) gt 2000', 'sc_http_req_rate(1,requests) gt 3')
        .replace('store http_req_rate(10s)', 'store http_req_rate(10h)'),
    )
    const ask = (localAddress: string, client?: string) =>
      statusOf(port, { localAddress, headers: client ? { 'x-forwarded-for': client } : {} })
    const statuses = async (count: number, localAddress: string, client?: string) => {
      const all = []
      for (let i = 0; i < count; i++) all.push(await ask(localAddress, client))
      return all
    }
    t.same(await statuses(4, STRANGER, '192.0.2.1'), [200, 200, 200, 429])
    t.same(await statuses(1, STRANGER, '192.0.2.2'), [429], 'another name makes nobody another')
    t.same(await statuses(4, FRONT, '192.0.2.1'), [200, 200, 200, 429])
    t.same(await statuses(1, FRONT, '192.0.2.1, 192.0.2.2'), [200])
    t.same(await statuses(6, FRONT, CARRIER), Array(6).fill(200))
    t.same(await statuses(6, CARRIER), Array(6).fill(200))
  },
)
