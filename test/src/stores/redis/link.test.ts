import { EventEmitter } from 'node:events'
import { performance } from 'node:perf_hooks'
import { setImmediate as turn } from 'node:timers/promises'
import { type Test, test } from 'tap'
import { systemClock } from '../../../../src/clock.js'
import { StoreUnavailableError } from '../../../../src/masking/storage.js'
import { readStoreUrl, type StoreAddress } from '../../../../src/stores/redis/address.js'
import { ANSWER_LIMIT_MS, type Client, createClient } from '../../../../src/stores/redis/client.js'
import { createLink } from '../../../../src/stores/redis/link.js'
import { testClock } from '../../../clocks.js'
import { standing } from '../../../drafts.js'
import { startServer, until, withServer } from '../../../redis-server.js'
import { connect } from '../../../redis-store.js'

/** A link on a client that the test controls, with a clock that ticks when it is told to. */
function fakeLink(t: Test) {
  const client = Object.assign(new EventEmitter(), {
    status: 'ready',
    isThere: true,
    beats: [] as unknown[][],
    ended: 0,
    async set(...args: unknown[]) {
      client.beats.push(args)
      if (!client.isThere) throw client.fault
      return 'OK'
    },
    fault: new Error('not there'),
    disconnect() {
      client.ended += 1
    },
  })
  const turns: boolean[] = []
  const clock = testClock()
  const refusals: string[] = []
  const link = createLink({
    client: client as unknown as Client,
    clock,
    beatKey: 'beat',
    onChange: (isUp) => turns.push(isUp),
    onRefusal: (word) => refusals.push(word),
  })
  t.teardown(() => link.close())
  return { link, client, turns, refusals, tick: clock.tick, clock }
}

const replyError = (message: string) => Object.assign(new Error(message), { name: 'ReplyError' })

