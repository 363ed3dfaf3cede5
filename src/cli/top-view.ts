import type { Series } from './scrape.js'

/** What one instance said, twice. */
export interface Watched {
  readonly url: string
  /** Undefined where it did not answer. */
  readonly before: readonly Series[] | undefined
  readonly now: readonly Series[] | undefined
}

/** What several instances do together. Where nothing can be told there is null. */
export interface TopView {
  readonly instances: readonly {
    readonly url: string
    readonly up: boolean
    readonly version: string | null
  }[]
  /** For how long was looked. */
  readonly seconds: number
  readonly calls: {
    readonly per_second: number
    readonly outcomes: Rates
    readonly refusals: Rates
    readonly answer_ms: Quantiles
    /** In all, since the instances began. */
    readonly troubles: Rates
  }
  readonly pool: {
    readonly sessions_open: number | null
    readonly head_room: number | null
    readonly active: number | null
    readonly draining: number | null
  }
  readonly store: {
    readonly kind: string | null
    /** Whether it answers all of them. */
    readonly up: boolean
    readonly operations_per_second: number
    readonly failures_per_second: number
    readonly operation_ms: Quantiles
    /** Changes of sessions that no replica has yet. */
    readonly unconfirmed: number
  }
  readonly events: {
    /** Records whose events are not in the outbox yet, deliveries that are due, and for how long the oldest of them has waited. */
    readonly to_tell: number | null
    readonly to_deliver: number | null
    readonly oldest_waiting_seconds: number | null
    /** By their result. */
    readonly deliveries: Rates
    readonly endpoints_on: number | null
    readonly endpoints_failing: number | null
    readonly endpoints_off: number | null
    /** In all, since the instances began. */
    readonly dropped: number
  }
  readonly api: { readonly per_second: number; readonly rate_limited_per_second: number }
  readonly process: {
    /** Processors that are in use. */
    readonly cpu: number
    readonly memory_bytes: number
    readonly event_loop_lag_ms: Quantiles
  }
}

/** By what they are called. Those that are 0 are left out. */
export type Rates = Readonly<Record<string, number>>

export interface Quantiles {
  readonly p50: number | null
  readonly p99: number | null
}

export function viewOf(watched: readonly Watched[], seconds: number): TopView {
  const all = watched.flatMap(({ now = [] }) => now)
  const grown = watched.flatMap(growthOf)
  const rate = (name: string) => rounded(sum(named(grown, name)) / seconds)
  const largest = (name: string, wanted: Readonly<Record<string, string>> = {}) => {
    const values = named(all, name, wanted).map(({ value }) => value)
    return values.length === 0 ? null : Math.max(...values)
  }
  const stores = named(all, 'callmask_store_up')
  const refusals = named(grown, 'callmask_calls_total', { outcome: 'refuse' })

  return {
    instances: watched.map(({ url, now }) => ({
      url,
      up: now !== undefined,
      version: named(now ?? [], 'callmask_build_info')[0]?.labels.version ?? null,
    })),
    seconds: rounded(seconds),
    calls: {
      per_second: rate('callmask_calls_total'),
      outcomes: by('outcome', named(grown, 'callmask_calls_total'), seconds),
      refusals: by('reason', refusals, seconds),
      answer_ms: quantilesOf(named(grown, 'callmask_answer_duration_seconds_bucket')),
      troubles: by('trouble', named(all, 'callmask_call_troubles_total'), 1),
    },
    pool: {
      sessions_open: largest('callmask_sessions_open'),
      head_room: largest('callmask_pool_head_room'),
      active: largest('callmask_pool_numbers', { state: 'active' }),
      draining: largest('callmask_pool_numbers', { state: 'draining' }),
    },
    store: {
      kind: stores[0]?.labels.kind ?? null,
      up: stores.length > 0 && stores.every(({ value }) => value === 1),
      operations_per_second: rate('callmask_store_operation_duration_seconds_count'),
      failures_per_second: rate('callmask_store_failures_total'),
      operation_ms: quantilesOf(named(grown, 'callmask_store_operation_duration_seconds_bucket')),
      unconfirmed: sum(named(all, 'callmask_store_unconfirmed_changes')),
    },
    events: {
      to_tell: largest('callmask_events_waiting', { stage: 'to_tell' }),
      to_deliver: largest('callmask_events_waiting', { stage: 'to_deliver' }),
      oldest_waiting_seconds: largest('callmask_events_oldest_waiting_seconds'),
      deliveries: by('result', named(grown, 'callmask_event_deliveries_total'), seconds),
      endpoints_on: largest('callmask_event_endpoints', { state: 'on' }),
      endpoints_failing: largest('callmask_event_endpoints', { state: 'failing' }),
      endpoints_off: largest('callmask_event_endpoints', { state: 'off' }),
      dropped: sum(named(all, 'callmask_events_dropped_total')),
    },
    api: {
      per_second: rate('callmask_api_requests_total'),
      rate_limited_per_second: rate('callmask_rate_limited_total'),
    },
    process: {
      cpu: rate('process_cpu_seconds_total'),
      memory_bytes: sum(named(all, 'process_resident_memory_bytes')),
      event_loop_lag_ms: quantilesOf(named(grown, 'callmask_event_loop_lag_seconds_bucket')),
    },
  }
}

