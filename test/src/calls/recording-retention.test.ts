import { test } from 'tap'
import {
  createRecordingRetention,
  RECORDING_PAUSE_MS,
  RECORDING_STEP,
} from '../../../src/calls/recording-retention.js'
import { createRecordings } from '../../../src/calls/recordings.js'
import { CALL, world as callWorld, DAY, RECORDING } from './work.js'

interface Options {
  readonly retentionMs?: number | undefined
  readonly canAsk?: boolean
}

function world({ retentionMs = 30 * DAY, canAsk = true }: Options = {}) {
  const all = callWorld()
  const deleted: string[] = []
  const failed: unknown[] = []
  const refused = new Set<string>()
  const { remove } = createRecordings({
    ...all,
    now: all.clock.now,
    async deleteAtCarrier(id) {
      if (refused.has(id)) throw new Error('refused')
      deleted.push(id)
      return true
    },
  })
  const create = () =>
    createRecordingRetention({
      storage: all.storage,
      retentionMs,
      callRetentionMs: 90 * DAY,
      remove: canAsk ? remove : undefined,
      onFailed: (error) => failed.push(error),
    })
  return { ...all, deleted, failed, refused, create, retention: create() }
}

const recording = (id = RECORDING) => ({ recordings: { [id]: { ready: true } } }) as const
const numbered = (id: string, i: number) => id.replace(/^../, String(i))

test('a recording is deleted when its time is over, and the record says so', async (t) => {
  const { begin, calls, clock, deleted, recorded, retention } = world()
  await begin(CALL, recording())
  clock.time += 30 * DAY - 1
  await retention.upkeep()
  t.same(deleted, [])
  clock.time += 1
  await retention.upkeep()
  t.same(deleted, [RECORDING])
  t.same((await calls.find(CALL))?.recordings, { [RECORDING]: { ready: true, deletedAt: clock.time } })
  t.same(await recorded(), [])
  await retention.upkeep()
  t.equal(deleted.length, 1)
})

test('without a time it is kept, and stands in the list as long as the record of its call', async (t) => {
  const { begin, clock, deleted, recorded, storage } = world()
  const retention = createRecordingRetention({
    storage,
    retentionMs: undefined,
    callRetentionMs: 90 * DAY,
    remove: async ({ recordingId }) => void deleted.push(recordingId),
    onFailed: () => undefined,
  })
  await begin(CALL, recording())
  clock.time += 90 * DAY - 1
  await retention.upkeep()
  t.equal((await recorded()).length, 1)
  clock.time += 1
  await retention.upkeep()
  t.same([deleted, await recorded()], [[], []])
})

test('that of an erased person is deleted at once, whatever its time', async (t) => {
  const { begin, calls, deleted, retention } = world()
  await begin(CALL, recording())
  await calls.forget('s_1')
  await retention.upkeep()
  t.same(deleted, [RECORDING])
  t.equal(await calls.find(CALL), undefined, 'the record does not come back')
})

test('where the carrier cannot be asked the list does not grow', async (t) => {
  const { begin, clock, deleted, recorded, retention } = world({ canAsk: false })
  await begin(CALL, recording())
  clock.time += 30 * DAY
  await retention.upkeep()
  t.same([deleted, await recorded()], [[], []])
})

test('what the carrier refuses is tried again later, and keeps nothing else', async (t) => {
  const { begin, clock, deleted, failed, refused, recorded, retention } = world()
  const count = 2 * RECORDING_STEP + 1
  for (let i = 10; i < 10 + count; i += 1) await begin(numbered(CALL, i), recording(numbered(RECORDING, i)))
  for (let i = 10; i < 10 + RECORDING_STEP; i += 1) refused.add(numbered(RECORDING, i))
  clock.time += 30 * DAY
  await retention.upkeep()
  t.equal(failed.length, RECORDING_STEP)
  await retention.upkeep()
  t.equal(failed.length, RECORDING_STEP, 'it waits')
  for (let i = 0; i < 3; i += 1) {
    clock.time += RECORDING_PAUSE_MS
    await retention.upkeep()
  }
  t.equal(deleted.length, count - RECORDING_STEP)
  refused.clear()
  clock.time += RECORDING_PAUSE_MS
  // Behind the last one it begins again.
  for (const _ of [1, 2]) await retention.upkeep()
  t.equal(deleted.length, count)
  t.same(await recorded(), [])
})

test('one instance deletes at a time', async (t) => {
  const { begin, clock, create, deleted } = world()
  await begin(CALL, recording())
  clock.time += 30 * DAY
  await Promise.all([create().upkeep(), create().upkeep()])
  t.same(deleted, [RECORDING])
})
