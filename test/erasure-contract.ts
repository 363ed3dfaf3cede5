import type { Test } from 'tap'
import { createErasure, type Erasure } from '../src/masking/erasure.js'
import {
  ALL_SESSIONS,
  BOOK_KIND,
  NAME_KIND,
  nameKey,
  pastOf,
  REQUEST_KIND,
  requestKey,
  SESSION_KIND,
} from '../src/masking/keys.js'
import { sessionsOf } from '../src/masking/people.js'
import type { ChangeOutcome } from '../src/masking/session-store.js'
import { type Storage, StoreUnavailableError } from '../src/masking/storage.js'
import { draft, sessionIn } from './drafts.js'
import { DAY, HOUR, POOL, person, SECOND, START, whole } from './session-store-contract.js'
import { spiedOn } from './spied-storage.js'
import { rulesOver, type SessionStore, type StoreOptions, storeOver } from './store-under-test.js'

/** Makes an empty storage on this clock. */
export type StorageMaker = (now: () => number) => Promise<Storage>

interface World {
  readonly storage: Storage
  readonly options: StoreOptions
  readonly store: SessionStore
  readonly erasure: Erasure
  time: number
}

const NOTHING = { sessions: 0, closed: 0, calls: 0, replaced: 0, books: 0, mentions: 0, keys: 0, entries: 0 }

/**
 * What erasing and finding do on every storage.
 *
 * @param histories how many random histories are tried. The rules are the same everywhere: many are for one of the storages
 */
