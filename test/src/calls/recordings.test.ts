import { test } from 'tap'
import { TOKEN_LIFE_MS } from '../../../src/calls/call-tokens.js'
import { createRecordings, reasonOfAbsence, UnknownCallError } from '../../../src/calls/recordings.js'
import { CALL, world as callWorld, RECORDING } from './work.js'

const OTHER = 'cccccccc-1c3b-4a59-8e7f-90a1b2c3d4e5'

function world() {
  const all = callWorld()
  const atCarrier = new Set([RECORDING, OTHER])
  const recordings = createRecordings({
    ...all,
    now: all.clock.now,
    deleteAtCarrier: async (id) => atCarrier.delete(id),
  })
  return { ...all, atCarrier, recordings }
}

test('of several recordings the longest that is there is the one', async (t) => {
  const { begin, calls, recordings } = world()
  await t.rejects(recordings.find(CALL), UnknownCallError)
  await t.rejects(recordings.deleteOf(CALL), UnknownCallError)
  await begin(CALL)
  t.match(await recordings.find(CALL), { kind: 'none', reason: 'not_recorded' })
  t.match(await recordings.deleteOf(CALL), { kind: 'none', reason: 'not_recorded' })
  await calls.note(CALL, { recordings: { [OTHER]: {} } })
  t.match(await recordings.find(CALL), { kind: 'found', recordingId: OTHER })
  await calls.note(CALL, { recordings: { [RECORDING]: { ready: true } } })
  t.match(await recordings.find(CALL), { recordingId: RECORDING })
  await calls.note(CALL, { recordings: { [OTHER]: { ready: true, ms: 5 } } })
  t.match(await recordings.find(CALL), { recordingId: OTHER })
  await calls.note(CALL, { recordings: { [OTHER]: { deletedAt: 1 } } })
  t.match(await recordings.find(CALL), { recordingId: RECORDING })
})

test('all recordings of a call are deleted, and its record says when', async (t) => {
  const { begin, calls, recordings, atCarrier, clock } = world()
  await begin(CALL, { recordings: { [RECORDING]: { ready: true }, [OTHER]: { ready: true } } })
  clock.time += 5_000
  const at = clock.time
  t.match(await recordings.deleteOf(CALL), { kind: 'deleted', at })
  t.equal(atCarrier.size, 0)
  t.match((await calls.find(CALL))?.recordings, {
    [RECORDING]: { deletedAt: at },
    [OTHER]: { deletedAt: at },
  })
  clock.time += 5_000
  t.match(await recordings.deleteOf(CALL), { kind: 'deleted', at }, 'again changes nothing')
  t.match(await recordings.find(CALL), { kind: 'none', reason: 'deleted' })
})

test('what is not there yet is not said to be deleted', async (t) => {
  const { begin, calls, recordings, atCarrier, clock } = world()
  atCarrier.clear()
  await begin(CALL, { recordings: { [RECORDING]: {} } })
  t.match(await recordings.deleteOf(CALL), { kind: 'none', reason: 'not_ready' })
  t.equal((await calls.find(CALL))?.recordings?.[RECORDING]?.deletedAt, undefined)
  clock.time += TOKEN_LIFE_MS
  t.match(await recordings.deleteOf(CALL), { kind: 'deleted' }, 'nothing can come any more')
})

test('what the carrier does not have is not ready, or lost', async (t) => {
  t.equal(reasonOfAbsence({ recordings: { [RECORDING]: {} } }, RECORDING), 'not_ready')
  t.equal(reasonOfAbsence({ recordings: { [RECORDING]: { ready: true } } }, RECORDING), 'lost')
  t.equal(reasonOfAbsence({}, RECORDING), 'not_ready')
})
