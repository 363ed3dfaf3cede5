import type { CallOptions } from '../masking/call-options.js'
import type { Outcome } from '../masking/resolver.js'

/** An outcome with hints in the place of all numbers that it would ring, before anything is made of it. */
export function hiddenOutcome(outcome: Outcome<string>): Outcome<string> {
  if (outcome.kind === 'refuse') return { ...outcome, call: hiddenOptions(outcome.call) }
  const { leg } = outcome
  return { ...outcome, leg: { ...leg, destination: hintOf(leg.destination) } }
}

/** The number that a caller reaches after the end of a session is the business's own: the API shows a hint of it everywhere. */
export function hiddenOptions<Options extends CallOptions | undefined>(call: Options): Options {
  if (!call?.afterEnd || 'say' in call.afterEnd) return call
  return { ...call, afterEnd: { dial: hintOf(call.afterEnd.dial) } }
}

function hintOf(number: string): string {
  return `…${number.slice(-2)}`
}
