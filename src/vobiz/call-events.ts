import type { Static } from '@sinclair/typebox'
import type { CallFacts, DialEnd, EndedBy, EndFacts } from '../calls/call-facts.js'
import { Type } from '../typebox.js'
import { WebhookSchema } from './webhook.js'

const text = () => Type.Optional(Type.String())

/** The fields of the events of a call that we read: of what was dialled, of recordings, of the end. */
export const CallEventSchema = Type.Object({
  ...WebhookSchema.properties,
  DialStatus: text(),
  DialBLegUUID: text(),
  DialBLegDuration: text(),
  DialBLegHangupCause: text(),
  DialBLegHangupCauseCode: text(),
  DialBLegHangupSource: text(),
  Duration: text(),
  HangupCause: text(),
  HangupCauseCode: text(),
  HangupSource: text(),
  StartTime: text(),
  AnswerTime: text(),
  RecordingID: text(),
  RecordingDurationMs: text(),
  Digits: text(),
})

export type CallEvent = Static<typeof CallEventSchema>

/** What a Dial's `callbackUrl` is told: the only place where the called leg has an id. */
export function legFacts(event: CallEvent): CallFacts {
  const { Event, DialBLegUUID: id } = event
  if (!isId(id)) return {}
  switch (Event) {
    case 'DialAnswer':
      return { legs: { [id]: { answered: true } } }
    case 'DialConnected':
      return { legs: { [id]: { answered: true, connected: true } } }
    case 'DialHangup':
      return {
        legs: {
          [id]: {
            ended: endFacts({
              code: event.DialBLegHangupCauseCode,
              cause: event.DialBLegHangupCause,
              source: event.DialBLegHangupSource,
              seconds: event.DialBLegDuration,
            }),
          },
        },
      }
  }
  return {}
}

const DIAL_ENDS = new Map<string, DialEnd>(
  Object.entries({
    completed: 'talked',
    busy: 'busy',
    'no-answer': 'no_answer',
    timeout: 'no_answer',
    cancel: 'cancelled',
    failed: 'failed',
  }),
)

/** What a Dial's `action` is told. What it says of a status that we do not know is that nobody talked. */
export function dialEndOf({ DialStatus }: CallEvent): DialEnd | undefined {
  return DialStatus === undefined ? undefined : (DIAL_ENDS.get(DialStatus) ?? 'failed')
}

/** What is told of the end of a call. */
export function hangupFacts(event: CallEvent): CallFacts {
  const { AnswerTime, StartTime = '' } = event
  // Both are in the zone of the account, so only what lies between them means something.
  const ring = (wallClock(AnswerTime ?? '') - wallClock(StartTime)) / 1_000
  return {
    ended: {
      ...endFacts({
        code: event.HangupCauseCode,
        cause: event.HangupCause,
        source: event.HangupSource,
        seconds: AnswerTime === '' || AnswerTime === '0' ? '0' : event.Duration,
      }),
      ...(ring >= 0 && { ring }),
    },
  }
}

/** What is told of a recording: that it began, and that its audio is there. */
export function recordingFacts({ Event, RecordingID: id, RecordingDurationMs }: CallEvent): CallFacts {
  if (!isId(id)) return {}
  if (Event !== 'RecordStop') return { recordings: { [id]: {} } }
  return { recordings: { [id]: { ready: true, ...withNumber('ms', RecordingDurationMs) } } }
}

interface EndTexts {
  readonly code: string | undefined
  readonly cause: string | undefined
  readonly source: string | undefined
  readonly seconds: string | undefined
}

function endFacts({ code, cause, source, seconds }: EndTexts): EndFacts {
  const by = SOURCES.get(source?.toLowerCase() ?? '')
  return {
    how: howItEnded(code, cause, seconds),
    ...(code !== undefined && /^\d{1,5}$/.test(code) && { code }),
    ...(by && { by }),
    ...withNumber('seconds', seconds),
  }
}

/** By the code, or by the name where that is all there is (the platform's page on hangup causes). */
const HOW = new Map<string, DialEnd>(
  Object.entries({
    '1000': 'cancelled',
    '3000': 'no_answer',
    '3010': 'busy',
    '3020': 'busy',
    '3100': 'busy',
    '3110': 'busy',
    '6010': 'no_answer',
    ORIGINATOR_CANCEL: 'cancelled',
    NO_ANSWER: 'no_answer',
    USER_BUSY: 'busy',
    CALL_REJECTED: 'busy',
    REJECTED: 'busy',
  }),
)

function howItEnded(code = '', cause = '', seconds = ''): DialEnd {
  return HOW.get(code) ?? HOW.get(cause) ?? (lasted(seconds) ? 'talked' : 'failed')
}

function lasted(seconds: string): boolean {
  return COUNT.test(seconds) && Number(seconds) > 0
}

const SOURCES = new Map<string, EndedBy>(
  Object.entries({
    caller: 'caller',
    callee: 'called',
    'call recipient': 'called',
    'api request': 'business',
    'answer xml': 'business',
    vobiz: 'carrier',
    carrier: 'carrier',
    error: 'carrier',
  }),
)

/** Nothing of what the carrier calls by an id is a phone number. */
const ID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i

function isId(text: string | undefined): text is string {
  return text !== undefined && ID.test(text)
}

/** Shorter than a phone number. */
const COUNT = /^\d{1,9}$/

function withNumber(name: string, text: string | undefined): Readonly<Record<string, number>> {
  return text !== undefined && COUNT.test(text) ? { [name]: Number(text) } : {}
}

const WALL_CLOCK = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/

/** Milliseconds, from whenever. Not a number where it is none. */
function wallClock(text: string): number {
  return WALL_CLOCK.test(text) ? Date.parse(`${text.replace(' ', 'T')}Z`) : Number.NaN
}
