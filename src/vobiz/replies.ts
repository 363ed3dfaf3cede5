import type { Leg } from '../masking/session.js'
import { dial, hangup, number, response, speak, type VobizDocument } from './document.js'

/** Bridges a leg: rings its destination for so many seconds and shows the other side's masking number. */
export function connectReply(leg: Leg, ringTimeout: number): VobizDocument {
  const { callerIdShown, destination } = leg
  return response(
    dial({ callerId: callerIdShown.dialable, timeout: ringTimeout }, number(destination.dialable)),
  )
}

/** Refuses a call with some words; without words the refusal is not answered, and so not billed. */
export function refusalReply(words: string): VobizDocument {
  return words === '' ? response(hangup('rejected')) : response(speak(words), hangup('rejected'))
}

/** What a caller hears when we failed. */
export const apologyReply = response(
  speak('Sorry, we cannot connect your call right now. Please try again in a moment.'),
  hangup(),
)

/** For whoever sent something that is not a call: says what was wrong with it. */
export function mistakeReply(words: string): VobizDocument {
  return response(speak(words), hangup())
}

/** For events that need no instructions. */
export const acknowledgement = response()
