import fc from 'fast-check'
import { test } from 'tap'
import type { CallFacts } from '../../../src/calls/call-facts.js'
import { CALLS_TO_TELL, callKey, createCalls } from '../../../src/calls/calls.js'
import { TROUBLE_MS } from '../../../src/events/carrier-news.js'
import { OWN_MS } from '../../../src/events/relay.js'
import type { Storage } from '../../../src/masking/storage.js'
import { StoreUnavailableError } from '../../../src/masking/storage.js'
import { UNWRITTEN_MS } from '../../../src/masking/to-tell.js'
import { testClock } from '../../clocks.js'
import { onEveryStorage } from '../../every-storage.js'
import { spiedOn } from '../../spied-storage.js'
import { memoryStorage } from '../../store-under-test.js'
import { toldOver } from '../../told.js'
import { CALL, DAY, LEG, RECORDING } from '../calls/work.js'

function telling(storage: Storage, isPrompt = false) {
  const told = toldOver(storage, { isPrompt })
  const calls = createCalls({
    storage,
    retentionMs: 90 * DAY,
    toTell: told.callsToTell,
    onUnreadable: () => undefined,
  })
  return { ...told, calls }
}

const names = (events: readonly { readonly type: string }[]) => events.map(({ type }) => type).sort()

onEveryStorage('what becomes of a call is told once, whatever its events say how often', async (t, make) => {
  const clock = testClock()
  const { calls, relay, events, errors } = telling(await make(clock.now))
  const later = async () => {
    clock.time += OWN_MS
    await relay.upkeep()
  }
  const begun = { at: clock.time, sessionId: 's_1', side: 1 } as const
  await calls.note(CALL, { begun })
  await later()
  t.same(names(await events()), ['call.started'])
  await calls.note(CALL, { begun, legs: { [LEG]: { answered: true, connected: true } } })
  await calls.note(CALL, { begun, dialled: 'talked', recordings: { [RECORDING]: { ready: true } } })
  await later()
  await calls.note(CALL, {
    begun,
    dialled: 'talked',
    legs: { [LEG]: { ended: { seconds: 7, by: 'caller' } } },
  })
  await later()
  const all = await events()
  t.same(names(all), ['call.answered', 'call.ended', 'call.started', 'recording.ready'])
  t.match(all.find(({ type }) => type === 'call.ended')?.data, {
    version: 1,
    call_id: CALL,
    session_id: 's_1',
    caller: 1,
    called: 0,
    outcome: 'talked',
    ring_seconds: null,
  })
  t.match(all.find(({ type }) => type === 'recording.ready')?.data, { recording_id: RECORDING })
  t.same(errors, [])
})

test('a refused call says why, and one of the static pair names no session', async (t) => {
  const clock = testClock()
  const { calls, relay, events } = telling(memoryStorage(clock.now))
  await calls.note(CALL, { begun: { at: clock.time, sessionId: 's_1', side: 0, refused: 'outside-hours' } })
  await calls.note(LEG, { begun: { at: clock.time } })
  clock.time += OWN_MS
  await relay.upkeep()
  const all = await events()
  t.match(all.find(({ type }) => type === 'call.refused')?.data, { refused_because: 'outside_hours' })
  t.match(
    all.find(({ type }) => type === 'call.started'),
    {
      sessionId: undefined,
      data: { session_id: null, caller: null, called: null },
    },
  )
})

test('trouble with the carrier is told once an hour, however many calls it ends', async (t) => {
  const clock = testClock()
  const { calls, relay, events } = telling(memoryStorage(clock.now))
  const note = async (id: string) => {
    await calls.note(id, { begun: { at: clock.time, sessionId: 's_1', side: 0 }, ended: { code: '1010' } })
    clock.time += OWN_MS
    await relay.upkeep()
  }
  for (const id of ['c1', 'c2', 'c3']) await note(id)
  const troubles = async () => (await events()).filter(({ type }) => type === 'carrier.trouble')
  t.match(await troubles(), [{ sessionId: undefined, data: { trouble: 'out_of_credit', call_id: 'c1' } }])
  clock.time += TROUBLE_MS
  await note('c4')
  t.equal((await troubles()).length, 2)
})

