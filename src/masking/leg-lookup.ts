import { andThen, type MaybePromise } from '../maybe-promise.js'
import type { LivePool } from './live-pool.js'
import { indexNumbers } from './number-index.js'
import type { FixedLeg } from './pair.js'
import { isWholeNumber, type PhoneNumber, wholeNumber } from './phone-number.js'
import type { FoundLeg, Lookup } from './session-store.js'
import { canBeWhole, readings, type Spelling } from './spelling.js'

/** What the resolver asks: which numbers are ours, and who may reach whom through them. */
export interface LegLookup {
  /** The masking number that a spelling means, if it is one of ours. Only for one that is not known here, the store is asked. */
  findMaskingNumber(dialled: Spelling): MaybePromise<PhoneNumber | undefined>
  /**
   * The leg of a caller on a masking number. What is not a valid whole number of any country is read nationally, in the
   * masking number's country.
   */
  findLeg(dialled: PhoneNumber, caller: Spelling): MaybePromise<FoundLeg | undefined>
}

export interface LegLookupOptions {
  /** Masking numbers that are found even while the store is down. */
  readonly numbers: readonly PhoneNumber[]
  /** The other ones. */
  readonly pool?: Pick<LivePool, 'seen' | 'ask'>
  /** Legs of the configuration, which are found even while the store of the sessions is down. */
  readonly fixed: readonly FixedLeg[]
  readonly sessions: Pick<Lookup, 'findLeg'>
}

/** One lookup over the static pair and the sessions. */
export function createLegLookup({ numbers, pool, fixed, sessions }: LegLookupOptions): LegLookup {
  const find = indexNumbers(numbers)
  const fixedLegs = new Map(
    fixed.map((leg) => [legKey(wholeNumber(leg.dialled), wholeNumber(leg.caller)), leg]),
  )

  return {
    findMaskingNumber(dialled) {
      const number = find(dialled) ?? pool?.seen.find(dialled)
      if (number || !pool) return number
      // Another instance may just have put it into the pool.
      return pool.ask().then((now) => now.find(dialled))
    },

    findLeg(number, caller) {
      const dialled = wholeNumber(number)
      // The carrier sends the whole number, so the usual call pays for one reading.
      const [likeliest, ...national] = readings(caller, number.countryCode)
      const fixed = fixedLegOf([likeliest], dialled)
      if (fixed) return fixed
      // Before the sessions, so that the static pair does without their store.
      const fixedNational = fixedLegOf(national, dialled)
      if (fixedNational && !isWholeNumber(likeliest)) return fixedNational

      const found = canBeWhole(caller) ? sessions.findLeg([likeliest], dialled) : undefined
      return andThen(found, (leg) => {
        if (leg || national.length === 0 || isWholeNumber(likeliest)) return leg
        return sessions.findLeg(national, dialled)
      })
    },
  }

  function fixedLegOf(callers: readonly string[], dialled: string): FoundLeg | undefined {
    for (const caller of callers) {
      const leg = fixedLegs.get(legKey(dialled, caller))
      if (leg) return { kind: 'open', leg }
    }
    return undefined
  }
}

/** The whole numbers that a caller may be. */
export function callersOf(caller: Spelling, countryCode: string): readonly string[] {
  const all = readings(caller, countryCode)
  return isWholeNumber(all[0]) ? [all[0]] : all
}

function legKey(dialled: string, caller: string): string {
  return `${dialled}/${caller}`
}
