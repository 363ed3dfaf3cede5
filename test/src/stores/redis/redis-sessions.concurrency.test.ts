import { performance } from 'node:perf_hooks'
import { test } from 'tap'
import type { CreateOutcome, SessionDraft } from '../../../../src/masking/session-store.js'
import { StoreUnavailableError } from '../../../../src/masking/session-store.js'
import { ABANDONED_MS } from '../../../../src/stores/redis/redis-sessions.js'
import { startServer, withServer } from '../../../redis-server.js'
import {
  connect,
  draft,
  patient,
  replace,
  type Spy,
  sessionIn,
  standing,
  storeThrough,
} from '../../../redis-store.js'
import { DAY, HOUR, POOL, person, SECOND, START, whole } from '../../../session-store-contract.js'

/** Long enough for any repair of a book, and for abandoned claims to be freed. */
const A_WHILE = ABANDONED_MS + 3 * SECOND

test('concurrent requests', withServer, async (t) => {
  const server = await startServer(t)
  const world = standing()
  const good = patient(await connect(t, server.url, world.options), world.options)
  const { store } = good
  t.beforeEach(() => server.client.flushall())
  /** Does some work right before a command is sent, the first `times` times. */
  const before = (wanted: string, work: () => Promise<unknown>, times = 1) => {
    let left = times
    return storeThrough(good, world.options, async (command, run) => {
      if (command === wanted && left-- > 0) await work()
      return run()
    })
  }
  const keyed = (more: Partial<SessionDraft> = {}) => draft(1, 2, { externalId: 'order-1', ...more })

  t.test('a change that another one overtook is retried on the current record', async (t) => {
    const { id } = sessionIn(await store.create(draft(1, 2)))
    let end = START + DAY
    const overtake = () => {
      end += SECOND
      return store.change(id, { expiresAt: end, allowShortRest: false })
    }
    t.match(await before('cmUpdate', overtake, 2).change(id, replace(3)), {
      kind: 'changed',
      session: { expiresAt: START + DAY + 2 * SECOND, participants: [{}, { number: whole(person(3)) }] },
    })
    await t.rejects(before('cmUpdate', overtake, 99).change(id, replace(4)), StoreUnavailableError)
    t.match(await before('cmUpdate', () => store.close(id)).change(id, replace(5)), { kind: 'ended' })
    for (const n of [4, 5]) t.same(await store.numbersOf([whole(person(n))]), [])
    t.match(
      await store.create(draft(5, 6)),
      { kind: 'created' },
      'the number claimed for the failed change is free again',
    )
    const other = sessionIn(await store.create(draft(7, 8)))
    const forget = () => server.client.del(`callmask:2:session:${other.id}`)
    t.match(await before('cmUpdate', forget).change(other.id, replace(9)), { kind: 'unknown' })
    const third = sessionIn(await store.create(draft(17, 18)))
    const forgetThird = () => server.client.del(`callmask:2:session:${third.id}`)
    t.equal(await before('cmClose', forgetThird).close(third.id), undefined)
  })

  t.test('two creates with the same external id get the same session', async (t) => {
    const others: CreateOutcome[] = []
    const outcome = await before('cmCommit', async () => others.push(await store.create(keyed()))).create(
      keyed(),
    )
    t.match(outcome, { kind: 'existing', session: { id: sessionIn(others[0] as CreateOutcome).id } })
    t.equal((await store.list({ limit: 9 })).sessions.length, 1)
  })

  t.test(
    'a create that finds no number gets the session that another create with the same external id opened',
    async (t) => {
      const full: string[] = []
      for (const other of [11, 12, 13]) full.push(sessionIn(await store.create(draft(1, other))).id)
      let theirs: CreateOutcome | undefined
      const late = before('cmAbort', async () => {
        await store.close(String(full[0]))
        theirs = await store.create(keyed({ allowShortRest: true }))
      })
      const outcome = await late.create(keyed())
      t.match(theirs, { kind: 'created' })
      t.match(outcome, {
        kind: 'existing',
        session: { id: sessionIn(theirs as unknown as CreateOutcome).id },
      })
      t.equal((await store.list({ limit: 9, status: 'open' })).sessions.length, 3)
    },
  )

  t.test('an external id stays with a session that is prolonged while the id is being taken', async (t) => {
    const { id } = sessionIn(await store.create(keyed({ expiresAt: START + HOUR })))
    // The clock of the instance that prolongs it is behind.
    const behind = patient(good, { ...world.options, now: () => START }).store
    const prolong = () => behind.change(id, { expiresAt: START + DAY, allowShortRest: false })
    world.time = START + HOUR
    const late = keyed({ createdAt: world.time, expiresAt: world.time + HOUR, fingerprint: 'other' })
    t.same(await before('cmBury', prolong).create(late), { kind: 'conflict' })
    t.match(await before('cmBury', prolong).create(keyed()), { kind: 'existing', session: { id } })

    world.time = START + DAY
    const next = keyed({ createdAt: world.time, expiresAt: world.time + HOUR })
    t.match(await store.create(next), { kind: 'created' })
    t.same(
      await prolong(),
      { kind: 'ended' },
      'once the id is taken, no instance can prolong the old session',
    )
    t.match(await store.find(id), { expiresAt: START + DAY })
    t.equal((await store.list({ externalId: 'order-1', status: 'open', limit: 9 })).sessions.length, 1)
    world.time = START
  })

  t.test('two instances that take a free external id at the same time open one session', async (t) => {
    const other = patient(await connect(t, server.url, world.options), world.options).store
    for (let round = 0; round < 20; round++) {
      const externalId = `order-${round}`
      const named = (fingerprint: string) =>
        draft(100 + 2 * round, 101 + 2 * round, { externalId, fingerprint })
      await store.close(sessionIn(await store.create(named('first'))).id)
      const outcomes = await Promise.all([store.create(named('a')), other.create(named('b'))])
      t.same(outcomes.map(({ kind }) => kind).toSorted(), ['conflict', 'created'])
      const { sessions } = await store.list({ externalId, limit: 9 })
      t.same(
        sessions.map(({ closedAt }) => closedAt === undefined).toSorted(),
        [false, true],
        'one session is open, one is closed',
      )
    }
  })

  t.test('an idempotency key that two requests bind at the same time belongs to one session', async (t) => {
    const { id } = sessionIn(await store.create(keyed()))
    const bind = () => store.create(keyed({ idempotencyKey: 'k-2' }))
    const mine = await before('set', bind).create(keyed({ idempotencyKey: 'k-2' }))
    t.match(mine, { kind: 'existing', session: { id } })
    const takeKey = () => store.create(draft(5, 6, { idempotencyKey: 'k-3' }))
    t.same(await before('set', takeKey).create(keyed({ idempotencyKey: 'k-3' })), { kind: 'conflict' })
  })

  t.test('an external id no longer lists its sessions once they are forgotten', async (t) => {
    for (let day = 0; day < 20; day++) {
      world.time = START + day * DAY
      const times = { createdAt: world.time, expiresAt: world.time + HOUR }
      await store.create(keyed(times))
    }
    const [key = ''] = await server.client.keys('callmask:2:name:*')
    t.equal(await server.client.zcard(key), 9, 'those of a week, and the one before')
    t.ok((await server.client.pexpiretime(key)) >= world.time + HOUR + 7 * DAY)
    world.time = START
  })

  t.test('a create with a key alone that failed is done with the id that it reserved', async (t) => {
    await server.client.flushall()
    const request = () => draft(1, 2, { idempotencyKey: 'key-1' })
    const failing = before('cmCommit', () => {
      throw new StoreUnavailableError()
    })
    await t.rejects(failing.create(request()), StoreUnavailableError)
    const [key = ''] = await server.client.keys('callmask:2:key:*')
    const [reserved] = String(await server.client.get(key)).split('|')
    t.equal(sessionIn(await store.create(request())).id, reserved)
  })

  t.test('a session that was aborted is not written', async (t) => {
    const abort = async () => {
      const [key = ''] = await server.client.keys('callmask:2:key:*')
      const id = String(await server.client.get(key)).split('|')[0]
      await server.client.hset(`callmask:2:session:${id}`, 'a', '1')
    }
    await t.rejects(before('cmCommit', abort).create(keyed()), StoreUnavailableError)
    t.same(await store.list({ limit: 9 }), { sessions: [] })
    t.same(await store.numbersOf([whole(person(1))]), [])
  })

  t.test('a create that is always too late for its key gives up and opens nothing', async (t) => {
    let n = 0
    const overtake = async () => {
      const [key = ''] = await server.client.keys('callmask:2:key:*')
      if (key) await server.client.set(key, `s_none${'0'.repeat(17)}|f|${START - DAY - n++}`)
    }
    await server.client.flushall()
    await store.create(keyed())
    await server.client.del(...(await server.client.keys('callmask:2:session:*')))
    world.time = START + HOUR
    await t.rejects(before('cmSwap', overtake, 99).create(keyed()), StoreUnavailableError)
    t.same(await store.list({ limit: 9 }), { sessions: [] })
    world.time = START
  })

  t.test('a create that takes too long to claim its numbers opens nothing', async (t) => {
    const { now } = performance
    t.teardown(() => Object.assign(performance, { now }))
    const hold = async () => Object.assign(performance, { now: () => now.call(performance) + 6_000 })
    await t.rejects(before('cmClaim', hold).create(keyed()), StoreUnavailableError)
    Object.assign(performance, { now })
    t.same(await store.list({ limit: 9 }), { sessions: [] })
  })

  t.test('a number that a crashed create left claimed can be used again', async (t) => {
    const { options } = standing({ pool: POOL.slice(0, 1) })
    const one = patient(good, { ...options, now: world.options.now }).store
    const { id } = sessionIn(await one.create(draft(1, 2)))
    const crash = () => Promise.reject(new StoreUnavailableError())
    const ends: Spy = (command, run) => (command === 'cmCommit' ? crash() : run())
    await t.rejects(storeThrough(good, options, ends).create(draft(3, 4)), StoreUnavailableError)
    const change = { replace: { side: 0, number: whole(person(3)) } as const, allowShortRest: false }
    t.match(await one.change(id, change), { kind: 'taken' }, 'the session of the claim may still be written')
    world.time += A_WHILE
    t.match(
      await one.change(id, change),
      { kind: 'taken', freeAt: START + HOUR },
      'the number rests from the time of the claim',
    )
    world.time = START + HOUR
    t.match(await one.change(id, change), {
      kind: 'changed',
      session: { participants: [{ number: whole(person(3)) }] },
    })
    world.time = START
  })
})
