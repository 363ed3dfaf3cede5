import type { CallFacts } from '../src/calls/call-facts.js'
import type { CallSummary } from '../src/calls/call-summary.js'
import type { CallPath } from '../src/calls/call-tokens.js'
import type { CallOptions } from '../src/masking/call-options.js'

/** What the carrier tells of a call from its beginning to its end, and what is to be known of it then. */
export interface Story {
  readonly title: string
  /** Who calls: a side of a session, somebody of the static pair, or a stranger. */
  readonly caller: 0 | 1 | 'pair' | 'stranger'
  /** What the session says about its calls. */
  readonly call?: CallOptions
  /** They call from another phone, and are asked for their PIN, which they enter or not. */
  readonly pin?: 'entered' | 'not entered'
  /** The call is answered this often. More than once: the carrier did not get the first answer. */
  readonly answers: 1 | 2
  readonly events: readonly StoryEvent[]
  /** What is recorded, but for when it began, its session, and the two masking numbers. */
  readonly facts: CallFacts
  readonly summary: Partial<CallSummary>
}

/** One event, as it is sent to where a document of ours said, or to where calls are answered. */
export interface StoryEvent {
  readonly to: CallPath | 'answer'
  readonly fields: Readonly<Record<string, string>>
}

/** Ids of the called leg and of a recording. */
export const LEG = '2d0b7c1e-5a51-4f0e-9a3e-111111111111'
export const RECORDING = '7c9e6679-7425-40de-944b-222222222222'

/** What stands in every event, besides the two numbers and the id of the call. */
const COMMON = {
  Direction: 'inbound',
  ParentAuthID: 'MA_XXXXXXXX',
  SessionStart: '2026-09-01 06:30:00.123456',
  STIRAttestation: 'Not Applicable',
  STIRVerification: 'Not Applicable',
  CountryCode: '',
  RouteType: 'Not_Domestic',
}

/** The carrier asks what to do. */
export const START_APP = { ...COMMON, Event: 'StartApp', CallStatus: 'ringing', BillRate: '0' }

function leg(Event: string, more: Readonly<Record<string, string>> = {}): StoryEvent {
  const common = { DialBLegUUID: LEG, DialBLegFrom: '919000000012', DialBLegTo: '%called%' }
  return { to: 'leg', fields: { ...COMMON, Event, ...common, ...more } }
}

const ANSWERED = leg('DialAnswer', { DialAction: 'answer', DialBLegStatus: 'answer', DialBLegPosition: '1' })
const CONNECTED = leg('DialConnected', { DialAction: 'connected', DialBLegStatus: 'connected' })

function legEnd(cause: string, code: string, source: string, seconds: number): StoryEvent {
  return leg('DialHangup', {
    DialAction: 'hangup',
    DialBLegDuration: String(seconds),
    DialBLegBillDuration: seconds > 0 ? '60' : '0',
    DialBLegHangupCause: cause,
    DialBLegHangupCauseCode: code,
    DialBLegHangupSource: source,
  })
}

/** The Dial is over. It may have lost the id of the leg that its callback had. */
function action(DialStatus: string, DialHangupCause: string): StoryEvent {
  const fields = { ...COMMON, Event: 'DialAction', DialStatus, DialHangupCause, DialRingStatus: 'true' }
  return { to: 'dialled', fields: { ...fields, DialBLegUUID: '' } }
}

/** The end of the caller’s own leg. Its times are of another zone than the one when it began. */
function hangup(cause: string, code: string, source: string, seconds: number): StoryEvent {
  return {
    to: 'answer',
    fields: {
      ...COMMON,
      Event: 'Hangup',
      CallStatus: 'completed',
      Duration: String(seconds),
      BillDuration: seconds > 0 ? '60' : '0',
      TotalCost: '0.00000',
      HangupCause: cause,
      HangupCauseCode: code,
      HangupSource: source,
      StartTime: '2026-09-01 12:00:00',
      AnswerTime: seconds > 0 ? '2026-09-01 12:00:07' : '',
      EndTime: '2026-09-01 12:00:30',
    },
  }
}

const TALK_END = legEnd('NORMAL_CLEARING', '4000', 'Callee', 13)
const CALL_END = hangup('NORMAL_CLEARING', '4000', 'Callee', 20)
const COMPLETED = action('completed', 'NORMAL_CLEARING')

const TALK_ENDED = { how: 'talked', code: '4000', by: 'called', seconds: 13 } as const
const CALL_ENDED = { how: 'talked', code: '4000', by: 'called', seconds: 20, ring: 7 } as const
const TALKED: CallFacts = {
  begun: { at: 0, side: 0 },
  legs: { [LEG]: { answered: true, connected: true, ended: TALK_ENDED } },
  dialled: 'talked',
  ended: CALL_ENDED,
}
const TALK: Partial<CallSummary> = { outcome: 'talked', talk: 13, endedBy: 'called', code: '4000' }

