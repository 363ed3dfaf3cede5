import { test } from 'tap'
import { createPoolNews, POOL_TOLD } from '../../../src/events/pool-news.js'
import { POOL, POOL_COUNTS } from '../../../src/masking/keys.js'
import { createPool, type PoolNumber } from '../../../src/masking/pool.js'
import { type Storage, StoreUnavailableError } from '../../../src/masking/storage.js'
import { testClock } from '../../clocks.js'
import { onEveryStorage } from '../../every-storage.js'
import { memoryStorage } from '../../store-under-test.js'
import { toldOver } from '../../told.js'

const A = '919000000011'
const B = '919000000012'
const active = (number: string): PoolNumber => ({ number, state: 'active' })
const draining = (number: string): PoolNumber => ({ number, state: 'draining' })

function news(storage: Storage) {
  const { outbox, events } = toldOver(storage)
  const poolNews = createPoolNews(storage, outbox)
  const seen = new Set<string>()
  return {
    poolNews,
    events,
    set: (...numbers: PoolNumber[]) => createPool(storage).change(() => numbers),
    async room(room: number) {
      const [was] = await storage.read([POOL_COUNTS])
      await storage.swap({ key: POOL_COUNTS, was, value: { room }, until: Infinity })
    },
    /** What was told since the last time. */
    async told() {
      await poolNews.tell()
      const all = await events()
      const fresh = all
        .filter(({ id }) => !seen.has(id))
        .map(({ type, data }) => `${type} ${data.number ?? data.head_room}`)
      for (const { id } of all) seen.add(id)
      return fresh.sort()
    },
  }
}

onEveryStorage('what becomes of the pool is told once, by whoever notices it', async (t, make) => {
  const clock = testClock()
  const storage = await make(clock.now)
  const { set, told } = news(storage)
  const other = createPoolNews(storage, toldOver(storage).outbox)
  await set(active(A))
  t.same(await told(), [], 'what was there before is no news')
  await set(active(A), active(B))
  await other.tell()
  t.same(await told(), [`number.added +${B}`])
  await set(active(A), draining(B))
  t.same(await told(), [`number.draining +${B}`])
  await set(active(A), active(B))
  t.same(await told(), [`number.activated +${B}`])
  await set(draining(A))
  t.same(await told(), [`number.draining +${A}`, `number.removed +${B}`])
  t.same(await told(), [])
})

onEveryStorage('of changes that follow each other at once each is told', async (t, make) => {
  const storage = await make(testClock().now)
  const { poolNews, events } = news(storage)
  const pools = [
    createPool(storage, poolNews.tell),
    createPool(storage, createPoolNews(storage, toldOver(storage).outbox).tell),
  ]
  const change = (i: number, ...numbers: PoolNumber[]) => pools[i % 2]?.change(() => numbers)
  for (const [i, numbers] of [
    [active(A)],
    [active(A), active(B)],
    [active(A), draining(B)],
    [active(A)],
  ].entries())
    await change(i, ...numbers)
  const all = (await events()).map(({ type, data }) => `${type} ${data.number}`)
  t.same(all.sort(), [
    `number.added +${A}`,
    `number.added +${B}`,
    `number.draining +${B}`,
    `number.removed +${B}`,
  ])
})

onEveryStorage('so is each of changes that instances make at the same time', async (t, make) => {
  const storage = await make(testClock().now)
  const { poolNews, events } = news(storage)
  const numbers = Array.from({ length: 6 }, (_, i) => `9190000001${String(i).padStart(2, '0')}`)
  await createPool(storage, poolNews.tell).change(() => [active(A)])
  await Promise.all(
    numbers.map(async (number) => {
      const pool = createPool(storage, createPoolNews(storage, toldOver(storage).outbox).tell)
      await pool.change((there) => [...there, active(number)])
      await pool.change((there) => there.filter((one) => one.number !== number))
    }),
  )
  const all = (await events()).map(({ type, data }) => `${type} ${data.number}`)
  for (const number of numbers)
    t.same(
      all.filter((one) => one.endsWith(number)).sort(),
      [`number.added +${number}`, `number.removed +${number}`],
      number,
    )
})

test('what cannot be told is not replaced', async (t) => {
  const storage = memoryStorage(testClock().now)
  let failing: 'before' | 'after' | undefined
  let asked = 0
  const pool = createPool(storage, async () => {
    asked += 1
    if (failing === (asked % 2 === 1 ? 'before' : 'after')) throw new StoreUnavailableError()
  })
  failing = 'before'
  await t.rejects(
    pool.change(() => [active(A)]),
    StoreUnavailableError,
  )
  t.same(await pool.numbers(), [])
  failing = 'after'
  asked = 0
  await pool.change(() => [active(A)])
  t.same(await pool.numbers(), [active(A)], 'what was replaced before is told later')
  const broken = createPool(storage, async () => {
    if (asked++ % 2 === 1) throw new TypeError('a mistake of ours')
  })
  asked = 0
  await t.rejects(
    broken.change(() => []),
    TypeError,
  )
  t.same((await pool.change((there) => there)).replaced, undefined)
})

test('that the head-room is low is told once, until there was enough', async (t) => {
  const { set, room, told } = news(memoryStorage(testClock().now))
  await room(0)
  await set()
  t.same(await told(), [], 'an empty pool is not low')
  await set(active(A))
  await room(5)
  t.same(await told(), [`number.added +${A}`])
  await room(1)
  t.same(await told(), ['number.low_head_room 1'])
  for (const n of [0, 2, 1]) {
    await room(n)
    t.same(await told(), [])
  }
  for (const n of [3, 1]) await room(n).then(told)
  await room(3)
  t.same(await told(), [])
})

test('what may still be lost is told again, as the same', async (t) => {
  const clock = testClock()
  const storage = memoryStorage(clock.now)
  let isSafe = true
  const { set, told } = news({ ...storage, confirm: async () => isSafe })
  await set(active(A))
  await told()
  await set(active(A), active(B))
  isSafe = false
  t.same(await told(), [`number.added +${B}`])
  isSafe = true
  t.same(await told(), [])
  t.match((await storage.read([POOL_TOLD]))[0]?.value, { states: { [B]: 'active' } })
  const blind = createPoolNews(
    {
      ...storage,
      read: async (keys) => keys.map(() => ({ value: undefined, unreadable: 'altered', version: '' })),
    },
    { add: async () => t.fail('nothing is known') as never },
  )
  await blind.tell()
  t.ok((await storage.read([POOL]))[0])
})
