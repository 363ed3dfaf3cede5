import type { Redis } from 'ioredis'
import { type Test, test } from 'tap'
import type { StoreAddress } from '../../../../src/stores/redis/address.js'
import { createClient } from '../../../../src/stores/redis/client.js'
import { WATCH_INTERVAL_MS } from '../../../../src/stores/redis/failover-watch.js'
import { type TestClock, testClock } from '../../../clocks.js'
import { startServer, type TestServer, until, withServer } from '../../../redis-server.js'
import { type SentinelStandIn, startSentinel } from '../../../sentinel-stand-in.js'

interface Watched {
  readonly client: Redis
  readonly clock: TestClock
  /** The port of the server that the client is connected to. */
  readonly connectedTo: () => number | undefined
  /** Lets the watch ask all sentinels, once they can be asked. */
  readonly look: () => Promise<void>
  /** Waits until the client is connected to another server. */
  readonly follows: (server: TestServer) => Promise<void>
}

async function watching(t: Test, ...sentinels: SentinelStandIn[]): Promise<Watched> {
  const clock = testClock()
  const hosts = sentinels.map(({ port }) => ({ host: '127.0.0.1', port }))
  const address: StoreAddress = { kind: 'sentinel', hosts, tls: false, db: 0, primaryName: 'main' }
  const client = createClient(address, clock) as Redis
  client.on('error', () => undefined)
  t.teardown(() => client.disconnect())
  await until('the client is connected', () => client.status === 'ready')
  return {
    client,
    clock,
    connectedTo: () => client.stream.remotePort,
    async look() {
      const before = sentinels.map(({ watched }) => watched())
      const isAsked = () =>
        sentinels.every(({ watched, isStalled }, i) => isStalled || watched() > Number(before[i]))
      await until('the sentinels were asked', async () => {
        await clock.tick(WATCH_INTERVAL_MS)
        return isAsked()
      })
    },
    follows: (server) =>
      until('the client is connected to another server', async () => {
        // On a busy machine an answer may come too late to count.
        await clock.tick(WATCH_INTERVAL_MS)
        return client.stream.remotePort === server.port
      }),
  }
}

const servers = (t: Test) => Promise.all([startServer(t), startServer(t)])

test(
  'a client finds the primary while a sentinel accepts connections and does not answer',
  withServer,
  async (t) => {
    const server = await startServer(t)
    const named = { port: server.port, epoch: 0 }
    const [stalled, other] = [await startSentinel(t, named), await startSentinel(t, named)]
    stalled.isStalled = true
    const { connectedTo } = await watching(t, stalled, other)
    t.equal(connectedTo(), server.port)
  },
)

test('a client leaves a server that a sentinel names no more, though it answers', withServer, async (t) => {
  const [old, promoted] = await servers(t)
  const sentinel = await startSentinel(t, { port: old.port, epoch: 3 })
  const { look, follows, client, connectedTo } = await watching(t, sentinel)
  await look()
  t.equal(connectedTo(), old.port, 'it stays where all is as it was')

  sentinel.named = { port: promoted.port, epoch: 4 }
  await look()
  await follows(promoted)
  await until('it may be used', () => client.status === 'ready')
})

test('a sentinel that knows less than another one has no say', withServer, async (t) => {
  const [old, promoted] = await servers(t)
  const informed = await startSentinel(t, { port: promoted.port, epoch: 4 })
  const cutOff = await startSentinel(t, { port: old.port, epoch: 3 })
  const { look, connectedTo, client } = await watching(t, informed, cutOff)
  await look()
  informed.isStalled = true
  await look()
  t.equal(connectedTo(), promoted.port)
  t.equal(client.status, 'ready')
})

test('a client that such a sentinel led to the old primary leaves it', withServer, async (t) => {
  const [old, promoted] = await servers(t)
  const cutOff = await startSentinel(t, { port: old.port, epoch: 3 })
  const informed = await startSentinel(t, { port: promoted.port, epoch: 4 })
  const { look, follows, connectedTo } = await watching(t, cutOff, informed)
  t.equal(connectedTo(), old.port)
  await look()
  await follows(promoted)
})

test('two names of one server, or sentinels that begin anew, end no connection', withServer, async (t) => {
  const [server, other] = await servers(t)
  const [one, two] = await Promise.all([
    startSentinel(t, { port: server.port, epoch: 3 }),
    startSentinel(t, { port: server.port, epoch: 3 }),
  ])
  const { look, connectedTo, client } = await watching(t, one, two)
  await look()
  two.named = { port: other.port, epoch: 3 }
  await look()
  two.named = { port: server.port, epoch: 0 }
  await look()
  t.equal(connectedTo(), server.port)
  t.equal(client.status, 'ready')
})

test('nobody is watched once the client is closed', withServer, async (t) => {
  const server = await startServer(t)
  const sentinel = await startSentinel(t, { port: server.port, epoch: 0 })
  const { client, look, clock } = await watching(t, sentinel)
  await look()
  client.removeAllListeners('close')
  client.disconnect()
  await until('all connections are closed', () => sentinel.connections() === 0)
  t.same(clock.intervals(), [])
})
