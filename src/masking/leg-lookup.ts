import type { FixedLeg } from './pair.js'
import { type PhoneNumber, wholeNumber, wireSpellings } from './phone-number.js'
import type { FoundLeg, SessionStore } from './session-store.js'
import { readings, type Spelling } from './spelling.js'

/** What the resolver asks: which numbers are ours, and who may reach whom through them. */
export interface LegLookup {
  /** The masking number that a spelling means, if it is one of ours. */
  findMaskingNumber(dialled: Spelling): PhoneNumber | undefined
  /** The leg of a caller on a masking number. A national spelling is read in the masking number's country. */
  findLeg(dialled: PhoneNumber, caller: Spelling): Promise<FoundLeg | undefined>
}

export interface LegLookupOptions {
  /** All masking numbers. */
  readonly numbers: readonly PhoneNumber[]
  /** Legs of the configuration, which are found even while the store of the sessions is down. */
  readonly fixed: readonly FixedLeg[]
  readonly sessions: Pick<SessionStore, 'findLeg'>
}

/** One lookup over the static pair and the sessions. */
export function createLegLookup({ numbers, fixed, sessions }: LegLookupOptions): LegLookup {
  const bySpelling = new Map<string, PhoneNumber>()
  for (const number of numbers) {
    for (const spelling of wireSpellings(number)) bySpelling.set(spelling, number)
  }
  const fixedLegs = new Map(
    fixed.map((leg) => [legKey(wholeNumber(leg.dialled), wholeNumber(leg.caller)), leg]),
  )

  return {
    findMaskingNumber({ digits, international }) {
      const number = bySpelling.get(digits)
      return number && international && digits !== wholeNumber(number) ? undefined : number
    },

    async findLeg(number, caller) {
      const dialled = wholeNumber(number)
      const callers = readings(caller, number.countryCode)
      for (const reading of callers) {
        const leg = fixedLegs.get(legKey(dialled, reading))
        if (leg) return { kind: 'open', leg }
      }
      return sessions.findLeg(callers, dialled)
    },
  }
}

function legKey(dialled: string, caller: string): string {
  return `${dialled}/${caller}`
}
