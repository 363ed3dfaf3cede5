import type { PhoneNumber } from '../masking/phone-number.js'
import { wholeNumber } from '../masking/phone-number.js'
import type { Outcome } from '../masking/resolver.js'
import { readSpelling, type Spelling } from '../masking/spelling.js'
import { createGenerations } from '../stores/generations.js'

/** Why a call is refused before anybody is looked up. */
export const LIMIT_REASONS = ['caller-limit', 'number-limit'] as const
export type LimitReason = (typeof LIMIT_REASONS)[number]

/** Milliseconds in which calls are counted. */
export const LIMIT_WINDOW_MS = 60_000
/** Refusals of one caller on one masking number in a minute, after which no store is asked. No person dials that fast. */
export const MAX_REFUSALS = 30
/** How many callers are counted at most. At least the last half of them are. */
export const CALLER_CAPACITY = 100_000

/**
 * Limits against toll fraud, of this instance alone: no store is asked, because asking is what they save. A caller is counted
 * for each masking number, so that nobody who forges a caller's number can have them refused where they have a session.
 */
export interface CallLimits {
  /**
   * The limit that a call exceeds, if it does. A call that was counted is no further one on its masking number.
   *
   * @param callId the same for each request of one call
   */
  limitOf(
    dialled: PhoneNumber,
    caller: Spelling | undefined,
    callId?: string | undefined,
  ): LimitReason | undefined
  /** Counts a call that was decided. The same call again counts once. */
  count(call: DecidedCall): void
}

export interface DecidedCall {
  readonly outcome: Outcome<string>
  /** Who calls, as it came. */
  readonly from: string
  /** The same for each request of one call. */
  readonly callId: string | undefined
}

export interface CallLimitOptions {
  /** The clock, in milliseconds. */
  readonly now: () => number
  /** Calls to one masking number in a minute; undefined: as many as come. */
  readonly maxCalls: number | undefined
}

export function createCallLimits({ now, maxCalls = Number.POSITIVE_INFINITY }: CallLimitOptions): CallLimits {
  const counter = (capacity: number) => createCounter(now, capacity)
  const refusals = counter(CALLER_CAPACITY)
  // Only our numbers are counted, and those are few.
  const calls = counter(Number.POSITIVE_INFINITY)
  const seen = createGenerations<true>({ now, lifeMs: LIMIT_WINDOW_MS, capacity: CALLER_CAPACITY })

  return {
    limitOf(dialled, caller, callId) {
      const key = keyOf(dialled, caller)
      if (calls.of(wholeNumber(dialled)) >= maxCalls && !isCounted(key, callId)) return 'number-limit'
      if (!caller || refusals.of(key) < MAX_REFUSALS) return undefined
      return 'caller-limit'
    },

    count({ outcome, from, callId }) {
      const { dialled } = outcome
      if (!dialled || (outcome.kind === 'connect' && maxCalls === Number.POSITIVE_INFINITY)) return
      const caller = readSpelling(from)
      const key = keyOf(dialled, caller)
      if (isCounted(key, callId)) return
      if (callId !== undefined) seen.set(`${callId} ${key}`, true)
      calls.add(wholeNumber(dialled))
      if (caller && outcome.kind === 'refuse') refusals.add(key)
    },
  }

  function isCounted(key: string, callId: string | undefined): boolean {
    return callId !== undefined && seen.get(`${callId} ${key}`) === true
  }
}

function keyOf(dialled: PhoneNumber, caller: Spelling | undefined): string {
  return `${wholeNumber(dialled)}/${caller?.digits}`
}

interface Counter {
  /** How often it happened in the minute that began when it first did. */
  of(key: string): number
  add(key: string): void
}

function createCounter(now: () => number, capacity: number): Counter {
  const counts = createGenerations<{ readonly since: number; times: number }>({
    now,
    lifeMs: LIMIT_WINDOW_MS,
    capacity,
  })

  function current(key: string) {
    const count = counts.get(key)
    return count && now() - count.since < LIMIT_WINDOW_MS ? count : undefined
  }

  return {
    of: (key) => current(key)?.times ?? 0,
    add(key) {
      const count = current(key)
      if (count) count.times += 1
      else counts.set(key, { since: now(), times: 1 })
    },
  }
}
