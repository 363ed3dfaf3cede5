import type { MaybePromise } from '../maybe-promise.js'
import type { LegLookup } from './leg-lookup.js'
import { wholeNumber } from './phone-number.js'
import { type Call, type Outcome, type RefusalReason, resolveCall } from './resolver.js'
import type { Leg, Session, Side } from './session.js'

/** What decides a call. */
export type Rule = 'static-pair' | 'session' | 'pin-needed' | NotNow | RefusalReason

/** Why a session does not connect one more call. */
export type NotNow = 'outside-hours' | 'too-many-calls'

/** What would happen to a call now, and why, without a real number. */
export interface Explanation {
  readonly outcome: Outcome['kind']
  readonly rule: Rule
  /** For somebody at a support desk. */
  readonly explanation: string
  /** The masking number that was dialled, whole, if it is one of ours. */
  readonly maskingNumber?: string
  readonly sessionId?: string
  /** On which side of that session the caller is. */
  readonly side?: Side | undefined
  /** The masking numbers on which this caller would be connected in the named session, whole. */
  readonly dialInstead: readonly string[]
}

const WORDS: Readonly<Record<Rule, string>> = {
  'static-pair':
    'The call is connected: this caller and this number are the static pair of the configuration.',
  session: 'The call is connected: the caller has an open session on this number.',
  'outside-hours':
    'The call is refused: the session connects no calls at this time of the day. Let them call within its hours, or change these.',
  'too-many-calls':
    'The call is refused: the session has connected as many calls as it may. Raise max_calls, or open a new session.',
  'pin-needed':
    'The caller is asked for their PIN, which alone connects them: their session forces it, or was opened on a number that still rests for them.',
  'session-ended':
    'The call is refused: the caller’s session on this number has ended, and they hear CLOSED_MESSAGE where it is set, else what a stranger hears. Open a new session if they still need each other.',
  'withheld-caller':
    'The call is refused: the caller hides their number, so nobody can tell whose session it is. Let them call without hiding it. Where PIN_LENGTH is set, they are asked for their PIN first.',
  'unknown-caller':
    'The call is refused: this caller has no session on this number. Perhaps they call from another phone than the registered one, or dialled another number than theirs. Where PIN_LENGTH is set, they are asked for their PIN first.',
  'not-a-masking-number':
    'The call is refused: the dialled number is neither M1 nor M2 nor in the pool of this service.',
}

/** All rules. */
export const RULES = Object.keys(WORDS) as Rule[]

/** What is asked about a call. */
export interface Explained {
  readonly legs: LegLookup
  readonly notNow: (leg: Leg) => MaybePromise<NotNow | undefined>
}

/**
 * Says which rule would fire for a call.
 *
 * @param named the session that the asker knows. What to dial instead is told of this one alone: of all sessions, it
 * would find the participants of any.
 */
export async function explainCall(explained: Explained, call: Call, named?: Session): Promise<Explanation> {
  return explainOutcome(await resolveCall(explained.legs, call), explained, call, named)
}

/** The same for a call that was resolved. */
export async function explainOutcome(
  outcome: Outcome,
  { legs, notNow }: Explained,
  call: Call,
  named?: Session,
): Promise<Explanation> {
  const refusal = outcome.kind === 'connect' ? await notNow(outcome.leg) : undefined
  const rule = refusal ?? ruleOf(outcome)
  const { sessionId, side } = outcome.kind === 'connect' ? outcome.leg : outcome
  return {
    outcome: refusal ? 'refuse' : outcome.kind,
    rule,
    explanation: WORDS[rule],
    ...(outcome.dialled && { maskingNumber: wholeNumber(outcome.dialled) }),
    ...(sessionId !== undefined && { sessionId, side }),
    dialInstead: outcome.kind === 'refuse' && named ? await numbersIn(named, legs, call) : [],
  }
}

/** Those of its masking numbers on which the caller would be connected now. */
async function numbersIn({ id, participants }: Session, legs: LegLookup, { from }: Call): Promise<string[]> {
  const numbers = new Set(participants.map(({ maskingNumber }) => maskingNumber))
  const outcomes = await Promise.all(
    [...numbers].map((number) => resolveCall(legs, { from, to: `+${number}` })),
  )
  return outcomes.flatMap((outcome) =>
    outcome.kind === 'connect' && outcome.leg.sessionId === id ? wholeNumber(outcome.dialled) : [],
  )
}

function ruleOf(outcome: Outcome): Explanation['rule'] {
  if (outcome.kind === 'refuse') return outcome.reason
  if (outcome.leg.needsPin) return 'pin-needed'
  return outcome.leg.sessionId === undefined ? 'static-pair' : 'session'
}
