import { test } from 'tap'
import {
  COUNT_STEP,
  createEventBound,
  DROP_STEP,
  LASTING_PACE,
  MEMORY_PACE,
} from '../../../src/events/event-bound.js'
import { ALL_EVENTS, eventsOf, FAILING } from '../../../src/events/event-keys.js'
import { testClock } from '../../clocks.js'
import { deliveringOver, eventCalled, OK } from '../../delivering.js'
import { memoryStorage } from '../../store-under-test.js'

/** One piece in each upkeep. */
const ONE_PIECE = { pieces: 1, pauseMs: 60_000 } as const
const COUNT_PAUSE_MS = ONE_PIECE.pauseMs
const WHOLE_LIST = { order: 'oldest first', limit: 10_000 } as const

test('of too many events the oldest of those that fail go first, and then the oldest', async (t) => {
  const clock = testClock()
  const storage = memoryStorage(clock.now)
  const { add, tell, deliverer, outbox } = deliveringOver(storage, ({ id }) =>
    failing.has(id) ? { status: 500 } : OK,
  )
  const failing = new Set(['s_3/1', 's_5/1'].map((name) => eventCalled(name, 0).id))
  const dropped: unknown[] = []
  const bound = createEventBound({
    storage,
    outbox,
    ...ONE_PIECE,
    maxEvents: 5,
    onDropped: (which, count) => dropped.push([which, count]),
  })
  await add('wh_a')
  await add('wh_b')
  await bound.upkeep()
  t.equal(bound.counted, 0)
  for (let n = 1; n <= 9; n += 1) {
    clock.time += 1_000
    await tell(`s_${n}/1`)
    await deliverer.deliver()
  }
  await bound.upkeep()
  t.equal(bound.counted, 0, 'they are not counted all the time')
  clock.time += COUNT_PAUSE_MS
  for (let i = 0; i < 6; i += 1) await bound.upkeep()
  t.same(dropped, [
    ['failing', 2],
    ['oldest', 2],
  ])
  const left = await storage.entries(ALL_EVENTS, WHOLE_LIST)
  t.same(
    left.map(({ id }) => id),
    ['s_4/1', 's_6/1', 's_7/1', 's_8/1', 's_9/1'].map((name) => eventCalled(name, 0).id),
  )
  t.same(await storage.entries(FAILING, WHOLE_LIST), [])
  t.equal(await outbox.find(eventCalled('s_3/1', 0).id), undefined)
  clock.time += COUNT_PAUSE_MS
  await deliverer.deliver()
  await bound.upkeep()
  t.equal(bound.counted, 5)
})

test('events are counted and taken out piece by piece, by one instance', async (t) => {
  const clock = testClock()
  const storage = memoryStorage(clock.now)
  const { tell, outbox } = deliveringOver(storage, () => OK)
  const options = { storage, outbox, ...ONE_PIECE, maxEvents: COUNT_STEP, onDropped: () => undefined }
  const [bound, other] = [createEventBound(options), createEventBound(options)]
  await tell(...Array.from({ length: COUNT_STEP + DROP_STEP + 7 }, (_, i) => `s_${i}/1`))
  await bound.upkeep()
  await other.upkeep()
  t.same([bound.counted, other.counted], [undefined, undefined])
  await bound.upkeep()
  t.equal(bound.counted, COUNT_STEP + DROP_STEP + 7)
  for (let i = 0; i < 2; i += 1) await bound.upkeep()
  t.equal((await storage.entries(ALL_EVENTS, WHOLE_LIST)).length, COUNT_STEP)
  t.equal(other.counted, undefined)
})

test('as many pieces as are allowed are taken in one upkeep, and no more', async (t) => {
  const clock = testClock()
  const storage = memoryStorage(clock.now)
  const { tell, outbox } = deliveringOver(storage, () => OK)
  const [maxEvents, excess] = [COUNT_STEP, 3 * DROP_STEP]
  await tell(...Array.from({ length: maxEvents + excess }, (_, i) => `s_${i}/1`))
  const bound = createEventBound({
    storage,
    outbox,
    pieces: 4,
    pauseMs: 1_000,
    maxEvents,
    onDropped: () => undefined,
  })
  await bound.upkeep()
  const left = async () => (await storage.entries(ALL_EVENTS, WHOLE_LIST)).length
  t.equal(await left(), maxEvents + DROP_STEP, 'two to count, and two to take out')
  await bound.upkeep()
  t.equal(await left(), maxEvents)
  for (const { pieces } of [LASTING_PACE, MEMORY_PACE]) t.ok(pieces * DROP_STEP >= 1_000)
})

test('an event that is gone before its time is in no list of its session either', async (t) => {
  const clock = testClock()
  const storage = memoryStorage(clock.now)
  const { tell, outbox } = deliveringOver(storage, () => OK)
  const bound = createEventBound({
    storage,
    outbox,
    ...MEMORY_PACE,
    maxEvents: 1,
    onDropped: () => undefined,
  })
  await tell('s_1/1')
  clock.time += 1
  await tell('s_1/2')
  await bound.upkeep()
  const newest = eventCalled('s_1/2', 0).id
  const ids = (await storage.entries(eventsOf('s_1'), WHOLE_LIST)).map(({ id }) => id)
  t.same(ids, [newest])
})

test('where all is gone meanwhile, it is counted anew', async (t) => {
  const clock = testClock()
  const storage = memoryStorage(clock.now)
  const { tell, outbox } = deliveringOver(storage, () => OK)
  const bound = createEventBound({
    storage,
    outbox,
    ...ONE_PIECE,
    maxEvents: 1,
    onDropped: () => t.fail('nothing is left'),
  })
  await tell('s_1/1', 's_2/1')
  await bound.upkeep()
  for (const id of ['s_1', 's_2']) await outbox.forget(id)
  await bound.upkeep()
  clock.time += COUNT_PAUSE_MS
  await bound.upkeep()
  t.equal(bound.counted, 0)
})