test('an entry whose record is just being written stays, whatever else is told of the call', async (t) => {
  const clock = testClock()
  const storage = memoryStorage(clock.now)
  const { calls, relay, events } = telling(storage)
  const begun = { at: clock.time, sessionId: 's_1', side: 0 } as const
  await calls.note(CALL, { begun })
  const early = { id: `${CALL} mark call.ended`, at: clock.time }
  await storage.enlist(CALLS_TO_TELL, early, Infinity)
  const later = async () => {
    clock.time += OWN_MS
    await relay.upkeep()
    return [names(await events()), await storage.entries(CALLS_TO_TELL, { order: 'oldest first', limit: 9 })]
  }
  t.same(await later(), [['call.started'], [early]])
  t.same(await later(), [['call.started'], [early]])
  const [was] = await storage.read([callKey(CALL)])
  const value = { begun, ended: { seconds: 3 } }
  await storage.swap({ key: callKey(CALL), was, value, until: Infinity })
  t.same(await later(), [['call.ended', 'call.started'], []])
})

test('what this process wrote is told without reading it again', async (t) => {
  const clock = testClock()
  const read: string[] = []
  const storage = spiedOn(memoryStorage(clock.now), async (operation, run) => {
    if (operation.startsWith('read call')) read.push(operation)
    return run()
  })
  const { calls, relay, events } = telling(storage, true)
  await calls.note(CALL, { begun: { at: clock.time } })
  await relay.idle()
  t.same(names(await events()), ['call.started'])
  t.same(read, [])
})

test('calls that are forgotten tell nothing more', async (t) => {
  const clock = testClock()
  const { calls, outbox, relay, events } = telling(memoryStorage(clock.now))
  await calls.note(CALL, { begun: { at: clock.time, sessionId: 's_1', side: 0 } })
  await calls.forget('s_1')
  t.equal(await outbox.forget('s_1'), 0)
  clock.time += OWN_MS
  await relay.upkeep()
  t.same(await events(), [])
})

/** The facts of a whole call, in pieces that may come in any order. */
const PIECES: readonly CallFacts[] = [
  {},
  { legs: { [LEG]: { answered: true } } },
  { legs: { [LEG]: { connected: true } } },
  { legs: { [LEG]: { ended: { seconds: 9, code: '4000' } } } },
  { dialled: 'talked' },
  { ended: { seconds: 12 } },
  { recordings: { [RECORDING]: { ready: true, ms: 9_000 } } },
]

test('in any order, cut off at any step, each event is told at least once and has one id', async (t) => {
  const order = fc.shuffledSubarray([...PIECES], { minLength: PIECES.length })
  await fc.assert(
    fc.asyncProperty(order, fc.array(fc.nat(60), { maxLength: 6 }), async (pieces, failures) => {
      const clock = testClock()
      const storage = memoryStorage(clock.now)
      let step = 0
      const left = new Set(failures)
      const shaky = spiedOn(storage, async (_operation, run) => {
        step += 1
        if (!left.delete(step)) return run()
        if (step % 2 === 0) await run()
        throw new StoreUnavailableError()
      })
      const { calls, relay, errors } = telling(shaky, true)
      const begun = { at: clock.time, sessionId: 's_1', side: 0 } as const
      for (const facts of pieces) {
        // As the recorder does.
        while (!(await calls.note(CALL, { begun, ...facts }).catch(() => undefined))) clock.time += 1
        await relay.idle()
      }
      const sound = telling(storage)
      for (const ms of [OWN_MS, UNWRITTEN_MS]) {
        clock.time += ms
        await sound.relay.upkeep()
      }
      const told = names(await sound.events())
      const expected = ['call.answered', 'call.ended', 'call.started', 'recording.ready']
      const waiting = await storage.entries(CALLS_TO_TELL, { order: 'oldest first', limit: 9 })
      return errors.length === 0 && JSON.stringify(told) === JSON.stringify(expected) && waiting.length === 0
    }),
    { numRuns: 150 },
  )
  t.pass()
})
