import { createRecent } from './recent.js'

/** Wrong keys from one source that cost nothing: somebody configures a client. */
export const FREE_WRONG_KEYS = 20
/** Milliseconds of the first pause, which doubles with each wrong key after it. */
export const FIRST_PAUSE_MS = 1_000
export const LONGEST_PAUSE_MS = 5 * 60_000
/** Milliseconds without a wrong key after which a source is a stranger again. */
export const FORGIVEN_AFTER_MS = 10 * 60_000
/** Sources that are remembered. */
export const MAX_SOURCES = 10_000

/** Slows down whoever tries keys. */
export interface WrongKeys {
  /** Notes a wrong key. Says how many milliseconds its source has to wait; 0 when it need not. */
  note(source: string): number
}

interface Tries {
  readonly count: number
  readonly last: number
  readonly pausedUntil: number
}

/**
 * Counts the wrong keys of each source, on this instance alone: a stranger must not be able to make work for the store.
 * A right key is never counted here and never made to wait, or a stranger could lock out whoever shares an address with them.
 */
export function createWrongKeys(now: () => number): WrongKeys {
  const sources = createRecent<Tries>(MAX_SOURCES)
  return {
    note(source) {
      const time = now()
      const known = sources.get(source)
      const isForgiven = !known || time - known.last >= FORGIVEN_AFTER_MS
      const { count, pausedUntil } = isForgiven ? { count: 0, pausedUntil: 0 } : known
      // Tries during a pause neither count nor lengthen it, so that what was promised in Retry-After holds.
      if (time < pausedUntil) return pausedUntil - time
      const pause = pauseAfter(count + 1)
      sources.set(source, { count: count + 1, last: time + pause, pausedUntil: time + pause })
      return pause
    },
  }
}

function pauseAfter(count: number): number {
  if (count <= FREE_WRONG_KEYS) return 0
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (count - FREE_WRONG_KEYS - 1))
}
