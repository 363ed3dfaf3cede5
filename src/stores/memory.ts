import type { MappingStore } from '../masking/mapping-store.js'
import { type PhoneNumber, wholeNumber, wireSpellings } from '../masking/phone-number.js'
import { type Leg, legsOf, type Session } from '../masking/session.js'
import { readings } from '../masking/spelling.js'

/** A store in this process's memory, filled once. */
export function createMemoryStore(sessions: readonly Session[]): MappingStore {
  const maskingNumbers = new Map<string, PhoneNumber>()
  const legs = new Map<string, Leg>()

  for (const leg of sessions.flatMap(legsOf)) {
    for (const spelling of wireSpellings(leg.dialled)) maskingNumbers.set(spelling, leg.dialled)
    legs.set(legKey(wholeNumber(leg.dialled), wholeNumber(leg.caller)), leg)
  }

  return {
    findMaskingNumber({ digits, international }) {
      const number = maskingNumbers.get(digits)
      return number && international && digits !== wholeNumber(number) ? undefined : number
    },

    async findLeg(dialled, caller) {
      for (const reading of readings(caller, dialled.countryCode)) {
        const leg = legs.get(legKey(wholeNumber(dialled), reading))
        if (leg) return leg
      }
      return undefined
    },
  }
}

function legKey(dialled: string, caller: string): string {
  return `${dialled}/${caller}`
}
