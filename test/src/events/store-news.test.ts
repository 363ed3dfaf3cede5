import { test } from 'tap'
import { createStoreNews, DOWN_MS, SAME_MS } from '../../../src/events/store-news.js'
import { testClock } from '../../clocks.js'
import { memoryStorage } from '../../store-under-test.js'
import { toldOver } from '../../told.js'

test('that the store was down is told once it is there again, as one by all instances', async (t) => {
  const clock = testClock(Math.ceil(Date.UTC(2100, 0, 1) / SAME_MS) * SAME_MS)
  const { outbox, events } = toldOver(memoryStorage(clock.now))
  let isUp = true
  const instances = [1, 2].map(() => createStoreNews(() => isUp, clock.now, outbox))
  const look = async () => {
    for (const one of instances) {
      await one.upkeep()
      clock.time += 10
    }
  }
  await look()
  isUp = false
  await look()
  clock.time += DOWN_MS
  await look()
  t.same(await events(), [])
  isUp = true
  await look()
  await look()
  t.match((await events()).map(({ type }) => type).sort(), ['store.down', 'store.up'])
  t.match((await events()).find(({ type }) => type === 'store.up')?.data, { down_seconds: 3 })

  isUp = false
  await look()
  isUp = true
  await look()
  t.equal((await events()).length, 2, 'a moment is not told')
})
