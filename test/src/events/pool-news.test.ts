import { test } from 'tap'
import { createPoolNews, POOL_TOLD } from '../../../src/events/pool-news.js'
import { POOL, POOL_COUNTS } from '../../../src/masking/keys.js'
import { createPool, type PoolNumber } from '../../../src/masking/pool.js'
import type { Storage } from '../../../src/masking/storage.js'
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
    set: (...numbers: PoolNumber[]) => createPool(storage).change(() => numbers),
    async room(room: number) {
      const [was] = await storage.read([POOL_COUNTS])
      await storage.swap({ key: POOL_COUNTS, was, value: { room }, until: Infinity })
    },
    /** What was told since the last time. */
    async told() {
      await poolNews.upkeep()
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
  t.same(await told(), [])
  await set(active(A))
  t.same(await told(), [], 'what was there before is no news')
  await set(active(A), active(B))
  await other.upkeep()
  t.same(await told(), [`number.added +${B}`])
  await set(active(A), draining(B))
  t.same(await told(), [`number.draining +${B}`])
  await set(active(A), active(B))
  t.same(await told(), [`number.activated +${B}`])
  await set(draining(A))
  t.same(await told(), [`number.draining +${A}`, `number.removed +${B}`])
  t.same(await told(), [])
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
  await blind.upkeep()
  t.ok((await storage.read([POOL]))[0])
})
