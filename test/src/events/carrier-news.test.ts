import { test } from 'tap'
import { createCarrierNews, TROUBLE_MS } from '../../../src/events/carrier-news.js'
import { StoreUnavailableError } from '../../../src/masking/storage.js'
import { testClock } from '../../clocks.js'
import { memoryStorage } from '../../store-under-test.js'
import { toldOver } from '../../told.js'

test('trouble that the API of the carrier tells of is one event an hour, of all instances', async (t) => {
  const clock = testClock()
  const { outbox, events } = toldOver(memoryStorage(clock.now))
  let adds = 0
  const one = createCarrierNews(clock.now, {
    add(all) {
      adds += 1
      return outbox.add(all)
    },
  })
  const other = createCarrierNews(clock.now, outbox)
  for (let i = 0; i < 3; i += 1) {
    for (const instance of [one, other]) {
      instance.note('out_of_credit')
      await instance.upkeep()
    }
    clock.time += 1_000
  }
  t.match(await events(), [
    { type: 'carrier.trouble', data: { version: 1, trouble: 'out_of_credit', call_id: null } },
  ])
  t.equal(adds, 1, 'the store is not asked each time')
  clock.time += TROUBLE_MS
  one.note('out_of_credit')
  await one.upkeep()
  t.equal((await events()).length, 2)
})

test('what a store that is down does not take is told later', async (t) => {
  const clock = testClock()
  const { outbox, events } = toldOver(memoryStorage(clock.now))
  let isDown = true
  const news = createCarrierNews(clock.now, {
    add: (all) => (isDown ? Promise.reject(new StoreUnavailableError()) : outbox.add(all)),
  })
  const at = clock.time
  news.note('out_of_credit')
  await t.rejects(news.upkeep(), StoreUnavailableError)
  clock.time += TROUBLE_MS
  isDown = false
  await news.upkeep()
  t.match(await events(), [{ at }])
})
