import { type Test, test } from 'tap'
import { COST_DELAY_MS, createCosts } from '../../../src/calls/costs.js'
import { createRecordingRetention } from '../../../src/calls/recording-retention.js'
import type { RecordingOfCall } from '../../../src/calls/work-lists.js'
import type { Storage } from '../../../src/masking/storage.js'
import { createStorage, plainScript } from '../../../src/stores/storage.js'
import { type TestClock, testClock } from '../../clocks.js'
import { standing } from '../../drafts.js'
import { startServer, withServer } from '../../redis-server.js'
import { connect } from '../../redis-store.js'
import { memoryStorage } from '../../store-under-test.js'
import { opened } from '../stores/file/folders.js'
import { CALL, DAY, LEG, RECORDING, world } from './work.js'

/** What is done about calls at the carrier, over any store. */
async function story(t: Test, clock: TestClock, storage: Storage): Promise<void> {
  const { begin, calls, recorded, uncosted } = world({ clock, storage })
  const removed: RecordingOfCall[] = []
  const retention = createRecordingRetention({
    storage,
    retentionMs: 30 * DAY,
    callRetentionMs: 90 * DAY,
    remove: async (recording) => void removed.push(recording),
    onFailed: () => undefined,
  })
  const charges = new Map([[CALL, { amount: '0.9', currency: 'INR' }]])
  const costs = createCosts({
    storage,
    calls,
    chargeOf: async (legId) => charges.get(legId),
    onFailed: () => undefined,
  })

  await begin(CALL, {
    legs: { [LEG]: { connected: true } },
    recordings: { [RECORDING]: { ready: true } },
    dialled: 'talked',
  })
  clock.time += COST_DELAY_MS
  await costs.upkeep()
  t.match(await uncosted(), [{ id: `${CALL}.1`, at: clock.time + COST_DELAY_MS }], 'a leg is missing')
  charges.set(LEG, { amount: '0.45', currency: 'INR' })
  clock.time += COST_DELAY_MS
  await costs.upkeep()
  t.same(await uncosted(), [])
  t.same(Object.keys((await calls.find(CALL))?.costs ?? {}).sort(), [CALL, LEG])

  await retention.upkeep()
  t.same(removed, [])
  await calls.forget('s_1')
  for (const _ of [1, 2]) await retention.upkeep()
  t.same(removed, [{ callId: CALL, recordingId: RECORDING }], 'with its session, a recording is gone')
  clock.time += 30 * DAY
  for (const _ of [1, 2]) await retention.upkeep()
  t.same(await recorded(), [])
}

test('the work on calls is done over a store in memory', async (t) => {
  const clock = testClock()
  await story(t, clock, memoryStorage(clock.now))
})

test('the work on calls is done over a folder', async (t) => {
  const clock = testClock()
  await story(t, clock, createStorage(await opened(t, { now: clock.now }), plainScript))
})

test('the work on calls is done over a server', withServer, async (t) => {
  const clock = testClock()
  const { url } = await startServer(t)
  const { storage } = await connect(t, url, standing({ now: clock.now }).options)
  await story(t, clock, storage)
})