export function erasureContract(t: Test, makeStorage: StorageMaker, histories: number): void {
  async function open(): Promise<World> {
    const world = { time: START } as { -readonly [name in keyof World]: World[name] }
    world.storage = await makeStorage(() => world.time)
    world.options = { now: () => world.time, pool: POOL, restMs: DAY, fixed: [] }
    world.store = await storeOver(world.storage, world.options)
    world.erasure = createErasure({ storage: world.storage, sessions: world.store, fixed: [], restMs: DAY })
    return world
  }

  const create = async ({ store, time }: World, one: number, other: number, more = {}) =>
    sessionIn(await store.create(draft(one, other, { createdAt: time, expiresAt: time + HOUR, ...more })))

  const replaceBy = (n: number, side: 0 | 1) => ({
    replace: { side, number: whole(person(n)) },
    allowShortRest: true,
  })
  const numbersOf = async ({ storage }: World, n: number) =>
    (await sessionsOf(whole(person(n)), 50, { storage, restMs: DAY })).sessions

  t.test('a person’s sessions are found, the newest first, with their side', async (t) => {
    const world = await open()
    const first = await create(world, 1, 2)
    await world.store.close(first.id)
    world.time += SECOND
    const second = await create(world, 3, 1)
    await create(world, 2, 3)
    t.match(await numbersOf(world, 1), [
      { session: { id: second.id }, side: 1 },
      { session: { id: first.id, closedAt: START }, side: 0 },
    ])
    t.same(await numbersOf(world, 9), [])
  })

  t.test('sessions that the book does not lead to any more are found as well', async (t) => {
    const world = await open()
    const ids: string[] = []
    for (let i = 0; i < 6; i += 1) {
      const { id } = await create(world, 1, 2)
      ids.unshift(id)
      await world.store.close(id)
      world.time += SECOND
    }
    t.same(
      (await numbersOf(world, 1)).map(({ session }) => session.id),
      ids,
    )
    const cut = await sessionsOf(whole(person(1)), 4, { storage: world.storage, restMs: DAY })
    t.match(cut, { sessions: { length: 4 }, isCut: true })
  })

  t.test('a session is found by whoever left it, also long after, and when it was prolonged', async (t) => {
    for (const isProlonged of [false, true]) {
      const world = await open()
      const { id } = await create(world, 1, 2, { expiresAt: START + 60 * DAY })
      await world.store.change(id, replaceBy(3, 1))
      world.time += 30 * DAY
      const change = { expiresAt: START + 90 * DAY, allowShortRest: false }
      if (isProlonged) await world.store.change(id, change)
      // The book forgets the leg when it is written again.
      await create(world, 2, 5)
      world.time = START + (isProlonged ? 89 : 59) * DAY
      await world.store.upkeep()
      t.match(await numbersOf(world, 2), [{ session: { id }, side: undefined }])
    }
  })

  t.test('an ended session is found for as long as it is remembered', async (t) => {
    const world = await open()
    const { id } = await create(world, 1, 2)
    await world.store.close(id)
    world.time += 7 * DAY - 1
    t.equal((await numbersOf(world, 1)).length, 1)
    world.time += 1
    t.same(await numbersOf(world, 1), [])
  })

  t.test(
    'erasing closes what is open, and leaves no trace of the person and no session of theirs',
    async (t) => {
      const world = await open()
      const named = { externalId: 'order', idempotencyKey: 'key' }
      const { id, participants } = await create(world, 1, 2, named)
      const ended = await create(world, 3, 1)
      await world.store.close(ended.id)
      const other = await create(world, 2, 3)

      const receipt = await world.erasure.erase(whole(person(1)))
      t.match(receipt, {
        at: START,
        removed: { sessions: 2, closed: 1, replaced: 0, books: 1, mentions: 2, keys: 2 },
        unreadable: 0,
        durable: true,
      })
      t.notMatch(JSON.stringify(receipt), /98000/)
      t.same(await tracesOf(world, 1), [])
      for (const [n, { maskingNumber }] of [
        [1, participants[0]],
        [2, participants[1]],
      ] as const)
        t.equal(
          await world.store.findLeg([whole(person(n))], maskingNumber),
          undefined,
          'nobody is connected',
        )
      for (const gone of [id, ended.id]) {
        t.equal(await world.store.find(gone), undefined)
        t.equal(await world.store.close(gone), undefined)
        t.same(await world.store.change(gone, replaceBy(4, 0)), { kind: 'unknown' })
      }
      t.same(
        (await world.store.list({ limit: 9 })).sessions.map(({ id }) => id),
        [other.id],
      )
      t.same(await world.store.list({ limit: 9, externalId: 'order' }), { sessions: [] })
      t.same(
        (await numbersOf(world, 2)).map(({ session }) => session.id),
        [other.id],
      )
    },
  )

  t.test('erasing again finds nothing', async (t) => {
    const world = await open()
    const { id } = await create(world, 1, 2, { idempotencyKey: 'key' })
    await world.store.change(id, replaceBy(3, 1))
    for (const n of [1, 2]) {
      await world.erasure.erase(whole(person(n)))
      t.match(await world.erasure.erase(whole(person(n))), { removed: NOTHING, unreadable: 0, durable: true })
    }
    t.match(await world.erasure.erase(whole(person(77))), { removed: NOTHING })
  })

  t.test('the other person of an erased session still rests', async (t) => {
    const world = await open()
    const { participants } = await create(world, 1, 2)
    const [, { maskingNumber }] = participants
    world.time += SECOND
    await world.erasure.erase(whole(person(1)))
    for (const n of [5, 6]) {
      const session = await create(world, 2, n)
      t.not(session.participants[0].maskingNumber, maskingNumber)
    }
    t.match(await world.store.create(draft(2, 7, { expiresAt: START + DAY })), {
      kind: 'exhausted',
      nextFreeAt: START + SECOND + DAY,
    })
    world.time += DAY
    t.match(await create(world, 2, 7), { participants: [{ maskingNumber, restedFor: DAY }] })
  })

  t.test(
    'a session that the person left goes on without naming them, and who reached them rests',
    async (t) => {
      const world = await open()
      const { id, participants } = await create(world, 1, 2, { idempotencyKey: 'key' })
      await world.store.change(id, replaceBy(3, 0))
      // Person 2 reached person 1 before, and leaves after them.
      await world.store.change(id, replaceBy(4, 1))
      const receipt = await world.erasure.erase(whole(person(1)))
      t.match(receipt.removed, { sessions: 0, closed: 0, replaced: 1, books: 1 })
      t.same(await tracesOf(world, 1), [])
      const [a, b] = participants.map(({ maskingNumber }) => maskingNumber) as [string, string]
      t.match(await world.store.findLeg([whole(person(3))], a), {
        kind: 'open',
        leg: { destination: `+${whole(person(4))}` },
      })
      t.match(await world.store.findLeg([whole(person(4))], b), { kind: 'open' })
      t.same(
        await world.store.create(draft(1, 2, { idempotencyKey: 'key' })),
        { kind: 'conflict' },
        'its request named them',
      )
      for (const n of [5, 6]) t.not((await create(world, 2, n)).participants[0].maskingNumber, b)
    },
  )

  t.test(
    'an erased person may come again, and a request that is sent again opens a new session',
    async (t) => {
      const world = await open()
      const first = await create(world, 1, 2, { idempotencyKey: 'key', externalId: 'order' })
      await world.erasure.erase(whole(person(1)))
      const again = await create(world, 1, 2, { idempotencyKey: 'key', externalId: 'order' })
      t.not(again.id, first.id)
      t.match(await world.store.findLeg([whole(person(1))], again.participants[0].maskingNumber), {
        kind: 'open',
      })
      t.match(await world.erasure.erase(whole(person(1))), { removed: { sessions: 1, closed: 1, keys: 2 } })
      t.same(await tracesOf(world, 1), [])
    },
  )

  t.test('what ended long ago in the book of another names the person no longer', async (t) => {
    const world = await open()
    const { id } = await create(world, 1, 2)
    await world.store.close(id)
    world.time += SECOND
    // It keeps the book of person 2 for longer than the ended session is kept.
    await create(world, 2, 3, { expiresAt: START + 100 * DAY })
    world.time += 20 * DAY
    await world.store.upkeep()
    await world.erasure.erase(whole(person(1)))
    t.same(await tracesOf(world, 1), [])
  })

  t.test(
    'a person who is erased between any two steps of a new session has a whole session or none',
    async (t) => {
      await atEachStep(async (step) => {
        const world = await open()
        // They met before, so that a step may put back what names the person.
        await world.store.close((await create(world, 1, 2)).id)
        const { store, steps } = interrupted(world, step, () => world.erasure.erase(whole(person(1))))
        const { id, participants } = sessionIn(await store.create(draft(2, 1, { idempotencyKey: 'key' })))
        const isThere = (await world.store.find(id)) !== undefined
        for (const { number, maskingNumber } of participants)
          t.equal((await world.store.findLeg([number], maskingNumber))?.kind, isThere ? 'open' : undefined)
        await world.erasure.erase(whole(person(1)))
        t.same(await tracesOf(world, 1), [], `step ${step}`)
        return steps()
      })
    },
  )

  t.test('a session that is refused while the person is erased puts nothing of them back', async (t) => {
    await atEachStep(async (step) => {
      const world = await open()
      // Person 2 is given the number next that they had with person 1, and then person 3 has none.
      for (const n of [1, 8, 9]) {
        await world.store.close((await create(world, 2, n)).id)
        world.time += SECOND
      }
      world.time += DAY
      for (const n of [10, 11, 12]) await create(world, 3, n)
      const { store, steps } = interrupted(world, step, () => world.erasure.erase(whole(person(1))))
      t.match(await store.create(draft(2, 3)), { kind: 'exhausted', side: 1 })
      if (step < steps()) t.same(await tracesOf(world, 1), [], `step ${step}`)
      return steps()
    })
  })

  t.test('a leg whose end is just being written names the person no longer', async (t) => {
    await atEachStep(async (step) => {
      const world = await open()
      const { id } = await create(world, 1, 2)
      // The process dies before the book of person 2 says that they have left.
      let hasLeft = false
      const dying = rulesOver(
        spiedOn(world.storage, async (operation, run) => {
          if (operation === 'swap book' && hasLeft) throw new StoreUnavailableError()
          const done = await run()
          hasLeft ||= operation === 'swap session'
          return done
        }),
        world.options,
      )
      t.match(await dying.change(id, replaceBy(3, 1)), { kind: 'changed' })
      await world.store.change(id, replaceBy(4, 0))
      const { store, steps } = interrupted(world, step, () => world.erasure.erase(whole(person(1))))
      await store.create(draft(2, 5))
      if (step < steps()) t.same(await tracesOf(world, 1), [], `step ${step}`)
      return steps()
    })
  })

  t.test('who is replaced while they are erased takes nothing from those who go on', async (t) => {
    await atEachStep(async (step) => {
      const world = await open()
      const { id, participants } = await create(world, 1, 2)
      let replaced: ChangeOutcome | undefined
      const { storage, steps } = interrupted(world, step, async () => {
        replaced = await world.store.change(id, replaceBy(3, 0))
      })
      const sessions = rulesOver(storage, world.options)
      await createErasure({ storage, sessions, fixed: [], restMs: DAY }).erase(whole(person(1)))
      const goesOn = replaced?.kind === 'changed'
      const [{ maskingNumber }] = participants
      t.equal(
        (await world.store.findLeg([whole(person(3))], maskingNumber))?.kind,
        goesOn ? 'open' : undefined,
      )
      t.same(await tracesOf(world, 1), [], `step ${step}`)
      return steps()
    })
  })

  t.test(
    'who is erased while they are put into a session of others is wholly in it or not at all',
    async (t) => {
      await atEachStep(async (step) => {
        const world = await open()
        const { id } = await create(world, 2, 3)
        const { store, steps } = interrupted(world, step, () => world.erasure.erase(whole(person(1))))
        t.match(await store.change(id, replaceBy(1, 1)), { kind: 'changed' })
        const session = await world.store.find(id)
        for (const { number, maskingNumber } of session?.participants ?? [])
          t.match(await world.store.findLeg([number], maskingNumber), { kind: 'open' }, `step ${step}`)
        await world.erasure.erase(whole(person(1)))
        t.same(await tracesOf(world, 1), [], `step ${step}`)
        return steps()
      })
    },
  )

  t.test('what an erasure leaves that ends in between, the next one removes', async (t) => {
    await atEachStep(async (step) => {
      const world = await open()
      await create(world, 1, 2, { externalId: 'order', idempotencyKey: 'key' })
      const left = await create(world, 1, 3, { idempotencyKey: 'other' })
      await world.store.change(left.id, replaceBy(4, 0))
      const { storage, steps } = interrupted(world, step, () => Promise.reject(new StoreUnavailableError()))
      const sessions = rulesOver(storage, world.options)
      const first = createErasure({ storage, sessions, fixed: [], restMs: DAY }).erase(whole(person(1)))
      await first.catch(() => undefined)
      await world.erasure.erase(whole(person(1)))
      t.same(await tracesOf(world, 1), [], `step ${step}`)
      const leads = await world.storage.read([nameKey('order'), requestKey('key'), requestKey('other')])
      t.match(leads, [undefined, undefined, { value: { s: left.id, f: '' } }], 'nor what the requests were')
      const listed = await world.storage.entries(ALL_SESSIONS, { order: 'newest first', limit: 9 })
      t.same(
        listed.map(({ id }) => id),
        [left.id],
      )
      return steps()
    })
  })

  t.test('what is past its time and not yet swept is erased too', async (t) => {
    const world = await open()
    await create(world, 1, 2)
    world.time += 30 * DAY
    t.match((await world.erasure.erase(whole(person(1)))).removed, { sessions: 1, closed: 0, books: 1 })
    t.same(await tracesOf(world, 1), [])
  })

  t.test(
    'after any history nothing names an erased person, and the others keep their sessions',
    async (t) => {
      for (let seed = 1; seed <= histories; seed += 1) {
        const world = await open()
        const random = randomOf(seed)
        const ids: string[] = []
        for (let i = 0; i < 60; i += 1) await act(world, ids, random)
        const erased = whole(person(random(6)))
        const before = await openSessions(world)
        const receipt = await world.erasure.erase(erased)
        t.same(await tracesFor(world, erased), [], `seed ${seed}`)
        const theirs = before.filter(({ participants }) =>
          participants.some(({ number }) => number === erased),
        )
        t.equal(receipt.removed.closed, theirs.length)
        t.same(
          (await openSessions(world)).map(({ id }) => id),
          before.filter((session) => !theirs.includes(session)).map(({ id }) => id),
          `seed ${seed}`,
        )
        for (const { participants, id } of await openSessions(world)) {
          for (const { number, maskingNumber } of participants)
            t.match(await world.store.findLeg([number], maskingNumber), {
              kind: 'open',
              leg: { sessionId: id },
            })
        }
        t.match((await world.erasure.erase(erased)).removed, NOTHING, `seed ${seed}`)
      }
    },
  )

  async function openSessions({ store }: World) {
    return (await store.list({ limit: 200, status: 'open' })).sessions
  }

  async function act(world: World, ids: string[], random: (below: number) => number): Promise<void> {
    const id = ids[random(Math.max(ids.length, 1))]
    const kind = random(10)
    if (kind < 5 || id === undefined) {
      const one = random(6)
      const expiresAt = world.time + HOUR * (1 + random(300))
      const keys =
        random(2) === 0 ? {} : { idempotencyKey: `key-${random(9)}`, externalId: `order-${random(9)}` }
      const outcome = await world.store.create({
        ...draft(one, (one + 1 + random(5)) % 6, {
          createdAt: world.time,
          expiresAt,
          allowShortRest: true,
          ...keys,
        }),
      })
      if ('session' in outcome) ids.push(outcome.session.id)
    } else if (kind < 7) {
      await world.store.change(id, replaceBy(random(6), random(2) as 0 | 1))
    } else if (kind < 8) {
      await world.store.close(id)
    } else {
      world.time += HOUR * random(60)
    }
  }
}

