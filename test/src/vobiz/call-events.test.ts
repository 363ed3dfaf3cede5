import { test } from 'tap'
import * as events from '../../../src/vobiz/call-events.js'
import { LEG, RECORDING } from '../../call-stories.js'

/** What the carrier sends: some of the fields. */
type Sent = { readonly [name in keyof events.CallEvent]?: string | undefined }

const legFacts = (sent: Sent) => events.legFacts(sent as events.CallEvent)
const dialEndOf = (sent: Sent) => events.dialEndOf(sent as events.CallEvent)
const hangupFacts = (sent: Sent) => events.hangupFacts(sent as events.CallEvent)
const recordingFacts = (sent: Sent) => events.recordingFacts(sent as events.CallEvent)

/** Texts that somebody might send in the place of what belongs there. */
const STRANGE = [
  '',
  ' ',
  '+918888800002',
  '08888800002',
  'constructor',
  '__proto__',
  'toString',
  '<b>',
  '-1',
  '1e9',
  '\u{0}',
]

test('what a Dial tells of the called phone', async (t) => {
  const of = (event: Sent) => legFacts({ DialBLegUUID: LEG, ...event }).legs?.[LEG]
  t.same(of({ Event: 'DialAnswer' }), { answered: true })
  t.same(of({ Event: 'DialConnected' }), { answered: true, connected: true })
  t.same(
    of({
      Event: 'DialHangup',
      DialBLegHangupCause: 'NO_ANSWER',
      DialBLegHangupCauseCode: '6010',
      DialBLegHangupSource: 'Vobiz',
      DialBLegDuration: '0',
    }),
    { ended: { how: 'no_answer', code: '6010', by: 'carrier', seconds: 0 } },
  )
  t.same(of({ Event: 'DialHangup' }), { ended: { how: 'failed' } }, 'with nothing else')
  for (const Event of ['DialDigitsMatch', 'Hangup', 'constructor', undefined])
    t.equal(of({ Event }), undefined)
  for (const DialBLegUUID of [undefined, `${LEG}0`, ...STRANGE])
    t.same(legFacts({ Event: 'DialAnswer', DialBLegUUID }), {}, JSON.stringify(DialBLegUUID))
})

test('how the dialling ended', async (t) => {
  const ends = {
    completed: 'talked',
    busy: 'busy',
    failed: 'failed',
    cancel: 'cancelled',
    timeout: 'no_answer',
    'no-answer': 'no_answer',
  }
  for (const [DialStatus, end] of Object.entries(ends)) t.equal(dialEndOf({ DialStatus }), end)
  for (const DialStatus of ['answer', ...STRANGE]) t.equal(dialEndOf({ DialStatus }), 'failed', DialStatus)
  t.equal(dialEndOf({}), undefined)
})

test('how a leg ended, by its code, or its name, or whether it lasted', async (t) => {
  const how = (code: string | undefined, cause?: string, seconds = '0') =>
    hangupFacts({ HangupCauseCode: code, HangupCause: cause, Duration: seconds, AnswerTime: '1' }).ended?.how
  const codes = {
    '1000': 'cancelled',
    '3000': 'no_answer',
    '3010': 'busy',
    '3020': 'busy',
    '3100': 'busy',
    '3110': 'busy',
    '6010': 'no_answer',
    '3030': 'failed',
    '4000': 'failed',
    '8011': 'failed',
  }
  for (const [code, end] of Object.entries(codes)) t.equal(how(code), end, code)
  t.equal(how('4000', 'NORMAL_CLEARING', '13'), 'talked')
  t.equal(how('6000', 'NORMAL_CLEARING', '13'), 'talked', 'until the limit')
  const names = {
    ORIGINATOR_CANCEL: 'cancelled',
    NO_ANSWER: 'no_answer',
    USER_BUSY: 'busy',
    CALL_REJECTED: 'busy',
    REJECTED: 'busy',
    NORMAL_CLEARING: 'failed',
    SERVICE_UNAVAILABLE: 'failed',
  }
  for (const [name, end] of Object.entries(names)) t.equal(how(undefined, name), end, name)
  t.equal(how('3010', 'NO_ANSWER'), 'busy', 'the code goes before the name')
  for (const text of STRANGE) t.equal(how(text, text, text), 'failed', JSON.stringify(text))
})

