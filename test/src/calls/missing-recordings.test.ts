import { test } from 'tap'
import type { CallFacts } from '../../../src/calls/call-facts.js'
import { createMissingRecordings, MISSING_STEP } from '../../../src/calls/missing-recordings.js'
import { AWAITED, RECORDING_LIMIT_MS } from '../../../src/calls/work-lists.js'
import { CALL, RECORDING, world } from './work.js'

const TALKED = { dialled: 'talked', recordingAsked: true } as const

function awaiting() {
  const made = world()
  return { ...made, missing: createMissingRecordings(made), awaited: () => made.listed(AWAITED) }
}

test('of a call that talked and was to be recorded, a recording has to come within an hour', async (t) => {
  const { begin, calls, clock, missing, awaited } = awaiting()
  await begin(CALL, TALKED)
  clock.time += RECORDING_LIMIT_MS - 1
  await missing.upkeep()
  t.equal((await awaited()).length, 1)
  t.equal((await calls.find(CALL))?.recordingMissing, undefined)
  clock.time += 1
  await Promise.all([missing.upkeep(), missing.upkeep()])
  t.same([(await calls.find(CALL))?.recordingMissing, await awaited()], [true, []])
})

test('none is missed that came, that nobody asked for, or of people who did not talk', async (t) => {
  const { begin, calls, clock, missing, awaited } = awaiting()
  const cases: CallFacts[] = [
    { ...TALKED, recordings: { [RECORDING]: { ready: true } } },
    { ...TALKED, dialled: 'no_answer' },
    { dialled: 'talked' },
  ]
  for (const [i, facts] of cases.entries()) await begin(`c-${i}`, facts)
  t.equal((await awaited()).length, 2)
  clock.time += RECORDING_LIMIT_MS
  await missing.upkeep()
  for (const i of cases.keys()) t.equal((await calls.find(`c-${i}`))?.recordingMissing, undefined)
  t.same(await awaited(), [])
})

test('it is waited for once, whether its end or its beginning is known first', async (t) => {
  const { begin, calls, clock, awaited } = awaiting()
  await begin(CALL, { dialled: 'talked' })
  t.same(await awaited(), [])
  await calls.note(CALL, { recordingAsked: true })
  const limit = { id: CALL, at: clock.time + RECORDING_LIMIT_MS }
  clock.time += 5
  await calls.note(CALL, { ended: { seconds: 3 } })
  t.same(await awaited(), [limit])
})

test('a bounded number is looked at each time, and a call that is forgotten is none', async (t) => {
  const { begin, calls, clock, missing, awaited } = awaiting()
  for (let i = 0; i <= MISSING_STEP; i += 1) await begin(`c-${i}`, TALKED)
  await calls.forget('s_1')
  clock.time += RECORDING_LIMIT_MS
  await missing.upkeep()
  t.equal((await awaited()).length, 1)
  await missing.upkeep()
  t.same(await awaited(), [])
})