const recording: StoryEvent[] = [
  { to: 'recording', fields: { ...COMMON, Event: 'Record', RecordingID: RECORDING } },
  {
    to: 'recorded',
    fields: {
      ...COMMON,
      Event: 'RecordStop',
      RecordingID: RECORDING,
      RecordUrl: `https://media.vobiz.ai/recordings/${RECORDING}.mp3`,
      RecordingDuration: '13',
      RecordingDurationMs: '13100',
      RecordingEndReason: 'HungUp',
    },
  },
]

export const STORIES: readonly Story[] = [
  {
    title: 'they talked',
    caller: 0,
    answers: 1,
    events: [ANSWERED, CONNECTED, TALK_END, CALL_END, COMPLETED],
    facts: TALKED,
    summary: TALK,
  },
  {
    title: 'the other side called, and they talked',
    caller: 1,
    answers: 1,
    events: [ANSWERED, CONNECTED, TALK_END, CALL_END, COMPLETED],
    facts: { ...TALKED, begun: { at: 0, side: 1 } },
    summary: TALK,
  },
  {
    title: 'the line was busy',
    caller: 0,
    answers: 1,
    events: [
      legEnd('USER_BUSY', '3010', 'Carrier', 0),
      action('busy', 'USER_BUSY'),
      hangup('NORMAL_CLEARING', '4000', 'Answer XML', 6),
    ],
    facts: {
      begun: { at: 0, side: 0 },
      legs: { [LEG]: { ended: { how: 'busy', code: '3010', by: 'carrier', seconds: 0 } } },
      dialled: 'busy',
      ended: { how: 'talked', code: '4000', by: 'business', seconds: 6, ring: 7 },
    },
    summary: { outcome: 'busy', talk: 0, endedBy: 'carrier', code: '3010' },
  },
  {
    title: 'nobody answered',
    caller: 0,
    answers: 1,
    events: [
      legEnd('NO_ANSWER', '6010', 'Vobiz', 0),
      action('no-answer', 'NO_ANSWER'),
      hangup('NORMAL_CLEARING', '4000', 'Answer XML', 6),
    ],
    facts: {
      begun: { at: 0, side: 0 },
      legs: { [LEG]: { ended: { how: 'no_answer', code: '6010', by: 'carrier', seconds: 0 } } },
      dialled: 'no_answer',
      ended: { how: 'talked', code: '4000', by: 'business', seconds: 6, ring: 7 },
    },
    summary: { outcome: 'no_answer', talk: 0, endedBy: 'carrier', code: '6010' },
  },
  {
    title: 'the caller gave up',
    caller: 0,
    answers: 1,
    events: [
      legEnd('ORIGINATOR_CANCEL', '1000', 'Caller', 0),
      action('cancel', 'ORIGINATOR_CANCEL'),
      hangup('ORIGINATOR_CANCEL', '1000', 'Caller', 0),
    ],
    facts: {
      begun: { at: 0, side: 0 },
      legs: { [LEG]: { ended: { how: 'cancelled', code: '1000', by: 'caller', seconds: 0 } } },
      dialled: 'cancelled',
      ended: { how: 'cancelled', code: '1000', by: 'caller', seconds: 0 },
    },
    summary: { outcome: 'cancelled', talk: 0, endedBy: 'caller', code: '1000' },
  },
  {
    title: 'the call was declined',
    caller: 0,
    answers: 1,
    events: [
      legEnd('CALL_REJECTED', '3020', 'Callee', 0),
      action('busy', 'CALL_REJECTED'),
      hangup('NORMAL_CLEARING', '4000', 'Answer XML', 6),
    ],
    facts: {
      begun: { at: 0, side: 0 },
      legs: { [LEG]: { ended: { how: 'busy', code: '3020', by: 'called', seconds: 0 } } },
      dialled: 'busy',
      ended: { how: 'talked', code: '4000', by: 'business', seconds: 6, ring: 7 },
    },
    summary: { outcome: 'busy', talk: 0, endedBy: 'called', code: '3020' },
  },
  {
    title: 'the called one heard the whisper and hung up',
    caller: 0,
    call: { whisper: 'A call for you.' },
    answers: 1,
    events: [
      ANSWERED,
      { to: 'whisper', fields: { ...COMMON, Event: 'Redirect' } },
      legEnd('NORMAL_CLEARING', '4000', 'Callee', 3),
      action('no-answer', 'NORMAL_CLEARING'),
      hangup('NORMAL_CLEARING', '4000', 'Answer XML', 6),
    ],
    facts: {
      begun: { at: 0, side: 0 },
      legs: {
        [LEG]: { answered: true, ended: { how: 'talked', code: '4000', by: 'called', seconds: 3 } },
      },
      dialled: 'no_answer',
      ended: { how: 'talked', code: '4000', by: 'business', seconds: 6, ring: 7 },
    },
    summary: { outcome: 'no_answer', talk: 0, endedBy: 'called', code: '4000' },
  },
  {
    title: 'they talked and were recorded',
    caller: 0,
    call: { record: { announcement: 'This call is recorded.' } },
    answers: 1,
    events: [...recording, ANSWERED, CONNECTED, TALK_END, CALL_END, COMPLETED],
    facts: { ...TALKED, recordingAsked: true, recordings: { [RECORDING]: { ready: true, ms: 13_100 } } },
    summary: TALK,
  },
  {
    title: 'the carrier did not get the first answer, and asked again',
    caller: 0,
    answers: 2,
    events: [ANSWERED, CONNECTED, TALK_END, CALL_END, COMPLETED],
    facts: TALKED,
    summary: TALK,
  },
  {
    title: 'they talked, and the ends of both legs were lost',
    caller: 0,
    answers: 1,
    events: [ANSWERED, CONNECTED, COMPLETED],
    facts: {
      begun: { at: 0, side: 0 },
      legs: { [LEG]: { answered: true, connected: true } },
      dialled: 'talked',
    },
    summary: { outcome: 'talked', talk: undefined, endedBy: undefined, code: undefined },
  },
  {
    title: 'they talked, and only the ends of the legs became known',
    caller: 0,
    answers: 1,
    events: [CONNECTED, TALK_END, CALL_END],
    facts: {
      begun: { at: 0, side: 0 },
      legs: { [LEG]: { answered: true, connected: true, ended: TALK_ENDED } },
      ended: CALL_ENDED,
    },
    summary: TALK,
  },
  {
    title: 'nothing became known but the beginning',
    caller: 0,
    answers: 1,
    events: [],
    facts: { begun: { at: 0, side: 0 } },
    summary: { outcome: undefined, talk: undefined },
  },
  {
    title: 'somebody of the static pair called, of which only the end is told',
    caller: 'pair',
    answers: 1,
    events: [CALL_END],
    facts: { begun: { at: 0, side: 0 }, ended: CALL_ENDED },
    summary: { outcome: 'talked', talk: 20, ring: 7, endedBy: 'called', code: '4000' },
  },
  {
    title: 'somebody of the static pair gave up',
    caller: 'pair',
    answers: 1,
    events: [hangup('ORIGINATOR_CANCEL', '1000', 'Caller', 0)],
    facts: {
      begun: { at: 0, side: 0 },
      ended: { how: 'cancelled', code: '1000', by: 'caller', seconds: 0 },
    },
    summary: { outcome: 'cancelled', talk: 0, endedBy: 'caller' },
  },
  {
    title: 'a stranger called',
    caller: 'stranger',
    answers: 1,
    events: [hangup('NORMAL_CLEARING', '4000', 'Answer XML', 6)],
    facts: {
      begun: { at: 0, refused: 'unknown-caller' },
      ended: { how: 'talked', code: '4000', by: 'business', seconds: 6, ring: 7 },
    },
    summary: { outcome: 'refused', talk: 0, endedBy: 'business' },
  },
]

