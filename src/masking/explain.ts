import { callersOf, type LegLookup } from './leg-lookup.js'
import { wholeNumber } from './phone-number.js'
import { type Call, type Outcome, type RefusalReason, resolveCall } from './resolver.js'
import type { SessionStore } from './session-store.js'
import { readSpelling } from './spelling.js'

/** What decides a call. */
export type Rule = 'static-pair' | 'session' | RefusalReason

/** What would happen to a call now, and why, without a real number. */
export interface Explanation {
  readonly outcome: Outcome['kind']
  readonly rule: Rule
  /** For somebody at a support desk. */
  readonly explanation: string
  /** The masking number that was dialled, whole, if it is one of ours. */
  readonly maskingNumber?: string
  readonly sessionId?: string
  /** The masking numbers on which this caller would be connected, whole. */
  readonly dialInstead: readonly string[]
}

const WORDS: Readonly<Record<Rule, string>> = {
  'static-pair':
    'The call is connected: this caller and this number are the static pair of the configuration.',
  session: 'The call is connected: the caller has an open session on this number.',
  'session-ended':
    'The call is refused: the caller’s session on this number has ended, and they hear CLOSED_MESSAGE where it is set, else what a stranger hears. Open a new session if they still need each other.',
  'withheld-caller':
    'The call is refused: the caller hides their number, so nobody can tell whose session it is. Let them call without hiding it.',
  'unknown-caller':
    'The call is refused: this caller has no session on this number. Perhaps they call from another phone than the registered one, or dialled another number than theirs.',
  'not-a-masking-number':
    'The call is refused: the dialled number is neither M1 nor M2 nor one of MASKING_NUMBERS of this service.',
}

/** All rules. */
export const RULES = Object.keys(WORDS) as Rule[]

/** Says which rule would fire for a call. */
export async function explainCall(
  stores: { readonly legs: LegLookup; readonly sessions: Pick<SessionStore, 'numbersOf'> },
  call: Call,
): Promise<Explanation> {
  const outcome = await resolveCall(stores.legs, call)
  const rule = ruleOf(outcome)
  const sessionId = outcome.kind === 'connect' ? outcome.leg.sessionId : outcome.sessionId
  return {
    outcome: outcome.kind,
    rule,
    explanation: WORDS[rule],
    ...(outcome.dialled && { maskingNumber: wholeNumber(outcome.dialled) }),
    ...(sessionId !== undefined && { sessionId }),
    dialInstead: outcome.kind === 'refuse' && outcome.dialled ? await numbersOfCaller() : [],
  }

  async function numbersOfCaller(): Promise<string[]> {
    const caller = readSpelling(call.from)
    return caller && outcome.dialled
      ? stores.sessions.numbersOf(callersOf(caller, outcome.dialled.countryCode))
      : []
  }
}

function ruleOf(outcome: Outcome): Explanation['rule'] {
  if (outcome.kind === 'refuse') return outcome.reason
  return outcome.leg.sessionId === undefined ? 'static-pair' : 'session'
}
