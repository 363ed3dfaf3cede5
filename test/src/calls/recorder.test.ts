import { test } from 'tap'
import type { CallFacts } from '../../../src/calls/call-facts.js'
import { createCalls } from '../../../src/calls/calls.js'
import { createRecorder, KEPT_MS, MAX_KEPT, UNKNOWN_MS } from '../../../src/calls/recorder.js'
import { StoreUnavailableError } from '../../../src/masking/storage.js'
import { DAY, START } from '../../session-store-contract.js'
import { memoryStorage } from '../../store-under-test.js'

const BEGUN: CallFacts = { begun: { at: START, side: 0 } }
const BUSY: CallFacts = { dialled: 'busy' }
const TALKED: CallFacts = { dialled: 'talked' }

/** A recorder over a store that fails with whatever stands in `failure`. */
function world() {
  const told: unknown[] = []
  const state: { time: number; failure: Error | undefined; asked: number } = {
    time: START,
    failure: undefined,
    asked: 0,
  }
  const now = () => state.time
  const calls = createCalls({
    storage: memoryStorage(now),
    retentionMs: DAY,
    onUnreadable: () => undefined,
  })
  const recorder = createRecorder({
    calls: {
      async note(id, facts) {
        state.asked += 1
        if (state.failure) throw state.failure
        return calls.note(id, facts)
      },
    },
    now,
    onEnded: (id, { dialled }) => told.push({ ended: id, dialled }),
    onDropped: (why) => told.push(why),
    onError: (error) => told.push(error),
  })
  return Object.assign(state, { told, calls, recorder })
}

const DOWN = new StoreUnavailableError()

test('what happens to a call is noted at once, and its end is told of', async (t) => {
  const { recorder, calls, told } = world()
  await recorder.note('a', BEGUN)
  t.same(await calls.find('a'), BEGUN)
  t.same(told, [])
  for (let i = 0; i < 2; i += 1) await recorder.note('a', BUSY)
  t.same(told, [{ ended: 'a', dialled: 'busy' }])
})

test('while the store is down, what happens is kept, joined, and noted later', async (t) => {
  const state = world()
  const { recorder, calls, told } = state
  state.failure = DOWN
  for (const facts of [BUSY, BEGUN, { pinUsed: true } as const]) await recorder.note('a', facts)
  await recorder.note('b', BEGUN)
  state.time += KEPT_MS - 1
  await recorder.upkeep()
  t.equal(await calls.find('a'), undefined)
  state.failure = undefined
  await recorder.upkeep()
  t.same(await calls.find('a'), { ...BEGUN, ...BUSY, pinUsed: true })
  t.same(await calls.find('b'), BEGUN)
  t.same(told, [{ ended: 'a', dialled: 'busy' }])
  const { asked } = state
  await recorder.upkeep()
  t.equal(state.asked, asked, 'nothing is left')
})

test('what the store does not take for too long is dropped, and told of', async (t) => {
  const state = world()
  const { recorder, calls, told } = state
  state.failure = DOWN
  for (const id of ['a', 'b']) await recorder.note(id, BEGUN)
  state.time += 1
  await recorder.note('a', BUSY)
  await recorder.note('c', BEGUN)
  state.time += KEPT_MS - 1
  await recorder.upkeep()
  t.same(told, ['too-old', 'too-old'], 'by the oldest that is known of a call')
  state.failure = undefined
  await recorder.upkeep()
  t.equal(await calls.find('a'), undefined)
  t.same(await calls.find('c'), BEGUN)
})

test('while the store is down, it is asked once in a while', async (t) => {
  const state = world()
  const { recorder, calls, told } = state
  state.failure = DOWN
  const ids = Array.from({ length: 450 }, (_, i) => `call-${i}`)
  for (const id of ids) await recorder.note(id, { ...BEGUN, ...BUSY })
  state.asked = 0
  for (let i = 0; i < 3; i += 1) await recorder.upkeep()
  t.equal(state.asked, 3)
  state.failure = undefined
  for (let i = 0; i < 3; i += 1) {
    state.asked = 0
    await recorder.upkeep()
    t.ok(state.asked <= 200, 'a bounded number at a time')
  }
  for (const id of ids) t.ok(await calls.find(id))
  t.equal(told.length, ids.length)
})

test('the end of a call is kept for its beginning, but not for long', async (t) => {
  const state = world()
  const { recorder, calls, told } = state
  for (const id of ['a', 'b']) await recorder.note(id, BUSY)
  state.time += UNKNOWN_MS - 1
  await recorder.upkeep()
  await calls.note('a', BEGUN)
  await recorder.upkeep()
  t.same(await calls.find('a'), { ...BEGUN, ...BUSY })
  t.same(told, [{ ended: 'a', dialled: 'busy' }])
  state.time += 1
  await recorder.upkeep()
  t.same(told.slice(1), ['unknown-call'])
  await calls.note('b', BEGUN)
  await recorder.upkeep()
  t.same(await calls.find('b'), BEGUN, 'nothing is left of it')
})

test('the beginning of a call does not wait behind an end that came before', async (t) => {
  const { recorder, calls } = world()
  await recorder.note('a', BUSY)
  await recorder.note('a', TALKED)
  await recorder.note('a', BEGUN)
  t.same(await calls.find('a'), BEGUN)
  await recorder.upkeep()
  t.same(await calls.find('a'), { ...BEGUN, ...TALKED })
})

test('something is kept of so many calls at most', async (t) => {
  const state = world()
  const { recorder, told } = state
  state.failure = DOWN
  for (let i = 0; i < MAX_KEPT; i += 1) await recorder.note(`call-${i}`, BEGUN)
  t.same(told, [])
  await recorder.note('one more', BEGUN)
  t.same(told, ['too-many'])
  await recorder.note('call-0', BUSY)
  t.same(told, ['too-many'], 'what more is known of them has room')
})

test('an error that is no failure of the store is told of, and nothing is lost', async (t) => {
  const state = world()
  const { recorder, calls, told } = state
  state.failure = new TypeError('a mistake of ours')
  await recorder.note('a', BEGUN)
  await recorder.note('b', BEGUN)
  t.same(told, [state.failure, state.failure])
  state.asked = 0
  await recorder.upkeep()
  t.equal(state.asked, 2, 'it does not keep others from being tried')
  state.failure = undefined
  await recorder.upkeep()
  for (const id of ['a', 'b']) t.same(await calls.find(id), BEGUN)
})