/** What an instance is told where PINs are on. The PIN itself is entered as often as the call is answered. */
export const PIN_STORIES: readonly Story[] = [
  {
    title: 'they called from another phone with their PIN, and talked',
    caller: 0,
    pin: 'entered',
    answers: 1,
    events: [ANSWERED, CONNECTED, TALK_END, CALL_END, COMPLETED],
    facts: { ...TALKED, pinAsked: true, pinUsed: true, pinOf: { sessionId: '%session%', side: 0 } },
    summary: TALK,
  },
  {
    title: 'the other side did, and the carrier asked everything twice',
    caller: 1,
    pin: 'entered',
    answers: 2,
    events: [ANSWERED, CONNECTED, TALK_END, CALL_END, COMPLETED],
    facts: {
      ...TALKED,
      begun: { at: 0, side: 1 },
      pinAsked: true,
      pinUsed: true,
      pinOf: { sessionId: '%session%', side: 1 },
    },
    summary: TALK,
  },
  {
    title: 'they were asked for a PIN, and hung up',
    caller: 0,
    pin: 'not entered',
    answers: 1,
    events: [hangup('NORMAL_CLEARING', '4000', 'Caller', 6)],
    facts: {
      begun: { at: 0 },
      pinAsked: true,
      ended: { how: 'talked', code: '4000', by: 'caller', seconds: 6, ring: 7 },
    },
    summary: { outcome: 'refused', refused: 'no-pin', talk: 0 },
  },
]
