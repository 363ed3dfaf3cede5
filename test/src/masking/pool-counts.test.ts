import { test } from 'tap'
import { POOL_COUNTING, POOL_COUNTS } from '../../../src/masking/keys.js'
import {
  COUNT_LEASE_MS,
  COUNT_PAUSE_MS,
  COUNT_STEP,
  createPoolCounter,
  FRESH_MS,
} from '../../../src/masking/pool-counts.js'
import { readDays } from '../../../src/masking/pool-days.js'
import { type Storage, StoreUnavailableError } from '../../../src/masking/storage.js'
import { draft, standing } from '../../drafts.js'
import { POOL, START } from '../../session-store-contract.js'
import { memoryStorage, storeOver } from '../../store-under-test.js'

/** Sessions over a storage, and instances that count the use of their pool. */
async function counted() {
  const world = standing()
  const storage = memoryStorage(world.options.now)
  const store = await storeOver(storage, world.options)
  const counter = (over: Storage = storage) =>
    createPoolCounter({
      storage: over,
      numbers: () => POOL.map((number) => ({ number, state: 'active', country: 'IN' })),
      restMs: world.options.restMs,
      fixed: [],
    })
  /** Books of people who have nothing: they are looked at, too. */
  const fill = async (people: number) => {
    for (let i = 0; i < people; i++) {
      const key = { kind: 'book', secret: `person ${i}` }
      await storage.swap({ key, was: undefined, value: [], until: Number.POSITIVE_INFINITY })
    }
  }
  return Object.assign(world, { storage, store, counter, fill })
}

/** What counts say about a pool. */
const shown = (counts: Awaited<ReturnType<ReturnType<typeof createPoolCounter>['counts']>>) =>
  counts && {
    at: counts.countedAt,
    legs: POOL.reduce((sum, number) => sum + counts.openLegsOf(number), 0),
    room: counts.headRoom,
  }

test('a small pool is counted for who asks, and at most once a second', async (t) => {
  const world = await counted()
  const counter = world.counter()
  t.same(shown(await counter.counts()), { at: START, legs: 0, room: 3 })
  await world.store.create(draft(1, 2))
  world.time += FRESH_MS - 1
  t.same(shown(await counter.counts()), { at: START, legs: 0, room: 3 })
  world.time += 1
  t.same(shown(await counter.counts()), { at: START + FRESH_MS, legs: 2, room: 2 })
  t.same(
    shown(await world.counter().counts()),
    { at: START + FRESH_MS, legs: 2, room: 2 },
    'for all instances',
  )
})

test('a number that came into the pool after the count has no legs', async (t) => {
  const counts = await (await counted()).counter().counts()
  t.equal(counts?.openLegsOf('919000000099'), 0)
})

test('a large pool is counted by the upkeep, a bounded piece at a time', async (t) => {
  const world = await counted()
  await world.store.create(draft(1, 2))
  await world.fill(2 * COUNT_STEP)
  const counter = world.counter()
  t.equal(await counter.counts(), undefined, 'nobody waits for it')
  await counter.upkeep()
  t.equal(await counter.counts(), undefined)
  world.time += 1_000
  await world.store.create(draft(3, 4))
  await counter.upkeep()
  await counter.upkeep()
  t.match(shown(await counter.counts()), { at: START, room: 2 }, 'as of when the count began')

  const asked: string[] = []
  const quiet = world.counter({
    ...world.storage,
    async *all(kind) {
      asked.push(kind)
      yield* world.storage.all(kind)
    },
  })
  world.time += FRESH_MS
  t.match(shown(await quiet.counts()), { at: START, room: 2 })
  await quiet.upkeep()
  t.same(asked, [], 'neither who asks nor the upkeep walks through it again at once')
  world.time += COUNT_PAUSE_MS
  await quiet.upkeep()
  t.same(asked, ['session', 'book'])
})

test('one instance at a time counts, and another goes on where that one has gone', async (t) => {
  const world = await counted()
  await world.fill(2 * COUNT_STEP)
  const [first, second] = [world.counter(), world.counter()]
  await first.upkeep()
  for (let i = 0; i < 5; i++) await second.upkeep()
  t.equal(await second.counts(), undefined)
  world.time += COUNT_LEASE_MS
  for (let i = 0; i < 5; i++) await second.upkeep()
  t.match(shown(await second.counts()), { at: START + COUNT_LEASE_MS })
  t.same(await world.storage.read([POOL_COUNTING]), [undefined], 'it is free again')

  await first.upkeep()
  t.match(shown(await first.counts()), { at: START + COUNT_LEASE_MS }, 'who came back counts anew later')
})

test('a count that the store breaks off begins again', async (t) => {
  const world = await counted()
  await world.fill(2 * COUNT_STEP)
  let isDown = false
  const counter = world.counter({
    ...world.storage,
    async *all(kind) {
      for await (const found of world.storage.all(kind)) {
        if (isDown) throw new StoreUnavailableError()
        yield found
      }
    },
  })
  await counter.upkeep()
  isDown = true
  await t.rejects(counter.upkeep(), StoreUnavailableError)
  isDown = false
  world.time += 1
  for (let i = 0; i < 3; i++) await counter.upkeep()
  t.match(shown(await counter.counts()), { at: START + 1 })
})

test('each count is noted for its day, and an older version’s has no holders', async (t) => {
  const world = await counted()
  await world.store.create(draft(1, 2))
  t.same((await world.counter().counts())?.holders, { all: { 1: 2 }, countries: { IN: { 1: 2 } } })
  t.match(await readDays(world.storage), [{ day: '2100-01-01', all: { numbers: 3, held: 1, room: 2 } }])
  const [was] = await world.storage.read([POOL_COUNTS])
  const value = { ...(was?.value as object), holders: undefined }
  await world.storage.swap({ key: POOL_COUNTS, was, value, until: Number.POSITIVE_INFINITY })
  const older = await world.counter().counts()
  t.same([older?.headRoom, older?.holders], [2, undefined])
})

test('counts that cannot be read are made anew', async (t) => {
  const world = await counted()
  const bad = { value: undefined, unreadable: 'altered', version: 'x' } as const
  const counter = world.counter({
    ...world.storage,
    read: async (keys) => (keys[0] === POOL_COUNTS ? [bad] : world.storage.read(keys)),
    swap: async () => false,
  })
  t.same(shown(await counter.counts()), { at: START, legs: 0, room: 3 })
})
