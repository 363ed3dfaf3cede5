/** Milliseconds after which something of one kind is told of again. */
export const TELL_INTERVAL_MS = 1_000

export interface TallyOptions<Kind extends string> {
  /** The clock, in milliseconds. */
  readonly now: () => number
  /** Told of a kind once in a while, with how often it has happened so far. */
  readonly tell: (kind: Kind, count: number) => void
}

/** Counts what may happen many times a second, so that the log hears of it once. There must be few kinds. */
export function createTally<Kind extends string>({ now, tell }: TallyOptions<Kind>): (kind: Kind) => void {
  const seen = new Map<Kind, { count: number; toldAt: number }>()
  return (kind) => {
    const entry = seen.get(kind) ?? { count: 0, toldAt: Number.NEGATIVE_INFINITY }
    seen.set(kind, entry)
    entry.count += 1
    // A clock that was set back must not silence it.
    if (Math.abs(now() - entry.toldAt) < TELL_INTERVAL_MS) return
    entry.toldAt = now()
    tell(kind, entry.count)
  }
}