/** Runs something for each of its steps, until it has fewer: it tells how many there were. */
export async function atEachStep(run: (step: number) => Promise<number>): Promise<void> {
  for (let step = 0; step < (await run(step)); step += 1);
}

/** A world's storage and the rules over it, where something happens before one of the steps. */
export function interrupted(
  { storage, options }: Pick<World, 'storage' | 'options'>,
  step: number,
  happen: () => Promise<unknown>,
) {
  let steps = 0
  const spied = spiedOn(storage, async (_operation, run) => {
    steps += 1
    if (steps === step + 1) await happen()
    return run()
  })
  return { storage: spied, store: rulesOver(spied, options), steps: () => steps }
}

function tracesOf(world: World, n: number): Promise<string[]> {
  return tracesFor(world, whole(person(n)))
}

/** Whatever is kept that holds a number, with values opened and names as they are. */
export async function tracesFor({ storage }: Pick<World, 'storage'>, number: string): Promise<string[]> {
  const traces: string[] = []
  for (const kind of [SESSION_KIND, BOOK_KIND, NAME_KIND, REQUEST_KIND, 'pool', 'api-keys']) {
    for await (const found of storage.all(kind)) {
      for (const { name, value } of found) {
        const text = `${kind} ${name} ${JSON.stringify(value)}`
        if (text.includes(number)) traces.push(text)
      }
    }
  }
  const past = await storage.entries(pastOf(number), { order: 'newest first', limit: 9 })
  return [...traces, ...past.map(({ id }) => `past ${id}`)]
}

/** Numbers below a bound, the same for the same seed. */
function randomOf(seed: number): (below: number) => number {
  let state = seed * 2_654_435_761
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 3_266_489_917) >>> 0
    return state % below
  }
}
