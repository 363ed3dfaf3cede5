import { andThen, type MaybePromise } from '../maybe-promise.js'
import type { CallOptions } from './call-options.js'
import type { LegLookup } from './leg-lookup.js'
import type { PhoneNumber } from './phone-number.js'
import type { Leg, Side } from './session.js'
import type { FoundLeg } from './session-store.js'
import { readSpelling, type Spelling } from './spelling.js'

/** A call as the carrier reports it: who calls, and the number that they dialled. */
export interface Call {
  readonly from: string
  readonly to: string
}

/** Why a call is not connected. The caller hears only of a session that was theirs and ended. */
export type RefusalReason = 'not-a-masking-number' | 'withheld-caller' | 'unknown-caller' | 'session-ended'

export type Outcome<Reason extends string = RefusalReason> =
  | { readonly kind: 'connect'; readonly dialled: PhoneNumber; readonly leg: Leg }
  | {
      readonly kind: 'refuse'
      readonly reason: Reason
      readonly dialled?: PhoneNumber
      /** The session that ended. */
      readonly sessionId?: string | undefined
      /** On which side of it the caller was. */
      readonly side?: Side | undefined
      /** What it says about its calls. */
      readonly call?: CallOptions | undefined
    }

/** Why a call is refused before anybody is looked up; undefined: it is not. */
export type Gate<Reason extends string> = (
  dialled: PhoneNumber,
  caller: Spelling | undefined,
) => Reason | undefined

/** Decides a call: given who calls and which masking number they dialled, whom do we connect and what do we show. */
export function resolveCall<Reason extends string = never>(
  store: LegLookup,
  call: Call,
  gate: Gate<Reason> = () => undefined,
): MaybePromise<Outcome<RefusalReason | Reason>> {
  const to = readSpelling(call.to)
  return andThen(to && store.findMaskingNumber(to), (dialled) => {
    if (!dialled) return { kind: 'refuse', reason: 'not-a-masking-number' }

    const caller = readSpelling(call.from)
    const limit = gate(dialled, caller)
    if (limit) return { kind: 'refuse', reason: limit, dialled }
    return andThen(caller && store.findLeg(dialled, caller), (found) => outcomeOf(dialled, caller, found))
  })
}

function outcomeOf(dialled: PhoneNumber, caller: Spelling | undefined, found: FoundLeg | undefined): Outcome {
  if (found?.kind === 'open') return { kind: 'connect', dialled, leg: found.leg }
  if (found) {
    const { sessionId, side, call } = found.leg
    return { kind: 'refuse', reason: 'session-ended', dialled, sessionId, side, call }
  }
  return { kind: 'refuse', reason: isWithheld(caller) ? 'withheld-caller' : 'unknown-caller', dialled }
}

/** Words that carriers spell on a phone's keys in place of a number that they withhold. */
const KEYPAD_WORDS = new Set([
  '266696687', // ANONYMOUS
  '7378742833', // RESTRICTED
  '2562533', // BLOCKED
  '8656696', // UNKNOWN
  '86282452253', // UNAVAILABLE
])

function isWithheld(caller: Spelling | undefined): boolean {
  return !caller || KEYPAD_WORDS.has(caller.digits)
}
