import type { Outcome } from '../masking/resolver.js'

/** Digits, and perhaps the key that ends them. */
const ENTERED = /^(\d+)#?$/

/** Whether a caller may be connected by a PIN: a stranger, or somebody whose number alone does not connect them. */
export function isForPin(outcome: Outcome<string>): boolean {
  if (outcome.kind === 'connect') return outcome.leg.needsPin === true
  return outcome.reason === 'unknown-caller' || outcome.reason === 'withheld-caller'
}

/** What a caller gets who cannot be asked for the PIN that they need. */
export function withoutQuestion(outcome: Outcome<string>): Outcome<string> {
  if (outcome.kind === 'refuse' || !outcome.leg.needsPin) return outcome
  return {
    kind: 'refuse',
    reason: 'pin-needed',
    dialled: outcome.dialled,
    sessionId: outcome.leg.sessionId,
  }
}

/** The PIN of this length that a caller entered; undefined where they entered nothing, or something else. */
export function enteredPin(digits: string, length: number): string | undefined {
  const pin = ENTERED.exec(digits.trim())?.[1]
  return pin?.length === length ? pin : undefined
}
