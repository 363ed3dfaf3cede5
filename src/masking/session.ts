import type { PhoneNumber } from './phone-number.js'

/** One of the two people in a session. */
export interface Participant {
  /** Their real number. */
  readonly number: PhoneNumber
  /** The masking number that they dial, and that the other side sees. */
  readonly maskingNumber: PhoneNumber
}

/** One pairing of two participants. */
export interface Session {
  readonly participants: readonly [Participant, Participant]
}

/** One direction of a session: who may dial which masking number, whom that reaches, and what they see. */
export interface Leg {
  readonly caller: PhoneNumber
  readonly dialled: PhoneNumber
  readonly destination: PhoneNumber
  readonly callerIdShown: PhoneNumber
}

/** The two legs of a session, cross-mapped: whoever is called sees the number that they would dial themselves. */
export function legsOf(session: Session): [Leg, Leg] {
  const [first, second] = session.participants
  return [leg(first, second), leg(second, first)]
}

function leg(caller: Participant, callee: Participant): Leg {
  return {
    caller: caller.number,
    dialled: caller.maskingNumber,
    destination: callee.number,
    callerIdShown: callee.maskingNumber,
  }
}
