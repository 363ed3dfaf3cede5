import { test } from 'tap'
import type { CreateOutcome } from '../../../../src/masking/session-store.js'
import { StoreUnavailableError } from '../../../../src/masking/session-store.js'
import { createVault } from '../../../../src/stores/redis/vault.js'
import { startServer, withServer } from '../../../redis-server.js'
import {
  connect,
  draft,
  OTHER_KEY,
  patient,
  replace,
  STORE_KEY,
  sessionIn,
  standing,
  storeThrough,
} from '../../../redis-store.js'
import { DAY, HOUR, person, START, whole } from '../../../session-store-contract.js'

test('while keys are rotated', withServer, async (t) => {
  const server = await startServer(t)
  const pool = Array.from({ length: 40 }, (_, i) => String(919000001000 + i))
  const world = standing({ pool })
  const withKeys = async (...keys: [string, ...string[]]) =>
    patient(await connect(t, server.url, world.options, keys), world.options)
  const [old, rotating, anew, behind] = await Promise.all([
    withKeys(STORE_KEY),
    withKeys(OTHER_KEY, STORE_KEY),
    withKeys(OTHER_KEY),
    withKeys(STORE_KEY, OTHER_KEY),
  ])
  const reaches = async ({ store }: typeof old, n: number, dialled: string) => {
    const found = await store.findLeg([whole(person(n))], dialled)
    return found?.kind === 'open' ? found.leg.destination.slice(1) : found?.kind
  }
  t.beforeEach(async () => {
    await server.client.flushall()
    world.time = START
  })

  t.test('a session written under the old key is read, changed and closed', async (t) => {
    const first = draft(1, 2, { externalId: 'order-1' })
    const { id, participants } = sessionIn(await old.store.create(first))
    const dialled = participants[0].maskingNumber
    t.equal(await reaches(rotating, 1, dialled), whole(person(2)))
    t.same(await rotating.store.numbersOf([whole(person(1))]), [dialled])
    t.match(await rotating.store.list({ limit: 9 }), { sessions: [{ id }] })
    t.match(await rotating.store.create(first), { kind: 'existing', session: { id } })
    t.match(await rotating.store.create({ ...first, fingerprint: 'other' }), { kind: 'conflict' })

    t.match(await rotating.store.change(id, replace(3)), { kind: 'changed' })
    t.equal(await reaches(rotating, 1, dialled), whole(person(3)))
    t.equal(await reaches(rotating, 3, participants[1].maskingNumber), whole(person(1)))
    t.equal(await reaches(rotating, 2, participants[1].maskingNumber), undefined)
    t.match(await rotating.store.close(id), { session: { closedAt: START } })
    t.equal(await reaches(rotating, 1, dialled), 'ended')
  })

  t.test('sessions of one name and one millisecond are listed once each, under both keys', async (t) => {
    const named = (idempotencyKey: string) => draft(1, 2, { externalId: 'order-1', idempotencyKey })
    const ids: string[] = []
    for (const [{ store }, key] of [
      [old, 'a'],
      [old, 'b'],
      [rotating, 'c'],
      [rotating, 'd'],
    ] as const) {
      const { id } = sessionIn(await store.create(named(key)))
      await store.close(id)
      ids.push(id)
    }
    const { sessions } = await rotating.store.list({ externalId: 'order-1', limit: 9 })
    t.same(
      sessions.map(({ id }) => id),
      ids.toSorted().toReversed(),
    )
  })

  t.test('a new session is written under the new key', async (t) => {
    const { id, participants } = sessionIn(await rotating.store.create(draft(1, 2)))
    const dialled = participants[0].maskingNumber
    t.equal(await reaches(anew, 1, dialled), whole(person(2)))
    t.match(await anew.store.find(id), { id })
    t.equal(await reaches(old, 1, dialled), undefined)
    await t.rejects(old.store.find(id), { name: 'UnreadableSessionError', reason: 'unknown-key' })
    t.equal(await reaches(behind, 1, dialled), whole(person(2)), 'who has the new key reads it')
  })

  t.test(
    'a person’s numbers under both keys are never given twice, nor is their rest cut short',
    async (t) => {
      const given = new Set<string>()
      for (const [i, { store }] of Array.from(
        { length: pool.length },
        (_, i) => [i, i % 2 ? old : rotating] as const,
      )) {
        // The instance that knows only the old key takes part until another one writes with the new key.
        const by = i < pool.length / 2 ? old.store : store === old.store ? behind.store : store
        const { participants } = sessionIn(await by.create(draft(1, 100 + i)))
        given.add(participants[0].maskingNumber)
      }
      t.equal(given.size, pool.length)
      for (const { store } of [rotating, behind])
        t.match(await store.create(draft(1, 300)), { kind: 'exhausted', nextFreeAt: START + 30 * DAY + HOUR })
      for (const { id } of (await rotating.store.list({ limit: 100 })).sessions)
        await rotating.store.close(id)
      for (const { store } of [rotating, behind])
        t.match(await store.create(draft(1, 300)), { kind: 'exhausted', nextFreeAt: START + HOUR }, 'at rest')
      t.match(await rotating.store.create(draft(1, 101)), { kind: 'created' }, 'not for the same pair')
      world.time += HOUR
      t.match(await rotating.store.create(draft(1, 301)), { kind: 'created' })
    },
  )

  t.test('an external id and an idempotency key lead on, and its sessions are listed as one', async (t) => {
    const named = draft(1, 2, { externalId: 'order-1', idempotencyKey: 'key-1' })
    const first = sessionIn(await old.store.create(named))
    for (const { store } of [rotating, behind]) {
      t.match(await store.create(named), { kind: 'existing', session: { id: first.id } })
      t.match(await store.create({ ...named, fingerprint: 'other' }), { kind: 'conflict' })
    }
    const withKey = { ...named, idempotencyKey: 'key-2' }
    t.match(await rotating.store.create(withKey), { kind: 'existing', session: { id: first.id } })
    await rotating.store.close(first.id)
    t.match(await behind.store.create(withKey), { kind: 'existing', session: { id: first.id } }, 'for good')

    world.time += 1_000
    const next = { externalId: 'order-1', createdAt: world.time }
    const second = sessionIn(await rotating.store.create(draft(3, 4, next)))
    t.match(await behind.store.create(draft(5, 6, next)), { kind: 'conflict' })
    await behind.store.close(second.id)
    world.time += 1_000
    const third = sessionIn(await behind.store.create(draft(5, 6, { ...next, createdAt: world.time })))
    for (const { store } of [rotating, behind]) {
      const page = await store.list({ externalId: 'order-1', limit: 2 })
      t.same(
        page.sessions.map(({ id }) => id),
        [third.id, second.id],
      )
      t.match(await store.list({ externalId: 'order-1', limit: 2, cursor: page.next }), {
        sessions: [{ id: first.id }],
      })
    }
  })

  t.test('one external id is never two open sessions, whoever asks at the same time', async (t) => {
    const named = draft(1, 2, { externalId: 'order-1', idempotencyKey: 'key-1' })
    for (let round = 0; round < 20; round++) {
      await server.client.flushall()
      const asked = Array.from({ length: 4 }, (_, i) => (i % 2 ? rotating : behind).store.create(named))
      for (const { status, ...more } of await Promise.allSettled(asked))
        if (status === 'rejected') t.match(more, { reason: { name: 'StoreUnavailableError' } })
      t.ok((await rotating.store.list({ limit: 9 })).sessions.length <= 1)
      world.time += 11_000
      t.match(await rotating.store.create(named), { kind: /created|existing/ })
      t.equal((await rotating.store.list({ limit: 9 })).sessions.length, 1)
    }
  })

  t.test('who is overtaken under the other key takes the session that is there', async (t) => {
    const named = draft(1, 2, { externalId: 'order-1' })
    let isOvertaken = false
    const overtaken = storeThrough(rotating, world.options, async (command, run) => {
      if (command === 'set' && !isOvertaken) {
        isOvertaken = true
        await behind.store.create(named)
      }
      return run()
    })
    t.match(await overtaken.create(named), { kind: 'existing' })
    t.equal((await rotating.store.list({ limit: 9 })).sessions.length, 1)
    t.equal((await server.client.keys('callmask:2:key:*')).length, 1, 'what it wrote is taken back')
  })

  t.test('while two are about to write, a third waits', async (t) => {
    const named = draft(1, 2, { externalId: 'order-1' })
    const vault = createVault([OTHER_KEY, STORE_KEY])
    for (const [i, name] of vault.namesOf('order-1', 'external id').entries()) {
      const mark = vault.namesOf(named.fingerprint, 'fingerprint')[0]
      await server.client.set(`callmask:2:key:${name}`, `s_${i}|${mark}|${START}`)
    }
    await t.rejects(rotating.store.create(named), StoreUnavailableError)
    world.time += 11_000
    t.match(await rotating.store.create(named), { kind: 'created' })
  })

  t.test('two instances with the keys in different orders never give one number twice', async (t) => {
    const outcomes = await Promise.all(
      Array.from({ length: 60 }, (_, i) => (i % 2 ? rotating : behind).store.create(draft(1, 100 + i))),
    )
    const created = outcomes.filter(({ kind }) => kind === 'created').map((outcome) => sessionIn(outcome))
    const numbers = created.map(({ participants }) => participants[0].maskingNumber)
    t.equal(new Set(numbers).size, numbers.length, `${numbers.length} sessions`)
    t.ok(numbers.length > 0)
    for (const [i, dialled] of numbers.entries())
      t.equal(await reaches(rotating, 1, dialled), created[i]?.participants[1].number)
  })

  t.test('a number claimed under one key is not given again under the other', async (t) => {
    const { options } = standing({ pool: pool.slice(0, 1) })
    for (const [first, second] of [
      [behind, rotating],
      [rotating, behind],
    ] as const) {
      await server.client.flushall()
      const outcomes: CreateOutcome[] = []
      const slow = storeThrough(first, options, async (command, run) => {
        if (command === 'cmCommit')
          outcomes.push(await patient(second, options).store.create(draft(1, 3, { allowShortRest: true })))
        return run()
      })
      t.match(await slow.create(draft(1, 2)), { kind: 'created' })
      t.match(outcomes, [{ kind: 'exhausted' }])
    }
  })

  t.test('a create that is always too late for a number gives up', async (t) => {
    const [name] = createVault([STORE_KEY]).namesOf(whole(person(1)), 'person')
    const overtaken = storeThrough(rotating, world.options, async (command, run) => {
      const reply = await run()
      const leg = `s_other|${START + DAY}|${START}|mark|`
      if (command === 'cmClaim')
        await server.client.hset(`callmask:2:book:${name}`, String((reply as string[])[1]), leg)
      return reply
    })
    t.match(await overtaken.create(draft(1, 2)), { kind: 'exhausted', side: 0 })
    t.equal(await server.client.hlen(`callmask:2:book:${name}`), 5, 'after five attempts')
    const [current] = createVault([OTHER_KEY]).namesOf(whole(person(1)), 'person')
    t.equal(await server.client.exists(`callmask:2:book:${current}`), 0, 'and no number stays claimed')
  })

  t.test('when the old key is removed too early, nobody is connected wrongly', async (t) => {
    const before = sessionIn(await old.store.create(draft(1, 2)))
    for (const dialled of pool) t.equal(await reaches(anew, 1, dialled), undefined)
    t.same(await anew.store.numbersOf([whole(person(1))]), [])
    const after = sessionIn(await anew.store.create(draft(1, 3)))
    t.equal(await reaches(anew, 1, after.participants[0].maskingNumber), whole(person(3)))
    t.equal(await reaches(anew, 2, before.participants[1].maskingNumber), undefined)
    t.match(await anew.store.close(before.id), { session: undefined, durable: true }, 'but it can be closed')
    await t.rejects(reaches(old, 1, before.participants[0].maskingNumber), { name: 'UnreadableSessionError' })
  })
})

test(
  'a list leaves out sessions that this instance cannot read, and fails when the store fails',
  withServer,
  async (t) => {
    const server = await startServer(t)
    const world = standing()
    const base = await connect(t, server.url, world.options, [OTHER_KEY])
    const theirs = patient(base, world.options).store
    const ours = patient(await connect(t, server.url, world.options), world.options).store
    await theirs.create(draft(1, 2))
    const { id } = sessionIn(await ours.create(draft(3, 4)))
    t.same(
      (await ours.list({ limit: 9 })).sessions.map((session) => session.id),
      [id],
    )
    const failing = storeThrough(base, world.options, async (command, run) => {
      if (command === 'hmget') throw new StoreUnavailableError()
      return run()
    })
    await t.rejects(failing.list({ limit: 9 }), StoreUnavailableError)
  },
)
