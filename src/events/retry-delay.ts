const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS

/** Milliseconds from one attempt to the next. The last one is two and a half days after the first. */
export const RETRY_DELAYS_MS: readonly number[] = [
  5 * SECOND_MS,
  30 * SECOND_MS,
  2 * MINUTE_MS,
  10 * MINUTE_MS,
  HOUR_MS,
  6 * HOUR_MS,
  24 * HOUR_MS,
  24 * HOUR_MS,
]

/** What is added at most, as a part of the delay: so that what failed together does not come together again. */
export const JITTER = 0.2

/**
 * Milliseconds until the next attempt; undefined where there is none.
 *
 * @param attempts how many there were before the one that just failed
 * @param random from 0 to 1
 */
export function retryDelay(attempts: number, random: () => number): number | undefined {
  const delay = RETRY_DELAYS_MS[attempts]
  return delay === undefined ? undefined : Math.round(delay * (1 + JITTER * random()))
}
