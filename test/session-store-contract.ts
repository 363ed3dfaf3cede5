import type { Test } from 'tap'
import type { PhoneNumber } from '../src/masking/phone-number.js'
import type { CreateOutcome, SessionDraft } from '../src/masking/session-store.js'
import type { SessionStore, StoreOptions } from './store-under-test.js'

/** The start of every test's time, in milliseconds: far enough ahead that nothing expires by a real clock. */
export const START = Date.UTC(2100, 0, 1)
export const SECOND = 1_000
export const HOUR = 60 * 60 * SECOND
export const DAY = 24 * HOUR

export const POOL = ['919000000011', '919000000012', '919000000013'] as const

/** A store under test, with a clock of its own. */
export interface World {
  readonly store: SessionStore
  time: number
}

/** Makes an empty store with these options. */
export type StoreMaker = (options: StoreOptions) => Promise<SessionStore>

/** The nth person of a test. */
export function person(n: number, countryCode = '91'): PhoneNumber {
  const national =
    countryCode === '91' ? `98${String(n).padStart(8, '0')}` : `201555${String(n).padStart(4, '0')}`
  return { countryCode, national, dialable: `+${countryCode}${national}` }
}

export function whole(number: PhoneNumber): string {
  return number.countryCode + number.national
}

/** What every store of sessions must do. */
export function sessionStoreContract(t: Test, makeStore: StoreMaker): void {
  async function open(options: Partial<StoreOptions> = {}): Promise<World> {
    const world = { time: START } as { store: SessionStore; time: number }
    world.store = await makeStore({
      now: () => world.time,
      pool: POOL,
      restMs: DAY,
      fixed: [],
      ...options,
    })
    return world
  }

  function draft(
    world: World,
    first: number,
    second: number,
    more: Partial<SessionDraft> = {},
  ): SessionDraft {
    return {
      participants: [person(first), person(second)],
      createdAt: world.time,
      expiresAt: world.time + HOUR,
      fingerprint: `${first}-${second}`,
      allowShortRest: false,
      ...more,
    }
  }

  /** Opens a session, and fails when it is not opened. */
  async function create(world: World, first: number, second: number, more: Partial<SessionDraft> = {}) {
    return sessionIn(await world.store.create(draft(world, first, second, more)))
  }

  const whoFrom = async (world: World, n: number, dialled: string) => {
    const found = await world.store.findLeg([whole(person(n))], dialled)
    return found?.kind === 'open' ? found.leg.destination : found?.kind
  }

  t.test('a session connects both sides, cross-mapped, until it expires', async (t) => {
    const world = await open()
    const session = await create(world, 1, 2, { externalId: 'order-1', metadata: { shop: 'a' } })
    const [a, b] = session.participants
    t.match(session, {
      id: /^s_[\w-]{22}$/,
      participants: [{ number: whole(person(1)) }, { number: whole(person(2)) }],
      createdAt: START,
      expiresAt: START + HOUR,
      externalId: 'order-1',
      metadata: { shop: 'a' },
    })
    t.notOk('closedAt' in session)
    t.ok(POOL.includes(a.maskingNumber as never) && POOL.includes(b.maskingNumber as never))
    t.not(a.maskingNumber, b.maskingNumber, 'each side gets a number of its own when the pool has several')

    world.time = START + HOUR - 1
    t.same(await world.store.findLeg([whole(person(1))], a.maskingNumber), {
      kind: 'open',
      leg: {
        destination: `+${whole(person(2))}`,
        callerIdShown: `+${b.maskingNumber}`,
        sessionId: session.id,
        side: 0,
        since: START,
      },
    })
    t.same(await world.store.findLeg([whole(person(2))], b.maskingNumber), {
      kind: 'open',
      leg: {
        destination: `+${whole(person(1))}`,
        callerIdShown: `+${a.maskingNumber}`,
        sessionId: session.id,
        side: 1,
        since: START,
      },
    })
    t.equal(await whoFrom(world, 1, b.maskingNumber), undefined, 'not on the other side’s number')
    t.equal(await whoFrom(world, 3, a.maskingNumber), undefined, 'nobody else')
    t.same(await world.store.find(session.id), session)

    world.time = START + HOUR
    t.equal(await whoFrom(world, 1, a.maskingNumber), 'ended')
    t.equal(await whoFrom(world, 3, a.maskingNumber), undefined)
    world.time = START + HOUR + DAY - 1
    t.equal(await whoFrom(world, 2, b.maskingNumber), 'ended')
    world.time = START + HOUR + DAY
    t.equal(await whoFrom(world, 2, b.maskingNumber), undefined, 'after its rest the leg is unknown')
  })

  t.test('a leg is found by any of the numbers that the caller may be', async (t) => {
    const world = await open()
    const { participants } = await create(world, 1, 2)
    const found = await world.store.findLeg(['9191', whole(person(1))], participants[0].maskingNumber)
    t.equal(found?.kind, 'open')
  })

  t.test('close ends a session at once and for good, and closing again changes nothing', async (t) => {
    const world = await open()
    const { id, participants } = await create(world, 1, 2)
    world.time += SECOND
    t.match(await world.store.close(id), { session: { id, closedAt: START + SECOND }, durable: true })
    t.equal(await whoFrom(world, 1, participants[0].maskingNumber), 'ended')
    t.equal(await whoFrom(world, 2, participants[1].maskingNumber), 'ended')
    world.time += SECOND
    t.match(await world.store.close(id), { session: { closedAt: START + SECOND } })
    t.equal(await world.store.close('s_unknown'), undefined)
    t.same(await world.store.change(id, { expiresAt: world.time + HOUR, allowShortRest: false }), {
      kind: 'ended',
    })
    t.equal(await whoFrom(world, 1, participants[0].maskingNumber), 'ended')
  })

  t.test('closing an expired session leaves it expired', async (t) => {
    const world = await open()
    const { id } = await create(world, 1, 2)
    world.time += HOUR
    t.notOk('closedAt' in ((await world.store.close(id))?.session ?? { closedAt: 'no session' }))
  })

  t.test('a pool of k numbers carries k open sessions per person', async (t) => {
    const world = await open()
    const given: string[] = []
    for (let other = 10; other < 10 + POOL.length; other++) {
      given.push((await create(world, 1, other)).participants[0].maskingNumber)
    }
    t.same(given.toSorted(), POOL, 'each session has another number')
    t.same(await world.store.create(draft(world, 1, 99)), {
      kind: 'exhausted',
      side: 0,
      numbersNeeded: POOL.length + 1,
      nextFreeAt: START + HOUR + DAY,
    })
    t.match(await world.store.create(draft(world, 99, 1)), { kind: 'exhausted', side: 1 }, 'on either side')
    t.match(await world.store.create(draft(world, 99, 98)), { kind: 'created' }, 'others are not affected')
  })

  t.test('a refused create leaves nothing taken', async (t) => {
    const world = await open({ pool: POOL.slice(0, 1) })
    await create(world, 1, 2)
    t.match(await world.store.create(draft(world, 3, 1)), { kind: 'exhausted', side: 1 })
    t.match(await world.store.create(draft(world, 3, 4)), { kind: 'created' })
    t.equal((await world.store.list({ limit: 10 })).sessions.length, 2)
  })

  t.test('a pool of one number gives both sides the same one', async (t) => {
    const world = await open({ pool: POOL.slice(0, 1) })
    const { participants } = await create(world, 1, 2)
    t.equal(participants[0].maskingNumber, participants[1].maskingNumber)
    t.equal(await whoFrom(world, 1, POOL[0]), `+${whole(person(2))}`)
    t.equal(await whoFrom(world, 2, POOL[0]), `+${whole(person(1))}`)
  })

  t.test(
    'a number rests for a person after a session, but the same pair gets it again at once',
    async (t) => {
      const world = await open({ pool: POOL.slice(0, 1) })
      const first = await create(world, 1, 2)
      await world.store.close(first.id)
      t.match(await world.store.create(draft(world, 1, 3)), { kind: 'exhausted', nextFreeAt: START + DAY })
      const again = await create(world, 2, 1)
      t.notOk(again.participants[0].restedFor ?? again.participants[1].restedFor, 'the same pair, at once')
      await world.store.close(again.id)
      world.time = START + DAY - 1
      t.match(await world.store.create(draft(world, 1, 3)), { kind: 'exhausted' })
      world.time = START + DAY
      const other = await create(world, 1, 3)
      t.match(other.participants, [{ restedFor: DAY }, { restedFor: undefined }])
      t.equal(await whoFrom(world, 2, POOL[0]), undefined, 'the former holder is a stranger now')
    },
  )

  t.test('a number that still rests is given only on request, the longest rested first', async (t) => {
    const world = await open({ pool: POOL.slice(0, 2) })
    const ended: string[] = []
    for (const other of [2, 3]) {
      world.time += SECOND
      const { id, participants } = await create(world, 1, other)
      await world.store.close(id)
      ended.push(participants[0].maskingNumber)
    }
    world.time += 10 * SECOND
    t.match(await world.store.create(draft(world, 1, 4)), { kind: 'exhausted', numbersNeeded: 3 })
    const session = await create(world, 1, 4, { allowShortRest: true })
    t.match(session.participants[0], { maskingNumber: ended[0], restedFor: 11 * SECOND })
    await create(world, 1, 5, { allowShortRest: true })
    t.match(
      await world.store.create(draft(world, 1, 6, { allowShortRest: true })),
      { kind: 'exhausted' },
      'a number in an open session is never given',
    )
  })

  t.test(
    'the pair’s own number comes first, then one never used, then the one not used for longest',
    async (t) => {
      const world = await open({ restMs: 0 })
      const numbers: string[] = []
      for (const other of [11, 12, 13]) {
        const { id, participants } = await create(world, 1, other)
        numbers.push(participants[0].maskingNumber)
        world.time += SECOND
        await world.store.close(id)
      }
      t.same(numbers.toSorted(), POOL, 'three numbers never used before')
      const sticky = await create(world, 1, 12)
      t.equal(sticky.participants[0].maskingNumber, numbers[1], 'the pair’s own')
      const oldest = await create(world, 1, 14)
      t.equal(oldest.participants[0].maskingNumber, numbers[0], 'not used for longest')
      t.equal(oldest.participants[0].restedFor, 2 * SECOND)
    },
  )

  t.test('an ended session is remembered for a week at least, then forgotten', async (t) => {
    const world = await open({ restMs: 0 })
    const { id, participants } = await create(world, 1, 2)
    await world.store.close(id)
    world.time = START + 7 * DAY - 1
    t.match(await world.store.find(id), { id })
    world.time = START + 7 * DAY
    t.equal(await world.store.find(id), undefined)
    t.equal(await world.store.close(id), undefined)
    t.same(await world.store.change(id, { expiresAt: world.time, allowShortRest: false }), {
      kind: 'unknown',
    })
    t.same(await world.store.list({ limit: 9 }), { sessions: [] })
    t.equal((await create(world, 1, 3)).participants[0].restedFor, undefined)
    t.equal(await whoFrom(world, 2, participants[1].maskingNumber), undefined)
  })

  t.test('numbers of the person’s own country come first', async (t) => {
    const american = '12015550000'
    const world = await open({ pool: [...POOL, american] })
    for (let i = 0; i < 8; i++) {
      const outcome = await world.store.create({
        ...draft(world, 2 * i, 2 * i + 1),
        participants: [person(i, '1'), person(i)],
        fingerprint: `${i}`,
      })
      const { participants } = sessionIn(outcome)
      t.equal(participants[0].maskingNumber, american)
      t.not(participants[1].maskingNumber, american)
    }
    const second = await world.store.create({
      ...draft(world, 0, 1),
      participants: [person(0, '1'), person(50)],
    })
    t.not(
      sessionIn(second).participants[0].maskingNumber,
      american,
      'another country’s number is better than none',
    )
  })

  t.test(
    'under one key the same request gets the same session, another request gets a conflict',
    async (t) => {
      const world = await open()
      for (const keys of [
        { externalId: 'order-1' },
        { idempotencyKey: 'key-1' },
        { externalId: 'e', idempotencyKey: 'k' },
      ]) {
        const session = await create(world, 1, 2, keys)
        t.same(await world.store.create(draft(world, 1, 2, keys)), {
          kind: 'existing',
          session,
          durable: true,
        })
        t.same(await world.store.create(draft(world, 1, 3, keys)), { kind: 'conflict' })
        await world.store.close(session.id)
      }
      await create(world, 5, 6, { externalId: 'one' })
      await create(world, 5, 7, { idempotencyKey: 'two' })
      const both = { externalId: 'one', idempotencyKey: 'two' }
      t.same(
        await world.store.create(draft(world, 5, 6, both)),
        { kind: 'conflict' },
        'the keys belong to two sessions',
      )
      await create(world, 8, 9, { externalId: 'same-text' })
      t.match(await world.store.create(draft(world, 8, 9, { idempotencyKey: 'same-text' })), {
        kind: 'created',
      })
    },
  )

  t.test('an idempotency key still leads to its session after that has ended', async (t) => {
    const world = await open()
    for (const keys of [{ idempotencyKey: 'k-1' }, { idempotencyKey: 'k-2', externalId: 'e-2' }]) {
      const { id } = await create(world, 1, 2, keys)
      await world.store.close(id)
      const again = await world.store.create(draft(world, 1, 2, keys))
      t.match(again, { kind: 'existing', session: { id, closedAt: world.time } })
      t.same(await world.store.create(draft(world, 1, 3, keys)), { kind: 'conflict' })
    }
  })

  t.test('an external id is free for another session once its own has ended', async (t) => {
    const world = await open()
    const named = { externalId: 'order-1' }
    const closed = await create(world, 1, 2, named)
    await world.store.close(closed.id)
    const second = await create(world, 1, 2, named)
    t.not(second.id, closed.id, 'even for the same request')
    t.same(
      await world.store.create(draft(world, 1, 3, named)),
      { kind: 'conflict' },
      'one open session at a time',
    )
    world.time += HOUR
    const third = await create(world, 3, 4, named)
    t.not(third.id, second.id, 'an expiry frees it too')
    t.match(await world.store.find(closed.id), { id: closed.id, closedAt: START, ...named })
    t.match(await world.store.find(second.id), { id: second.id, ...named })
    const again = await world.store.create(
      draft(world, 3, 4, { ...named, createdAt: START, expiresAt: START }),
    )
    t.match(again, { kind: 'existing', session: { id: third.id } })

    t.same(await world.store.change(second.id, { expiresAt: world.time + HOUR, allowShortRest: false }), {
      kind: 'ended',
    })
    t.same((await world.store.list({ ...named, limit: 9 })).sessions.length, 3)
  })

  t.test(
    'an idempotency key sent with the external id of an open session belongs to that session',
    async (t) => {
      const world = await open()
      const first = await create(world, 1, 2, { externalId: 'order-1', idempotencyKey: 'k-1' })
      const asked = (key: string, other = 2) =>
        world.store.create(draft(world, 1, other, { externalId: 'order-1', idempotencyKey: key }))
      for (const key of ['k-2', 'k-3', 'k-2'])
        t.same(await asked(key), { kind: 'existing', session: first, durable: true })
      t.same(await asked('k-4', 3), { kind: 'conflict' })
      await world.store.close(first.id)
      for (const key of ['k-1', 'k-2', 'k-3'])
        t.match(await asked(key), { kind: 'existing', session: { id: first.id } }, 'even after its end')
      t.same(await asked('k-3', 3), { kind: 'conflict' })
      t.match(await asked('k-4'), { kind: 'created' }, 'the key of a refused request belongs to no session')
      world.time += 8 * DAY
      await world.store.upkeep()
      t.match(await asked('k-2'), { kind: 'created' }, 'the key is free once the session is forgotten')
    },
  )

  t.test('list shows all sessions of an external id, the newest first, page by page', async (t) => {
    const world = await open()
    const ids: string[] = []
    for (let i = 0; i < 5; i++) {
      const { id } = await create(world, 1, 2, { externalId: 'order-1' })
      ids.unshift(id)
      await create(world, 10 + i, 20 + i, { externalId: `other-${i}` })
      world.time += SECOND
      await world.store.close(id)
    }
    const { id: last } = await create(world, 1, 2, { externalId: 'order-1' })
    ids.unshift(last)
    const pages: string[][] = []
    let cursor: string | undefined
    do {
      const page = await world.store.list({ externalId: 'order-1', limit: 4, cursor })
      pages.push(page.sessions.map(({ id }) => id))
      cursor = page.next
    } while (cursor !== undefined)
    t.same(pages, [ids.slice(0, 4), ids.slice(4)])
    const idsOf = async (query: object) =>
      (await world.store.list({ externalId: 'order-1', limit: 9, ...query })).sessions.map(({ id }) => id)
    t.same(await idsOf({ status: 'open' }), [last])
    t.same(await idsOf({ status: 'closed' }), ids.slice(1))
    await world.store.change(last, { expiresAt: world.time + 30 * DAY, allowShortRest: false })
    world.time += 8 * DAY
    t.same(await idsOf({}), [last], 'the ended sessions are forgotten, the open one stays')
  })

  t.test('sessions with one external id from the same millisecond are all listed', async (t) => {
    const world = await open()
    const ids: string[] = []
    for (let i = 0; i < 4; i++) {
      const { id } = await create(world, 1, 2, { externalId: 'order-1' })
      ids.push(id)
      await world.store.close(id)
    }
    const listed = async (cursor?: string) => world.store.list({ externalId: 'order-1', limit: 2, cursor })
    const first = await listed()
    const second = await listed(first.next)
    t.same(
      [...first.sessions, ...second.sessions].map(({ id }) => id),
      ids.toSorted().toReversed(),
    )
  })

  t.test('exactly one of many concurrent creates takes a free external id', async (t) => {
    const world = await open()
    const before = await create(world, 1, 2, { externalId: 'order-1' })
    await world.store.close(before.id)
    const outcomes = await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        world.store.create(draft(world, 1, i % 2 === 0 ? 2 : 3, { externalId: 'order-1' })),
      ),
    )
    t.equal(outcomes.filter(({ kind }) => kind === 'created').length, 1)
    t.equal(outcomes.filter(({ kind }) => kind === 'conflict').length, 20)
    t.equal((await world.store.list({ externalId: 'order-1', status: 'open', limit: 9 })).sessions.length, 1)
  })

  t.test(
    'concurrent creates with one external id and different idempotency keys get one session',
    async (t) => {
      const world = await open()
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          world.store.create(draft(world, 1, 2, { externalId: 'order-1', idempotencyKey: `key-${i}` })),
        ),
      )
      t.equal(new Set(outcomes.map((outcome) => sessionIn(outcome).id)).size, 1)
    },
  )

  t.test('a key is free again once its session is forgotten', async (t) => {
    const world = await open()
    const first = await create(world, 1, 2, { externalId: 'order-1' })
    world.time = START + HOUR + 7 * DAY
    const second = await create(world, 1, 3, { externalId: 'order-1' })
    t.not(second.id, first.id)
    t.match(await world.store.list({ externalId: 'order-1', limit: 9 }), { sessions: [{ id: second.id }] })
  })

  t.test('500 concurrent creates for one person never give the same number twice', async (t) => {
    const pool = Array.from({ length: 60 }, (_, i) => String(919000001000 + i))
    const world = await open({ pool })
    const outcomes = await Promise.all(
      Array.from({ length: 500 }, (_, i) => world.store.create(draft(world, 1, 1_000 + i))),
    )
    const created = outcomes.filter(({ kind }) => kind === 'created').map((outcome) => sessionIn(outcome))
    t.equal(created.length, 60)
    t.equal(outcomes.filter(({ kind }) => kind === 'exhausted').length, 440)
    t.equal(new Set(created.map(({ participants }) => participants[0].maskingNumber)).size, 60)
    t.equal((await world.store.usage()).headRoom, 0)
  })

  t.test('concurrent creates with the same external id open one session', async (t) => {
    const world = await open()
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, () => world.store.create(draft(world, 1, 2, { externalId: 'order-1' }))),
    )
    t.equal(outcomes.filter(({ kind }) => kind === 'created').length, 1)
    t.equal(new Set(outcomes.map((outcome) => sessionIn(outcome).id)).size, 1)
    t.equal((await world.store.list({ limit: 9 })).sessions.length, 1)
    for (const other of [3, 4]) await create(world, 1, other)
    t.match(
      await world.store.create(draft(world, 1, 5)),
      { kind: 'exhausted', numbersNeeded: 4 },
      'and take one number',
    )
  })

  t.test('change makes a session end later or earlier', async (t) => {
    const world = await open()
    const { id, participants } = await create(world, 1, 2)
    t.match(await world.store.change(id, { expiresAt: START + 2 * HOUR, allowShortRest: false }), {
      kind: 'changed',
      session: { id, expiresAt: START + 2 * HOUR },
    })
    world.time = START + 2 * HOUR - 1
    t.equal(await whoFrom(world, 1, participants[0].maskingNumber), `+${whole(person(2))}`)
    await world.store.change(id, { expiresAt: world.time + 60 * SECOND, allowShortRest: false })
    world.time += 60 * SECOND
    t.equal(await whoFrom(world, 1, participants[0].maskingNumber), 'ended')
    t.same(await world.store.change(id, { expiresAt: START + DAY, allowShortRest: false }), { kind: 'ended' })
    t.same(await world.store.change('s_unknown', { allowShortRest: false }), { kind: 'unknown' })
  })

  t.test('a prolonged session holds its numbers longer, a shortened one frees them earlier', async (t) => {
    const world = await open({ pool: POOL.slice(0, 1), restMs: 0 })
    const { id } = await create(world, 1, 2)
    await world.store.change(id, { expiresAt: START + 3 * HOUR, allowShortRest: false })
    world.time = START + 2 * HOUR
    t.match(await world.store.create(draft(world, 1, 3)), { kind: 'exhausted', nextFreeAt: START + 3 * HOUR })
    await world.store.change(id, { expiresAt: world.time + 60 * SECOND, allowShortRest: false })
    world.time += 60 * SECOND
    t.match(await world.store.create(draft(world, 1, 3)), { kind: 'created' })
  })

  t.test('replacing a participant keeps the masking numbers', async (t) => {
    const world = await open()
    const { id, participants } = await create(world, 1, 2)
    const [a, b] = participants.map(({ maskingNumber }) => maskingNumber) as [string, string]
    const replaced = await world.store.change(id, {
      replace: { side: 1, number: whole(person(3)) },
      allowShortRest: false,
    })
    t.match(replaced, {
      kind: 'changed',
      session: { participants: [{ maskingNumber: a }, { number: whole(person(3)), maskingNumber: b }] },
    })
    t.equal(await whoFrom(world, 1, a), `+${whole(person(3))}`)
    t.equal(await whoFrom(world, 3, b), `+${whole(person(1))}`)
    t.equal(await whoFrom(world, 2, b), undefined, 'the old participant is a stranger')
    await world.store.close(id)
    t.equal(await whoFrom(world, 2, b), undefined)
    t.equal(await whoFrom(world, 3, b), 'ended')
  })

  t.test('a leg tells since when it leads to these two', async (t) => {
    const world = await open()
    const { id, participants } = await create(world, 1, 2)
    const { maskingNumber } = participants[0]
    const since = async () => (await world.store.findLeg([whole(person(1))], maskingNumber))?.leg.since
    t.equal(await since(), START)
    world.time += HOUR / 4
    await world.store.change(id, { expiresAt: START + HOUR, allowShortRest: false })
    t.equal(await since(), START, 'another end changes nobody')
    await world.store.change(id, { replace: { side: 1, number: whole(person(3)) }, allowShortRest: false })
    t.equal(await since(), START + HOUR / 4)
    t.match(await world.store.find(id), { createdAt: START, pairedAt: START + HOUR / 4 })
  })

  t.test(
    'replacing a participant by themselves changes nothing, by the other participant is refused',
    async (t) => {
      const world = await open()
      const session = await create(world, 1, 2)
      const by = (n: number) => ({
        replace: { side: 0, number: whole(person(n)) } as const,
        allowShortRest: false,
      })
      t.same(await world.store.change(session.id, by(1)), {
        kind: 'changed',
        session,
        pins: [undefined, undefined],
        durable: true,
      })
      t.same(await world.store.change(session.id, by(2)), { kind: 'equal' })
    },
  )

  t.test('a replaced participant can be put back', async (t) => {
    const world = await open()
    const { id, participants } = await create(world, 1, 2)
    for (const n of [3, 2]) {
      world.time += SECOND
      const change = { replace: { side: 1, number: whole(person(n)) } as const, allowShortRest: false }
      t.match(await world.store.change(id, change), { kind: 'changed' })
    }
    t.equal(await whoFrom(world, 2, participants[1].maskingNumber), `+${whole(person(1))}`)
    t.equal(await whoFrom(world, 3, participants[1].maskingNumber), undefined)
  })

  t.test('the masking number of a replaced participant rests for them', async (t) => {
    const world = await open({ pool: POOL.slice(0, 1) })
    const { id } = await create(world, 1, 2)
    await world.store.change(id, { replace: { side: 1, number: whole(person(3)) }, allowShortRest: false })
    t.match(await world.store.create(draft(world, 2, 4)), { kind: 'exhausted', nextFreeAt: START + DAY })
    world.time = START + DAY
    t.match(await world.store.create(draft(world, 2, 4)), { kind: 'created' })
  })

  t.test(
    'a replaced participant is remembered with the counterpart they reached, not with a later one',
    async (t) => {
      const world = await open({ pool: POOL.slice(0, 1) })
      const { id } = await create(world, 1, 2)
      for (const [side, n] of [
        [1, 3],
        [0, 4],
      ] as const) {
        world.time += SECOND
        const change = { replace: { side, number: whole(person(n)) }, allowShortRest: false }
        t.match(await world.store.change(id, change), { kind: 'changed' })
      }
      // Side 0 is person 2 in both: their number rests for person 4, and only person 1 may have it at once.
      t.match(await world.store.create(draft(world, 2, 4)), { kind: 'exhausted', side: 0 })
      t.match(await world.store.create(draft(world, 2, 1)), { kind: 'exhausted', side: 1 })
    },
  )

  t.test(
    'a replacement is refused while the masking number is taken or at rest for the new participant',
    async (t) => {
      const world = await open({ pool: POOL.slice(0, 1) })
      const { id } = await create(world, 1, 2)
      const other = await create(world, 3, 4)
      const change = { replace: { side: 1, number: whole(person(3)) } as const, allowShortRest: false }
      t.same(await world.store.change(id, change), { kind: 'taken', freeAt: START + HOUR + DAY }, 'open')
      t.match(await world.store.change(id, { ...change, allowShortRest: true }), { kind: 'taken' })
      await world.store.close(other.id)
      world.time += SECOND
      t.same(await world.store.change(id, change), { kind: 'taken', freeAt: START + DAY }, 'at rest')
      t.match(await world.store.change(id, { ...change, allowShortRest: true }), {
        kind: 'changed',
        session: { participants: [{}, { restedFor: SECOND }] },
      })
      t.equal(await whoFrom(world, 3, POOL[0]), `+${whole(person(1))}`)
    },
  )

  t.test('a draining number is given to no new session and keeps its open ones', async (t) => {
    const world = await open({ pool: POOL.slice(0, 2) })
    const { participants } = await create(world, 1, 2)
    const [a, b] = participants.map(({ maskingNumber }) => maskingNumber) as [string, string]
    await world.store.setNumberState(a, 'draining')
    t.equal(await whoFrom(world, 1, a), `+${whole(person(2))}`)
    for (let i = 10; i < 18; i += 2) {
      t.same(
        (await create(world, i, i + 1)).participants.map(({ maskingNumber }) => maskingNumber),
        [b, b],
      )
    }
    t.match(
      (await world.store.usage()).numbers.find(({ number }) => number === a),
      { state: 'draining', openLegs: 1 },
    )
    await world.store.setNumberState(b, 'draining')
    t.same(await world.store.create(draft(world, 30, 31)), { kind: 'exhausted', side: 0, numbersNeeded: 1 })
    await world.store.setNumberState(a, 'active')
    t.match(await world.store.create(draft(world, 30, 31)), { kind: 'created' })
  })

  t.test('usage counts open legs, and shows the smallest head-room of any person', async (t) => {
    const world = await open()
    t.match(await world.store.usage(), {
      numbers: POOL.map((number) => ({ number, state: 'active', openLegs: 0 })),
      headRoom: 3,
      openSessions: 0,
    })
    const first = await create(world, 1, 2)
    const second = await create(world, 1, 3)
    const legs = async () =>
      (await world.store.usage()).numbers.reduce((sum, { openLegs }) => sum + openLegs, 0)
    t.equal(await legs(), 4)
    t.equal((await world.store.usage()).headRoom, 1)
    await world.store.close(first.id)
    t.equal(await legs(), 2)
    t.equal((await world.store.usage()).headRoom, 1, 'a resting number is not free')
    await world.store.close(second.id)
    t.equal((await world.store.usage()).headRoom, 3, 'nobody has an open session')
  })

  t.test(
    'who was replaced may have their old number at once for whom they reached, and for nobody else',
    async (t) => {
      const world = await open({ pool: POOL.slice(0, 1) })
      const { id } = await create(world, 1, 2)
      const replace = (side: 0 | 1, n: number) =>
        world.store.change(id, { replace: { side, number: whole(person(n)) }, allowShortRest: false })
      t.match(await replace(1, 3), { kind: 'changed' })
      t.match(await replace(0, 5), { kind: 'changed' })
      t.match(await replace(1, 4), { kind: 'changed' })
      await world.store.close(id)
      for (const other of [2, 4, 5])
        t.match(await world.store.create(draft(world, 1, other)), { kind: 'exhausted', side: 0 })
      t.match(
        await world.store.create(draft(world, 1, 3)),
        { kind: 'exhausted', side: 1 },
        'of 3 it last meant 5',
      )
      t.match(await world.store.create(draft(world, 2, 1)), { kind: 'exhausted', side: 1 })
      t.match(await world.store.create(draft(world, 4, 5)), { kind: 'created' })
    },
  )

  t.test('list pages from the newest on, and its pages stay stable while sessions are added', async (t) => {
    const world = await open()
    const ids: string[] = []
    for (let i = 0; i < 7; i++) {
      // Several in one millisecond, to be told apart by their ids.
      if (i % 2 === 0) world.time += SECOND
      ids.push((await create(world, 10 + 2 * i, 11 + 2 * i)).id)
    }
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const page = await world.store.list({ limit: 2, cursor })
      t.ok(page.sessions.length <= 2)
      seen.push(...page.sessions.map(({ id }) => id))
      cursor = page.next
      world.time += SECOND
      await create(world, 100 + 2 * seen.length, 101 + 2 * seen.length)
    } while (cursor !== undefined)
    t.equal(seen.length, 7, 'each once, and none of the newer ones')
    t.same(seen.toSorted(), ids.toSorted())
    const created = await Promise.all(seen.map(async (id) => (await world.store.find(id))?.createdAt ?? 0))
    t.same(
      created,
      created.toSorted((a, b) => b - a),
    )
  })

  t.test('list filters by status and external id', async (t) => {
    const world = await open()
    const expired = await create(world, 1, 2)
    world.time += HOUR
    const closed = await create(world, 3, 4, { externalId: 'order-1' })
    await world.store.close(closed.id)
    const opened = await create(world, 5, 6)
    const idsOf = async (query: object) =>
      (await world.store.list({ limit: 9, ...query })).sessions.map(({ id }) => id)
    t.same(await idsOf({ status: 'open' }), [opened.id])
    t.same(await idsOf({ status: 'closed' }), [closed.id])
    t.same(await idsOf({ status: 'expired' }), [expired.id])
    t.same(await idsOf({ externalId: 'order-1' }), [closed.id])
    t.same(await idsOf({ externalId: 'order-1', status: 'open' }), [])
    t.same(await idsOf({ externalId: 'order-2' }), [])
  })

  t.test('a fixed leg holds its number for ever', async (t) => {
    const leg = { destination: '', callerIdShown: '', caller: person(1), dialled: numberOf(POOL[0]) }
    const world = await open({ pool: POOL.slice(0, 2), fixed: [leg] })
    const { participants } = await create(world, 1, 2)
    t.equal(participants[0].maskingNumber, POOL[1])
    t.same(await world.store.create(draft(world, 1, 3)), {
      kind: 'exhausted',
      side: 0,
      numbersNeeded: 3,
      nextFreeAt: START + HOUR + DAY,
    })
    const other = await create(world, 4, 5)
    const replace = { side: 0, number: whole(person(1)) } as const
    t.match(await world.store.change(other.id, { replace, allowShortRest: true }), { kind: 'taken' })
  })
}

function numberOf(text: string): PhoneNumber {
  return { countryCode: text.slice(0, 2), national: text.slice(2), dialable: text }
}

function sessionIn(outcome: CreateOutcome) {
  if (outcome.kind === 'created' || outcome.kind === 'existing') return outcome.session
  throw new Error(`no session: ${JSON.stringify(outcome)}`)
}
