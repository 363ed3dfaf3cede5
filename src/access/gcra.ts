/** So many requests a second in the long run, and so many at once. */
export interface Rate {
  readonly perSecond: number
  readonly burst: number
}

/** What a limit says to one more request. */
export interface Verdict {
  readonly allowed: boolean
  /** How many more would be let in at once. */
  readonly remaining: number
  /** Milliseconds until one is let in; 0 when this one is. */
  readonly retryMs: number
  /** Milliseconds until the whole burst is there again. */
  readonly resetMs: number
}

/**
 * The generic cell rate algorithm: of each asker one time is kept, the one at which all of the burst will be free again. Written here
 * because the libraries read the clock of the machine, which tests cannot move, and count by windows, at whose edges
 * twice the rate gets through.
 */
export function judge(
  { perSecond, burst }: Rate,
  freeAt: number,
  now: number,
): Verdict & { readonly freeAt: number } {
  const interval = 1_000 / perSecond
  const span = interval * burst
  const wanted = Math.max(freeAt, now) + interval
  const allowed = wanted - now <= span + ROUNDING_MS
  const kept = allowed ? wanted : Math.max(freeAt, now)
  return {
    allowed,
    remaining: allowed ? Math.max(0, Math.floor((span + ROUNDING_MS - (kept - now)) / interval)) : 0,
    retryMs: allowed ? 0 : wanted - now - span,
    resetMs: kept - now,
    freeAt: kept,
  }
}

/** Sums of fractions miss whole milliseconds by a little. */
const ROUNDING_MS = 1e-3
