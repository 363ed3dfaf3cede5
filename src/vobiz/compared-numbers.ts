import type { AccountNumber } from './account.js'
import { type AccountNumbers, attachmentOf } from './account-numbers.js'
import { type Unfitness, unfitness } from './fitness.js'

/** A number of the pool. */
export interface PooledNumber {
  /** `+919000000011` */
  readonly number: string
  readonly country: string
  readonly state: 'active' | 'draining'
}

/** A number as the two sides have it. */
export interface ComparedNumber {
  readonly number: string
  readonly country: string
  /** Its state in the pool, or that it is of the static pair, which is in no pool. */
  readonly pool: PooledNumber['state'] | 'static pair' | undefined
  /** Whether it is attached to our application; undefined where the account does not have it. */
  readonly application: 'ours' | 'other' | 'none' | undefined
  /** To what the account has it attached, for people. */
  readonly attachedTo: string | undefined
  /** Why it takes no calls, and what to do. */
  readonly unfit: Unfitness | undefined
}

/**
 * All numbers of the account, and then those of the pool that it does not have.
 *
 * @param ofPair M1 and M2, as `+919000000001`
 */
export function compareNumbers(
  pool: readonly PooledNumber[],
  account: AccountNumbers,
  ofPair: readonly string[],
): ComparedNumber[] {
  const rented = account.all.map((number) => ({
    number: number.e164,
    country: number.country,
    pool: stateOf(number.e164),
    application: applicationOf(number, account),
    attachedTo: attachmentOf(number, account) || undefined,
    unfit: unfitness(number),
  }))
  const missing = pool
    .filter(({ number }) => !rented.some((other) => other.number === number))
    .map(({ number, country, state }) => ({
      number,
      country,
      pool: state,
      application: undefined,
      attachedTo: undefined,
      unfit: unfitness(undefined),
    }))
  return [...rented, ...missing]

  function stateOf(number: string): ComparedNumber['pool'] {
    const pooled = pool.find((ours) => ours.number === number)
    return pooled?.state ?? (ofPair.includes(number) ? 'static pair' : undefined)
  }
}

function applicationOf(
  { applicationId }: AccountNumber,
  { ours }: AccountNumbers,
): 'ours' | 'other' | 'none' {
  if (!applicationId) return 'none'
  return applicationId === ours?.app_id ? 'ours' : 'other'
}
