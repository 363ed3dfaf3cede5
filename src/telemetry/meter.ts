import {
  COUNTERS,
  type CounterName,
  type CounterSpec,
  READINGS,
  type ReadingName,
  type ReadingSpec,
  TIMINGS,
  type TimingName,
  type TimingSpec,
} from './catalogue.js'
import type { Family, Sample } from './family.js'

/** Counts what happens. Nothing is made for what was seen before: it is part of every call. */
export interface Meter {
  /** Counts one more. The values are those of the labels, in their order; `none` where there is none. */
  count(what: CounterName, first?: string, second?: string): void
  /** @param seconds how long it took */
  time(what: TimingName, seconds: number, label?: string): void
  /** Says how something is looked at when somebody asks. What was said before about the same no longer holds. */
  watch(what: ReadingName, read: Read): void
  /** All of it, as it is now. */
  families(): readonly Family[]
}

/** It waits for nothing. Undefined where there is nothing to tell. */
export type Read = () => number | undefined | readonly Pick<Sample, 'labels' | 'value'>[]

/** Where nobody can ask. */
export const noMeter: Meter = {
  count: () => undefined,
  time: () => undefined,
  watch: () => undefined,
  families: () => [],
}

/** How many sets of label values a metric has at most. What is more is counted as `other`. */
export const MAX_SERIES = 1_000
const OTHER = 'other'
const NONE = 'none'

interface Count {
  readonly values: readonly string[]
  count: number
}

interface Timing {
  readonly values: readonly string[]
  /** How many were in each bucket, and in none of the buckets before. */
  readonly buckets: number[]
  count: number
  sum: number
}

export function createMeter(): Meter {
  const counts = series(COUNTERS, (values): Count => ({ values, count: 0 }))
  const timings = series(
    TIMINGS,
    (values, { buckets }): Timing => ({ values, buckets: buckets.map(() => 0), count: 0, sum: 0 }),
  )
  const reads = new Map<ReadingName, Read>()
  for (const [what, { labels, first }] of Object.entries<CounterSpec>(COUNTERS)) {
    if (labels.length === 0) counts[what as CounterName].of(NONE, NONE)
    for (const [one = NONE, other = NONE] of first ?? []) counts[what as CounterName].of(one, other)
  }

  return {
    count(what, first = NONE, second = NONE) {
      counts[what].of(first, second).count += 1
    },
    time(what, seconds, label = NONE) {
      const timing = timings[what].of(label, NONE)
      timing.count += 1
      timing.sum += seconds
      const { buckets }: TimingSpec = TIMINGS[what]
      for (let i = 0; i < buckets.length; i += 1) {
        if (seconds > (buckets[i] as number)) continue
        timing.buckets[i] = (timing.buckets[i] as number) + 1
        return
      }
    },
    watch(what, read) {
      reads.set(what, read)
    },
    families: () => [
      ...Object.entries<CounterSpec>(COUNTERS).map(([what, spec]) =>
        countFamily(spec, counts[what as CounterName]),
      ),
      ...Object.entries<TimingSpec>(TIMINGS).map(([what, spec]) =>
        timingFamily(spec, timings[what as TimingName]),
      ),
      ...Object.entries<ReadingSpec>(READINGS).map(([what, spec]) => ({
        ...spec,
        samples: samplesOf(reads.get(what as ReadingName)?.()),
      })),
    ],
  }
}

/** What is kept of a metric, by the values of its labels. */
interface Series<Kept> {
  of(first: string, second: string): Kept
  all(): Iterable<Kept>
}

function series<Name extends string, Spec, Kept>(
  specs: Readonly<Record<Name, Spec>>,
  make: (values: readonly string[], spec: Spec) => Kept,
): Readonly<Record<Name, Series<Kept>>> {
  const made = Object.entries<Spec>(specs).map(([name, spec]) => [
    name,
    seriesOf((values) => make(values, spec)),
  ])
  return Object.fromEntries(made)
}

function seriesOf<Kept>(make: (values: readonly string[]) => Kept): Series<Kept> {
  // In two steps, because joining two texts to one key would cost more than both.
  const byFirst = new Map<string, Map<string, Kept>>()
  const all: Kept[] = []
  return {
    of: (first, second) => byFirst.get(first)?.get(second) ?? add(first, second),
    all: () => all,
  }

  function add(first: string, second: string): Kept {
    if (all.length >= MAX_SERIES) [first, second] = [OTHER, OTHER]
    const bySecond = byFirst.get(first) ?? new Map<string, Kept>()
    byFirst.set(first, bySecond)
    const kept = bySecond.get(second) ?? make([first, second])
    if (!bySecond.has(second)) all.push(kept)
    bySecond.set(second, kept)
    return kept
  }
}

function countFamily({ name, help, labels }: CounterSpec, counts: Series<Count>): Family {
  const samples = Array.from(counts.all(), ({ values, count }) => ({
    labels: labelled(labels, values),
    value: count,
  }))
  return { name, help, type: 'counter', samples }
}

function timingFamily({ name, help, labels, buckets }: TimingSpec, timings: Series<Timing>): Family {
  const samples = Array.from(timings.all(), (timing) => {
    const own = labelled(labels, timing.values)
    let below = 0
    return [
      ...buckets.map((le, i) => {
        below += timing.buckets[i] as number
        return { suffix: '_bucket', labels: { ...own, le: String(le) }, value: below }
      }),
      { suffix: '_bucket', labels: { ...own, le: '+Inf' }, value: timing.count },
      { suffix: '_sum', labels: own, value: timing.sum },
      { suffix: '_count', labels: own, value: timing.count },
    ]
  })
  return { name, help, type: 'histogram', samples: samples.flat() }
}

function labelled(names: readonly string[], values: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name, i) => [name, values[i] as string]))
}

function samplesOf(read: ReturnType<Read>): readonly Sample[] {
  if (read === undefined) return []
  return typeof read === 'number' ? [{ labels: {}, value: read }] : read
}
