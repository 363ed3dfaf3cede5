import type { Held } from './allocation.js'
import { type PhoneNumber, wholeNumber } from './phone-number.js'
import type { Leg, Side } from './session.js'

/** One of the two people of a pair. */
export interface Participant {
  /** Their real number. */
  readonly number: PhoneNumber
  /** The masking number that they dial, and that the other side sees. */
  readonly maskingNumber: PhoneNumber
}

/** Two people who reach each other for as long as the service runs: a session that never ends. */
export interface Pair {
  readonly participants: readonly [Participant, Participant]
}

/** A leg that never ends, with who may dial which masking number for it. */
export interface FixedLeg extends Leg {
  readonly caller: PhoneNumber
  readonly dialled: PhoneNumber
}

/** The two legs of a pair, cross-mapped: whoever is called sees the number that they would dial themselves. */
export function legsOf(pair: Pair): [FixedLeg, FixedLeg] {
  const [first, second] = pair.participants
  return [leg(0, first, second), leg(1, second, first)]
}

function leg(side: Side, caller: Participant, callee: Participant): FixedLeg {
  return {
    side,
    caller: caller.number,
    dialled: caller.maskingNumber,
    destination: callee.number.dialable,
    callerIdShown: callee.maskingNumber.dialable,
  }
}

/** The numbers that a person holds for ever through these legs. */
export function heldForEver(legs: readonly FixedLeg[], person: string): Held[] {
  return legs
    .filter(({ caller }) => wholeNumber(caller) === person)
    .map(({ dialled }) => ({
      number: wholeNumber(dialled),
      counterpart: '',
      endsAt: Number.POSITIVE_INFINITY,
    }))
}