/** By how much each number of an instance has grown. One that is smaller than before began anew. */
function growthOf({ before, now }: Watched): Series[] {
  if (!before || !now) return []
  const values = new Map(before.map(({ key, value }) => [key, value]))
  return now.map((series) => {
    const was = values.get(series.key) ?? 0
    return { ...series, value: series.value < was ? series.value : series.value - was }
  })
}

function named(
  all: readonly Series[],
  name: string,
  wanted: Readonly<Record<string, string>> = {},
): readonly Series[] {
  const isWanted = ({ labels }: Series) =>
    Object.entries(wanted).every(([label, value]) => labels[label] === value)
  return all.filter((series) => series.name === name && isWanted(series))
}

function sum(all: readonly Series[]): number {
  return all.reduce((total, { value }) => total + value, 0)
}

function by(label: string, all: readonly Series[], seconds: number): Rates {
  const names = [...new Set(all.map(({ labels }) => String(labels[label])))]
  const rates = names.map(
    (name) => [name, rounded(sum(all.filter(({ labels }) => labels[label] === name)) / seconds)] as const,
  )
  return Object.fromEntries(rates.filter(([, value]) => value > 0).sort(([, a], [, b]) => b - a))
}

/** Milliseconds, from the buckets of a histogram: within a bucket, values are taken to be spread evenly. */
function quantilesOf(buckets: readonly Series[]): Quantiles {
  const bounds = [...new Set(buckets.map(({ labels }) => Number(labels.le?.replace('+Inf', 'Infinity'))))]
  const rising = bounds
    .sort((a, b) => a - b)
    .map((bound) => ({
      bound,
      count: sum(buckets.filter(({ labels }) => Number(labels.le?.replace('+Inf', 'Infinity')) === bound)),
    }))
  const quantile = (share: number) => {
    const total = rising.at(-1)?.count ?? 0
    if (total === 0) return null
    const place = rising.findIndex(({ count }) => count >= total * share)
    const [below, here] = [rising[place - 1] ?? { bound: 0, count: 0 }, rising[place]]
    // Above all buckets: the largest bound is all that is known.
    if (!here || here.bound === Number.POSITIVE_INFINITY) return rounded(below.bound * 1_000)
    const within = (total * share - below.count) / (here.count - below.count)
    return rounded((below.bound + (here.bound - below.bound) * within) * 1_000)
  }
  return { p50: quantile(0.5), p99: quantile(0.99) }
}

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000
}
