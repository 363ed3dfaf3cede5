import { Cluster, type Redis } from 'ioredis'
import { test } from 'tap'
import { readStoreUrl, type StoreAddress } from '../../../../src/stores/redis/address.js'
import { type Client, createClient } from '../../../../src/stores/redis/client.js'

test('a client never queues, never resends and never waits for long', async (t) => {
  const client = <Kind extends Client>(url: string): Kind => {
    const made = createClient(readStoreUrl(url) as StoreAddress)
    made.on('error', () => undefined)
    made.disconnect()
    return made as Kind
  }
  const careful = {
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 1_000,
    socketTimeout: 1_000,
  }

  const plain = client<Redis>('redis://user:pass@127.0.0.1:1/3')
  t.match(plain.options, {
    ...careful,
    host: '127.0.0.1',
    port: 1,
    username: 'user',
    password: 'pass',
    db: 3,
  })
  t.notOk(plain.options.tls)
  await t.rejects(plain.get('key'), 'a command is refused, not queued')
  t.ok(client<Redis>('rediss://127.0.0.1:1').options.tls)
  t.notOk(client<Redis>('redis://127.0.0.1:1').options.password)

  const { retryStrategy, reconnectOnError } = plain.options
  for (const attempt of [1, 100_000]) {
    const delay = Number(retryStrategy?.(attempt))
    t.ok(delay >= 400 && delay <= 500, 'however long the server has been away')
  }
  t.equal(reconnectOnError?.(new Error('READONLY You can’t write against a read only replica.')), true)
  t.equal(reconnectOnError?.(new Error('MASTERDOWN Link with MASTER is down')), true)
  t.equal(reconnectOnError?.(new Error('LOADING Redis is loading')), false)

  const sentinel = client<Redis>('rediss://:pass@127.0.0.1:1,127.0.0.1:2?sentinel=main')
  t.match(sentinel.options, {
    ...careful,
    name: 'main',
    sentinels: [
      { host: '127.0.0.1', port: 1 },
      { host: '127.0.0.1', port: 2 },
    ],
    password: 'pass',
    enableTLSForSentinelMode: true,
    sentinelCommandTimeout: 300,
  })
  t.ok(Number(sentinel.options.sentinelRetryStrategy?.(1)) >= 400)

  const cluster = client<Cluster>('redis://:pass@127.0.0.1:1?cluster')
  t.ok(cluster instanceof Cluster)
  t.match(cluster.options, {
    enableOfflineQueue: false,
    redisOptions: { ...careful, password: 'pass' },
  })
  t.ok(Number(cluster.options.clusterRetryStrategy?.(1)) >= 400)
})