test('who ended a leg', async (t) => {
  const by = (HangupSource?: string) => hangupFacts({ HangupSource }).ended?.by
  const sources = {
    Caller: 'caller',
    Callee: 'called',
    'Call recipient': 'called',
    CALLER: 'caller',
    Vobiz: 'carrier',
    Carrier: 'carrier',
    Error: 'carrier',
    'API Request': 'business',
    'Answer XML': 'business',
  }
  for (const [source, who] of Object.entries(sources)) t.equal(by(source), who, source)
  for (const source of [undefined, 'Unknown', ...STRANGE]) t.equal(by(source), undefined, String(source))
})

test('how long a call rang and lasted', async (t) => {
  const times = (StartTime: string | undefined, AnswerTime: string | undefined, Duration?: string) => {
    const { ring, seconds } = hangupFacts({ StartTime, AnswerTime, Duration }).ended ?? {}
    return [ring, seconds]
  }
  const start = '2026-09-01 12:00:00'
  t.same(times(start, '2026-09-01 12:00:07', '13'), [7, 13])
  t.same(times(start, start, '13'), [0, 13])
  t.same(times('2026-09-01 23:59:58', '2026-09-02 00:00:03', '13'), [5, 13], 'over midnight')
  t.same(times(start, '', '13'), [undefined, 0], 'nobody answered')
  t.same(times(start, '0', '13'), [undefined, 0], 'likewise')
  t.same(times(undefined, undefined, '13'), [undefined, 13], 'nothing is said about that')
  t.same(times('2026-09-01 12:00:08', '2026-09-01 12:00:07', '13'), [undefined, 13], 'that cannot be')
  for (const text of STRANGE) t.equal(times(text, text)[0], undefined, JSON.stringify(text))
  for (const text of [...STRANGE, '1.5', '9999999999']) t.equal(times(start, start, text)[1], undefined, text)
})

test('what is told of a recording', async (t) => {
  const of = (event: Sent) => recordingFacts({ RecordingID: RECORDING, ...event }).recordings?.[RECORDING]
  t.same(of({ Event: 'Record' }), {})
  t.same(of({ Event: 'RecordStop', RecordingDurationMs: '13100' }), { ready: true, ms: 13_100 })
  t.same(of({ Event: 'RecordStop' }), { ready: true })
  for (const RecordingDurationMs of STRANGE)
    t.same(of({ Event: 'RecordStop', RecordingDurationMs }), { ready: true })
  for (const RecordingID of [undefined, ...STRANGE])
    t.same(recordingFacts({ Event: 'Record', RecordingID }), {})
})

test('no fact holds a number, whatever the carrier sends', async (t) => {
  for (const number of ['+918888800002', '918888800002', '08888800002', '8888800002']) {
    const event = Object.fromEntries(
      [
        'Event DialStatus DialBLegUUID DialBLegDuration DialBLegHangupCause DialBLegHangupCauseCode',
        'DialBLegHangupSource Duration HangupCause HangupCauseCode HangupSource StartTime AnswerTime',
        'RecordingID RecordingDurationMs Digits From To',
      ]
        .flatMap((names) => names.split(' '))
        .map((name) => [name, number]),
    ) as Sent
    const all = ['DialAnswer', 'DialHangup', 'Record', 'RecordStop'].map((Event) => ({ ...event, Event }))
    for (const told of [event, ...all, { ...event, DialBLegUUID: LEG, RecordingID: RECORDING }])
      for (const facts of [legFacts(told), hangupFacts(told), recordingFacts(told), dialEndOf(told)])
        t.notMatch(JSON.stringify(facts), '88888')
  }
})
