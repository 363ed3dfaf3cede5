import type { Leg } from '../masking/session.js'
import { type DialAttributes, dial, hangup, number, response, speak } from './document.js'
import { renderDocument } from './render.js'

/** The XML of a document, ready to be sent. */
export type Reply = string

/** Stands for a phone number while the reply around it is rendered: no number and no markup contains it. */
const BLANK = '\u{E000}'

/** Seconds. */
export interface CallTimes {
  /** How long the other phone rings. */
  readonly ring: number
  /** How long a call lasts at most; undefined: `SESSION_TIME_LIMIT` for a session, nothing for the static pair. */
  readonly limit?: number | undefined
}

/** Seconds that a call of a session lasts at most by default. The platform's own four hours are much for one mistake. */
export const SESSION_TIME_LIMIT = 3_600

/** Bridges a leg: rings its destination and shows the other side's masking number. */
export function connectReply({ ring, limit }: CallTimes): (leg: Leg) => Reply {
  const ofPair = dialForm({ timeout: ring, ...(limit !== undefined && { timeLimit: limit }) })
  const ofSession = dialForm({ timeout: ring, timeLimit: limit ?? SESSION_TIME_LIMIT })
  return (leg) => (leg.sessionId === undefined ? ofPair(leg) : ofSession(leg))
}

/**
 * A document that is rendered once, and whose two numbers are filled in for each call. That is safe because they hold only
 * digits and `+`.
 */
function dialForm(times: Omit<DialAttributes, 'callerId'>): (leg: Leg) => Reply {
  const form = response(dial({ callerId: BLANK, ...times }, number(BLANK)))
  const [head, middle, tail] = renderDocument(form).split(BLANK)
  return ({ callerIdShown, destination }) => `${head}${callerIdShown}${middle}${destination}${tail}`
}

/** Refuses a call with some words; without words the refusal is not answered, and so not billed. */
export function refusalReply(words: string): Reply {
  const verbs = words === '' ? [hangup('rejected')] : [speak(words), hangup('rejected')]
  return renderDocument(response(...verbs))
}

/** What a caller hears when we failed. */
export const apologyReply: Reply = renderDocument(
  response(speak('Sorry, we cannot connect your call right now. Please try again in a moment.'), hangup()),
)

/** For whoever sent something that is not a call: says what was wrong with it. */
export function mistakeReply(words: string): Reply {
  return renderDocument(response(speak(words), hangup()))
}

/** For events that need no instructions. */
export const acknowledgement: Reply = renderDocument(response())
