/** Milliseconds between two lines about the same. */
export const SAMPLE_INTERVAL_MS = 1_000
/** Lines within such a time, whoever they are about. */
export const MAX_SAMPLED = 100

/** In place of a subject, for all for whom there was no line. */
export const OTHERS = 'others'

/**
 * Tells of what happens again and again: the first time at once, then once a second with how many there were.
 *
 * @param tell what happened, about whom, and how often
 */
export function createSubjectSampler<Kind extends string>(
  tell: (kind: Kind, subject: string, count: number) => void,
) {
  const counts = new Map<string, { readonly kind: Kind; readonly subject: string; count: number }>()

  function note(kind: Kind, subject: string): void {
    const name = `${kind} ${subject}`
    const known = counts.get(name)
    if (known) {
      known.count += 1
    } else if (counts.size < MAX_SAMPLED || subject === OTHERS) {
      counts.set(name, { kind, subject, count: 0 })
      tell(kind, subject, 1)
    } else note(kind, OTHERS)
  }

  /** To be called each `SAMPLE_INTERVAL_MS`. */
  function tick(): void {
    for (const [name, entry] of counts) {
      if (entry.count === 0) counts.delete(name)
      else tell(entry.kind, entry.subject, entry.count)
      entry.count = 0
    }
  }

  return { note, tick }
}
