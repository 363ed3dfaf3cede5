import type { Clock } from './clock.js'

/** Milliseconds for which what happens again is counted instead of told. */
export const SAMPLE_MS = 1_000

/** What happened, as often as the count says. */
export interface Sample<Detail> {
  /** How many this stands for. All samples of a kind together stand for all that happened. */
  readonly count: number
  /** When the first of them was, in milliseconds since 1970. */
  readonly since: number
  /** Of the last of them. */
  readonly detail: Detail
}

/** Tells of things that strangers may cause as often as they like: once a second and kind, with a count. */
export interface Sampler<Kind, Detail> {
  note(kind: Kind, detail: Detail): void
  /** Tells of what was only counted so far. */
  flush(): void
}

/**
 * The first of a kind is told at once. What follows within a second is told at its end.
 *
 * @param tell is given each sample. Kinds must be few: each is remembered for a second.
 */
export function createSampler<Kind, Detail>(
  clock: Clock,
  tell: (kind: Kind, sample: Sample<Detail>) => void,
): Sampler<Kind, Detail> {
  /** The kinds that were told of within the last second, and what happened since. */
  const counted = new Map<Kind, Sample<Detail> | undefined>()

  function note(kind: Kind, detail: Detail): void {
    const earlier = counted.get(kind)
    const sample = { count: 1 + (earlier?.count ?? 0), since: earlier?.since ?? clock.now(), detail }
    if (counted.has(kind)) counted.set(kind, sample)
    else tellNow(kind, sample)
  }

  function tellNow(kind: Kind, sample: Sample<Detail>): void {
    counted.set(kind, undefined)
    clock.after(SAMPLE_MS, () => endSecond(kind))
    tell(kind, sample)
  }

  function endSecond(kind: Kind): void {
    const sample = counted.get(kind)
    if (sample) tellNow(kind, sample)
    else counted.delete(kind)
  }

  function flush(): void {
    for (const [kind, sample] of counted) {
      counted.set(kind, undefined)
      if (sample) tell(kind, sample)
    }
  }

  return { note, flush }
}
