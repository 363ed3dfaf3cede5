import { test } from 'tap'
import type { Begun, CallFacts } from '../../../src/calls/call-facts.js'
import { namesOfNew, newsOf } from '../../../src/calls/call-news.js'

const BEGUN = { at: 1, sessionId: 's_1', side: 0 } as const
const names = (facts: CallFacts, begun: Begun = BEGUN) => newsOf({ ...facts, begun }).map(({ name }) => name)

test('a call tells what its facts tell', async (t) => {
  const legs = { leg: { answered: true, connected: true } } as const
  const cases: [CallFacts, string[]][] = [
    [{}, ['call.started']],
    [{ legs }, ['call.started', 'call.answered']],
    [{ legs: { leg: { answered: true } } }, ['call.started']],
    [{ legs, dialled: 'talked' }, ['call.started', 'call.answered', 'call.ended']],
    [{ ended: { how: 'no_answer' } }, ['call.started', 'call.ended']],
    [{ pinAsked: true }, []],
    [{ pinAsked: true, pinUsed: true }, ['call.started']],
    [{ pinAsked: true, ended: {} }, ['call.refused']],
    [
      { recordings: { r1: { ready: true }, r2: { deletedAt: 5 }, r3: {} } },
      ['call.started', 'recording.ready/r1', 'recording.deleted/r2'],
    ],
    [{ recordingMissing: true }, ['call.started', 'recording.failed']],
    [{ ended: { code: '1010' } }, ['call.started', 'call.ended', 'carrier.trouble/out_of_credit']],
    [
      { dialled: 'failed', legs: { leg: { ended: { code: '3030' } }, other: { ended: { code: '5030' } } } },
      ['call.started', 'call.ended', 'carrier.trouble/caller_id', 'carrier.trouble/concurrency'],
    ],
  ]
  for (const [facts, expected] of cases) t.same(names(facts), expected)
})

test('a refused call of a session is told with its reason, and that of a stranger not at all', async (t) => {
  t.same(names({}, { ...BEGUN, refused: 'outside-hours' }), ['call.refused'])
  t.same(names({}, { ...BEGUN, refused: 'wrong-pin' }), ['call.refused', 'pin.failed'])
  t.same(names({}, { at: 1, refused: 'unknown-caller' }), [])
  t.same(names({}, { at: 1, refused: 'wrong-pin' }), [])
  t.same(names({ ended: {} }, { ...BEGUN, refused: 'outside-hours' }), ['call.refused'])
  t.same(names({}, { at: 1 }), ['call.started'], 'of the static pair')
})

test('that a PIN locked something is told, of a stranger too, and a lock beside another as well', async (t) => {
  const asked = { at: 1 }
  t.same(names({ pinAsked: true, pinLocks: { number: 5 } }, asked), ['pin.locked/number'])
  t.same(names({ pinAsked: true, pinLocks: { number: 5, caller: 7 } }), [
    'pin.locked/caller',
    'pin.locked/number',
  ])
  const fewer = { begun: BEGUN, pinAsked: true, pinLocks: { number: 5 } } as const
  t.same(namesOfNew(fewer, { ...fewer, pinLocks: { number: 5, caller: 7 } }), ['pin.locked/caller'])
})

test('what more facts tell is only what fewer did not', async (t) => {
  const fewer = { begun: BEGUN } as const
  t.same(namesOfNew({}, fewer), ['call.started'])
  t.same(namesOfNew({ ended: {} }, { ...fewer, ended: {} }), ['call.started', 'call.ended'])
  t.same(namesOfNew(fewer, { ...fewer, ended: {} }), ['call.ended'])
  t.same(namesOfNew(fewer, fewer), [])
})