test('a link', async (t) => {
  t.test('is down until the server has answered, and then stops probing', async (t) => {
    const { link, client, turns, tick } = fakeLink(t)
    t.notOk(link.isUp)
    await t.rejects(
      link.ask(async () => t.fail('asked')),
      StoreUnavailableError,
    )
    client.status = 'connecting'
    await tick()
    t.equal(client.beats.length, 0, 'no probe before there is a connection')
    client.status = 'ready'
    await Promise.all([tick(), tick()])
    t.equal(client.beats.length, 1, 'one probe at a time')
    t.ok(link.isUp)
    await tick()
    t.equal(client.beats.length, 1)
    t.same(client.beats, [['beat', '1', 'PX', 60_000]], 'it wrote something that does not stay')
    t.same(turns, [true])
    t.equal(await link.ask(async (given) => given === (client as never)), true)
  })

  t.test('stays down when a probe gets no answer', async (t) => {
    const { link, client, turns, tick } = fakeLink(t)
    client.isThere = false
    await tick()
    t.notOk(link.isUp)
    client.isThere = true
    await tick()
    t.ok(link.isUp, 'the next probe takes it up')
    t.same(turns, [true])
  })

  t.test('goes down on any error that means that the server cannot serve, and reports it once', async (t) => {
    const { link, client, turns, tick } = fakeLink(t)
    for (const error of [
      replyError('LOADING Redis is loading the dataset in memory'),
      replyError('READONLY You can’t write against a read only replica.'),
      replyError('MASTERDOWN Link with MASTER is down'),
      replyError('CLUSTERDOWN The cluster is down'),
      replyError('NOAUTH Authentication required.'),
      replyError('NOREPLICAS Not enough good replicas to write.'),
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

  t.test('a command that the server does not take fails alone, and is told by one word', async (t) => {
    const { link, turns, refusals, tick } = fakeLink(t)
    await tick()
    turns.length = 0
    for (const text of [
      'OOM command not allowed',
      'MISCONF Redis',
      'NOPERM this user',
      'WRONGTYPE Operation against a key holding the wrong kind of value',
      'ERR user_script:3: 919812300001',
      'MOVED 3999 127.0.0.1:6381',
      'MOVED',
      'NOSCRIPT No matching script.',
      'LOADINGS 919812300001',
      '919812300001',
      '',
    ]) {
      await t.rejects(
        link.ask(() => Promise.reject(replyError(text))),
        StoreUnavailableError,
        text,
      )
      t.ok(link.isUp)
    }
    t.same(turns, [])
    t.same(refusals, [
      'OOM',
      'MISCONF',
      'NOPERM',
      'WRONGTYPE',
      'ERR',
      'MOVED',
      'MOVED',
      'NOSCRIPT',
      'other',
      'other',
      'other',
    ])
  })

  t.test('a mistake of ours is told as such, and the server is there', async (t) => {
    const { link, turns, refusals, tick } = fakeLink(t)
    await tick()
    for (const mistake of [new TypeError('no function'), new RangeError('too long')])
      await t.rejects(
        link.ask(() => Promise.reject(mistake)),
        mistake,
      )
    t.ok(link.isUp)
    t.same(turns, [true])
    t.same(refusals, [])
  })

  t.test('sees at its next beat that the server takes no more writes', async (t) => {
    const { link, client, turns, refusals, tick } = fakeLink(t)
    await t.rejects(link.beat(), StoreUnavailableError, 'while it is down, the probes see to it')
    t.equal(client.beats.length, 0)
    await tick()
    await link.beat()
    t.equal(client.beats.length, 2)
    t.ok(link.isUp)
    Object.assign(client, {
      isThere: false,
      fault: replyError('NOREPLICAS Not enough good replicas to write.'),
    })
    await t.rejects(link.beat(), StoreUnavailableError)
    t.notOk(link.isUp)
    await tick()
    t.notOk(link.isUp, 'and as long as it takes none')
    t.same(refusals, ['NOREPLICAS', 'NOREPLICAS'])
    t.same(turns, [true, false])
  })

  t.test('a server that lets nobody in is told by what it says', async (t) => {
    const { client, turns, refusals } = fakeLink(t)
    client.emit('error', replyError('WRONGPASS invalid username-password pair or user is disabled.'))
    client.emit('node error', replyError('NOAUTH Authentication required.'), '127.0.0.1:1')
    client.emit('error', new Error('connect ECONNREFUSED'))
    t.same(refusals, ['WRONGPASS', 'NOAUTH'])
    t.same(turns, [])
  })

  t.test('reports a lost connection, but none that it closed itself', async (t) => {
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

test(
  'a link to a server that stops fails at once, and recovers when the server is back',
  withServer,
  async (t) => {
    const server = await startServer(t)
    const turns: boolean[] = []
    const link = createLink({
      client: createClient(readStoreUrl(server.url) as StoreAddress),
      clock: systemClock,
      beatKey: 'beat',
      onChange: (isUp) => turns.push(isUp),
    })
    t.teardown(() => link.close())
    const ask = () => link.ask((client) => client.get('key'))
    const answers = () =>
      ask().then(
        (value) => value === null,
        () => false,
      )
    await until('it answers', answers)

    const asked = ask()
    await turn()
    const busyUntil = performance.now() + ANSWER_LIMIT_MS + 50
    while (performance.now() < busyUntil);
    t.equal(await asked, null, 'an answer that has arrived counts, even if it is read late')

    await server.kill('SIGSTOP')
    const settled: string[] = []
    const note = (name: string) => (error: unknown) => {
      settled.push(name)
      t.ok(error instanceof StoreUnavailableError, name)
    }
    await ask().catch(note('the first'))
    t.notOk(link.isUp)
    const limit = new Promise<void>((resolve) => setTimeout(resolve, 100)).then(() => settled.push('100 ms'))
    await Promise.all([...Array.from({ length: 50 }, () => ask().catch(note('another'))), limit])
    t.equal(settled.at(-1), '100 ms', 'later questions do not wait')
    t.equal(settled.length, 52)

    await server.kill('SIGCONT')
    await until('it answers again', answers)
    await server.kill('SIGKILL')
    await t.rejects(ask(), StoreUnavailableError)
    await until('down', () => !link.isUp)
    await server.restart()
    await until('it answers again', answers)
    // A busy machine may have made it late more often.
    t.ok(turns.length >= 5)
    t.ok(
      turns.every((isUp, i) => isUp === (i % 2 === 0)),
      'each change is reported once',
    )
  },
)

test('a server that has become a replica counts as one that does not answer', withServer, async (t) => {
  const server = await startServer(t)
  const { link } = await connect(t, server.url, standing().options)
  await server.client.config('SET', 'replica-read-only', 'yes')
  await server.client.replicaof('127.0.0.1', 1)
  await t.rejects(
    link.ask((client) => client.set('key', '1')),
    StoreUnavailableError,
  )
  await server.client.replicaof('NO', 'ONE')
  await until('it is the primary again', () => link.isUp)
  t.equal(await link.ask((client) => client.set('key', '1')), 'OK')
  await t.rejects(
    link.ask((client) => client.lpush('key', 'x')),
    StoreUnavailableError,
  )
  t.ok(link.isUp)
})

test(
  'a server that has lost its replicas, and should have one, counts as one that does not answer',
  withServer,
  async (t) => {
    const server = await startServer(t)
    const { link } = await connect(t, server.url, standing().options)
    await link.beat()
    await server.client.config('SET', 'min-replicas-to-write', '1')
    await t.rejects(link.beat(), StoreUnavailableError)
    t.notOk(link.isUp)
    await server.client.config('SET', 'min-replicas-to-write', '0')
    await until('it takes writes again', () => link.isUp)
    await link.beat()
  },
)
