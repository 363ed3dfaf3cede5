import { EventEmitter } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import { Cluster, type Redis } from 'ioredis'
import { type Test, test } from 'tap'
import type { Session } from '../../../../src/masking/session.js'
import { StoreUnavailableError } from '../../../../src/masking/session-store.js'
import { readStoreUrl, type StoreAddress } from '../../../../src/stores/redis/address.js'
import { type Client, createClient } from '../../../../src/stores/redis/client.js'
import { createDurableLane } from '../../../../src/stores/redis/durable-lane.js'
import { createGate } from '../../../../src/stores/redis/gate.js'
import { createLink, type Link } from '../../../../src/stores/redis/link.js'
import { openSession, type RecordFields, sealSession } from '../../../../src/stores/redis/records.js'
import { checkServer } from '../../../../src/stores/redis/server-checks.js'
import { openSharedStore } from '../../../../src/stores/redis/shared-store.js'
import { createVault } from '../../../../src/stores/redis/vault.js'
import { testClock } from '../../../clocks.js'
import { OTHER_KEY, STORE_KEY } from '../../../redis-store.js'

test('STORE_URL', async (t) => {
  const standalone = { kind: 'standalone', tls: false, db: 0 }
  const cases: [string, Partial<StoreAddress>][] = [
    ['redis://a', { ...standalone, hosts: [{ host: 'a', port: 6379 }] } as never],
    ['redis://a.example.com:7000', { hosts: [{ host: 'a.example.com', port: 7000 }] }],
    ['redis://a/', { db: 0 }],
    ['redis://a/15', { db: 15 }],
    ['rediss://a', { tls: true, kind: 'standalone' }],
    [
      'redis://user:p%40ss%3A%2f@a',
      { username: 'user', password: 'p@ss:/', hosts: [{ host: 'a', port: 6379 }] },
    ],
    ['redis://:secret@a', { username: undefined, password: 'secret' }],
    ['redis://us%65r@a', { username: 'user', password: undefined }],
    ['redis://[::1]:7000', { hosts: [{ host: '::1', port: 7000 }] }],
    ['redis://[2001:db8::1]', { hosts: [{ host: '2001:db8::1', port: 6379 }] }],
    [
      'rediss://u:p@a:1,b,[::1]:3?cluster',
      {
        kind: 'cluster',
        tls: true,
        username: 'u',
        password: 'p',
        hosts: [
          { host: 'a', port: 1 },
          { host: 'b', port: 6379 },
          { host: '::1', port: 3 },
        ],
      },
    ],
    [
      'redis://a,b:7/2?sentinel=my.master-1',
      {
        kind: 'sentinel',
        primaryName: 'my.master-1',
        db: 2,
        hosts: [
          { host: 'a', port: 26379 },
          { host: 'b', port: 7 },
        ],
      },
    ],
  ]
  for (const [url, expected] of cases) t.match(readStoreUrl(url), expected, url)

  for (const wrong of [
    '',
    'a:6379',
    'http://a',
    'redis://',
    'redis://:6379',
    'redis://a,b',
    'redis://a,?cluster',
    'redis://a b',
    'redis://a:port',
    'redis://a:123456',
    'redis://a:65536',
    'redis://a:0',
    'redis://a/x',
    'redis://a/0/1',
    'redis://a?sentinel',
    'redis://a?sentinel=',
    'redis://a?cluster=yes',
    'redis://a?other',
    'redis://a#b',
    'redis://u:p@q@a',
    'redis://u:100%@a',
    'redis://%ff@a',
    'redis://[::1',
  ])
    t.equal(readStoreUrl(wrong), undefined, wrong)
})

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
  await t.rejects(plain.get('key'), 'a question is refused, not kept for later')
  t.ok(client<Redis>('rediss://127.0.0.1:1').options.tls)
  t.notOk(client<Redis>('redis://127.0.0.1:1').options.password)

  const { retryStrategy, reconnectOnError } = plain.options
  for (const attempt of [1, 100_000]) {
    const delay = Number(retryStrategy?.(attempt))
    t.ok(delay >= 400 && delay <= 500, 'however long it has been away')
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

test('the vault', async (t) => {
  const vault = createVault([STORE_KEY])
  const sealed = vault.seal('918888800001 ÄÖ', 's_1')

  t.test('opens what it sealed, for the same thing only', async (t) => {
    t.equal(vault.open(sealed, 's_1'), '918888800001 ÄÖ')
    t.equal(createVault([STORE_KEY]).open(sealed, 's_1'), '918888800001 ÄÖ', 'on any instance')
    t.throws(() => vault.open(sealed, 's_2'))
    t.not(vault.seal('x', 's_1'), vault.seal('x', 's_1'), 'the same text is never sealed to the same')
  })

  t.test('nothing of what was sealed can be altered', async (t) => {
    const [id, text = ''] = sealed.split('.')
    const bytes = Buffer.from(text, 'base64')
    for (let i = 0; i < bytes.length; i++) {
      const altered = Buffer.from(bytes)
      altered[i] = Number(altered[i]) ^ 1
      t.throws(() => vault.open(`${id}.${altered.toString('base64')}`, 's_1'), `byte ${i}`)
    }
    t.throws(() => vault.open(`${id}.${bytes.subarray(0, -4).toString('base64')}`, 's_1'), 'a shorter tag')
    for (const text of [`${id}.`, String(id), '', `${id}`]) t.throws(() => vault.open(text, 's_1'), text)
  })

  t.test('while keys are rotated the old one reads and the new one writes', async (t) => {
    const rotating = createVault([OTHER_KEY, STORE_KEY])
    t.equal(rotating.open(sealed, 's_1'), '918888800001 ÄÖ')
    const anew = rotating.seal('text', 's_1')
    t.equal(createVault([OTHER_KEY]).open(anew, 's_1'), 'text')
    t.throws(() => vault.open(anew, 's_1'), { message: 'sealed with a key that is not in STORE_KEY' })
    t.same(rotating.keyIds, [...createVault([OTHER_KEY]).keyIds, ...vault.keyIds])
  })

  t.test('names tell nothing, and differ by key', async (t) => {
    const [name] = vault.namesOf('918888800001')
    const [other] = createVault([OTHER_KEY]).namesOf('918888800001')
    t.match(name, /^[\w-]{22}$/)
    t.same(vault.namesOf('918888800001'), [name], 'the same each time')
    t.not(name, other)
    t.not(name, vault.namesOf('918888800002')[0])
    t.same(
      createVault([OTHER_KEY, STORE_KEY]).namesOf('918888800001'),
      [other, name],
      'first the one to write',
    )
  })

  t.test('neither a sealed text nor a key’s id tells the text or the key', async (t) => {
    for (const secret of ['918888800001', Buffer.from('918888800001').toString('base64')])
      t.notOk(sealed.includes(secret) || vault.namesOf('918888800001')[0].includes(secret))
    const hex = Buffer.from(STORE_KEY, 'base64').toString('hex')
    for (const id of vault.keyIds) t.notOk(hex.includes(id) || STORE_KEY.includes(id))
  })
})

test('a record', async (t) => {
  const vault = createVault([STORE_KEY])
  const session: Session = {
    id: 's_1',
    participants: [
      { number: '918888800001', maskingNumber: '919000000011', restedFor: undefined },
      { number: '918888800002', maskingNumber: '919000000012', restedFor: 5 },
    ],
    createdAt: 1,
    expiresAt: 2,
  }
  const fields = (sealed: string, closedAt: string | null = null): RecordFields => [
    '7',
    '2',
    closedAt,
    sealed,
    null,
  ]
  t.same(openSession('s_1', fields(sealSession(session, ['key'], vault)), vault), {
    session,
    version: '7',
    keys: ['key'],
  })
  const full = { ...session, externalId: '', metadata: { order: '42' } }
  t.same(openSession('s_1', fields(sealSession(full, [], vault), '9'), vault)?.session, {
    ...full,
    closedAt: 9,
  })
  t.equal(openSession('s_1', [null, null, null, null, '1'], vault), undefined, 'aborted')
  t.equal(openSession('s_1', [null, null, null, null, null], vault), undefined)
  t.throws(() => openSession('s_2', fields(sealSession(session, [], vault)), vault), 'another session’s')
})

test('a gate lets so many in, in the order in which they came, and a failure frees its place', async (t) => {
  const gate = createGate(2)
  const begun: number[] = []
  const ends: ((error?: Error) => void)[] = []
  const works = [0, 1, 2, 3, 4].map((i) =>
    gate(
      () =>
        new Promise<number>((resolve, reject) => {
          begun.push(i)
          ends[i] = (error) => (error ? reject(error) : resolve(i))
        }),
    ),
  )
  t.same(begun, [0, 1])
  ends[1]?.(new Error('failed'))
  await t.rejects(works[1] as Promise<number>, { message: 'failed' })
  t.same(begun, [0, 1, 2])
  ends[0]?.()
  t.equal(await works[0], 0)
  t.same(begun, [0, 1, 2, 3])
  ends[2]?.()
  ends[3]?.()
  await Promise.all([works[2], works[3]])
  t.same(begun, [0, 1, 2, 3, 4])
  ends[4]?.()
  await works[4]

  const again = [0, 1, 2].map((i) => gate(async () => begun.push(10 + i)))
  t.same(begun.slice(5), [10, 11], 'both places are free again, and no third one')
  await Promise.all(again)
})

/** A client that does as a test wants, with a clock that ticks when it is told to. */
function fakeLink(t: Test) {
  const client = Object.assign(new EventEmitter(), {
    status: 'ready',
    isThere: true,
    pings: 0,
    ended: 0,
    async ping() {
      client.pings += 1
      if (!client.isThere) throw new Error('not there')
      return 'PONG'
    },
    disconnect() {
      client.ended += 1
    },
  })
  const turns: boolean[] = []
  const clock = testClock()
  const link = createLink({
    client: client as unknown as Client,
    clock,
    onChange: (isUp) => turns.push(isUp),
  })
  t.teardown(() => link.close())
  return { link, client, turns, tick: clock.tick, clock }
}

const replyError = (message: string) => Object.assign(new Error(message), { name: 'ReplyError' })

test('a link', async (t) => {
  t.test('is down until the server has answered, and then asks it no more by itself', async (t) => {
    const { link, client, turns, tick } = fakeLink(t)
    t.notOk(link.isUp)
    await t.rejects(
      link.ask(async () => t.fail('asked')),
      StoreUnavailableError,
    )
    client.status = 'connecting'
    await tick()
    t.equal(client.pings, 0, 'nobody is asked before there is a connection')
    client.status = 'ready'
    await Promise.all([tick(), tick()])
    t.equal(client.pings, 1, 'one question at a time')
    t.ok(link.isUp)
    await tick()
    t.equal(client.pings, 1)
    t.same(turns, [true])
    t.equal(await link.ask(async (given) => given === (client as never)), true)
  })

  t.test('a probe without an answer leaves it down', async (t) => {
    const { link, client, turns, tick } = fakeLink(t)
    client.isThere = false
    await tick()
    t.notOk(link.isUp)
    client.isThere = true
    await tick()
    t.ok(link.isUp, 'and the next one is asked')
    t.same(turns, [true])
  })

  t.test('whatever says that the server cannot serve takes it down, once', async (t) => {
    const { link, client, turns, tick } = fakeLink(t)
    for (const error of [
      replyError('LOADING Redis is loading the dataset in memory'),
      replyError('READONLY You can’t write against a read only replica.'),
      replyError('MASTERDOWN Link with MASTER is down'),
      replyError('CLUSTERDOWN The cluster is down'),
      replyError('NOAUTH Authentication required.'),
      new Error('Connection is closed.'),
      new StoreUnavailableError(),
    ]) {
      await tick()
      t.ok(link.isUp)
      turns.length = 0
      await t.rejects(
        link.ask(() => Promise.reject(error)),
        StoreUnavailableError,
        error.message,
      )
      t.notOk(link.isUp)
      client.emit('close')
      t.same(turns, [false], error.message)
    }
  })

  t.test('a command that the server does not take fails alone', async (t) => {
    const { link, turns, tick } = fakeLink(t)
    await tick()
    turns.length = 0
    for (const text of [
      'NOREPLICAS Not enough',
      'OOM command not allowed',
      'MISCONF Redis',
      'NOPERM this user',
    ]) {
      await t.rejects(
        link.ask(() => Promise.reject(replyError(text))),
        StoreUnavailableError,
        text,
      )
      t.ok(link.isUp)
    }
    t.same(turns, [])
  })

  t.test('any other error is ours, and the server is there', async (t) => {
    const { link, turns, tick } = fakeLink(t)
    await tick()
    const error = replyError('WRONGTYPE Operation against a key holding the wrong kind of value')
    await t.rejects(
      link.ask(() => Promise.reject(error)),
      error,
    )
    for (const mistake of [new TypeError('no function'), new RangeError('too long')])
      await t.rejects(
        link.ask(() => Promise.reject(mistake)),
        mistake,
      )
    t.ok(link.isUp)
    t.same(turns, [true])
  })

  t.test('tells of a lost connection, and of none that it closed itself', async (t) => {
    const { link, client, turns, tick, clock } = fakeLink(t)
    client.emit('error', new Error('told again and again'))
    client.emit('ready')
    await turn()
    client.emit('close')
    t.same(turns, [true, false])
    await tick()
    link.close()
    client.emit('close')
    t.same(turns, [true, false, true])
    t.same(clock.intervals(), [])
    t.equal(client.ended, 1)
  })
})

/** A link whose server says this of itself. */
function linkTo(info: string, settings: Record<string, string> | Error): Link {
  const client = {
    info: async () => info,
    config: async (_get: string, name: string) => {
      if (settings instanceof Error) throw settings
      return name in settings ? [name, settings[name]] : []
    },
  }
  return { ask: (question) => question(client as unknown as Client), isUp: true, close: () => undefined }
}

test('what of a server puts sessions at risk', async (t) => {
  const good = { 'maxmemory-policy': 'noeviction', appendonly: 'yes', save: '' }
  const seen = async (version: string, settings: Record<string, string> | Error) =>
    (await checkServer(linkTo(`# Server\r\nredis_version:${version}\r\n`, settings))).map(({ seen }) => seen)
  t.same(await seen('7.0.15', good), [])
  t.same(await seen('8.2.0', { ...good, appendonly: 'no', save: '3600 1' }), [], 'saved now and then')
  t.same(await seen('7.2.4', { ...good, appendonly: 'no' }), [
    'nothing is written to disk, so a restart ends all sessions',
  ])
  t.same(await seen('7.2.4', { ...good, 'maxmemory-policy': 'allkeys-lru' }), [
    'maxmemory-policy is allkeys-lru, so open sessions may be dropped',
  ])
  t.same(await seen('6.2.14', good), ['the server is version 6'])
  t.same(
    await seen('7.2.4', replyError('NOPERM no permissions to run config|get')),
    [],
    'CONFIG is forbidden',
  )
  t.same(await seen('7.2.4', {}), [])
  t.same(await checkServer(linkTo('', good)), [], 'no version told')
  const [problem] = await checkServer(linkTo('redis_version:6.0.0', good))
  t.equal(problem?.remedy, 'use Redis 7 or later, or Valkey')
})

test('in a cluster a write is confirmed where its key is, and a slot of nobody is no answer', async (t) => {
  const nodes = [1, 2].map((port) => ({
    options: { host: '127.0.0.1', port },
    info: async () => (port === 2 ? 'connected_slaves:1' : 'connected_slaves:0'),
    wait: async () => (port === 2 ? 1 : 0),
  }))
  const slots: Record<number, string[]> = { 5: ['127.0.0.1:2'] }
  const client = Object.assign(Object.create(Cluster.prototype), {
    cluster: async (_command: string, key: string) => (key === 'here' ? 5 : 6),
    slots,
    nodes: () => nodes,
    set: async () => 'OK',
  })
  const lane = createDurableLane({ ask: (question) => question(client), isUp: true, close: () => undefined })
  t.same(await lane.write('here', async () => 'done'), { reply: 'done', durable: true })
  await t.rejects(
    lane.write('nowhere', async () => 'done'),
    StoreUnavailableError,
  )
})

test('a shared store wants a valid URL', async (t) => {
  const options = { keys: [STORE_KEY], clock: testClock(), onChange: () => undefined } as const
  t.throws(() => openSharedStore({ ...options, url: 'redis://a,b' }), { message: 'STORE_URL is not valid' })
  const store = openSharedStore({ ...options, url: 'redis://127.0.0.1:1' })
  t.match(store, { kind: 'standalone', link: { isUp: false } })
  await t.rejects(
    store.lane.write('key', async () => t.fail('written')),
    StoreUnavailableError,
  )
  store.close()
})

test('a cluster has one database', async (t) => {
  t.equal(readStoreUrl('redis://a,b/1?cluster'), undefined)
  t.match(readStoreUrl('redis://a,b/0?cluster'), { kind: 'cluster', db: 0 })
  t.match(readStoreUrl('redis://a,b?cluster'), { kind: 'cluster', db: 0 })
})
