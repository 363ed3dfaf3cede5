import type { KnownNumber } from '../masking/live-pool.js'
import type { PoolCounts } from '../masking/pool-counts.js'
import type { NumberView, PoolView } from './number-schemas.js'

/** A number of the pool as the API shows it. */
export function numberView({ number, state, country, label, drainingSince }: KnownNumber): NumberView {
  return {
    number: `+${number}`,
    state,
    country,
    ...(label !== undefined && { label }),
    ...(drainingSince !== undefined && { draining_since: new Date(drainingSince).toISOString() }),
  }
}

/** @param counts undefined where nothing was counted yet */
export function poolView(numbers: readonly KnownNumber[], counts: PoolCounts | undefined): PoolView {
  return {
    numbers: numbers.map((number) => ({
      ...numberView(number),
      open_legs: counts?.openLegsOf(number.number) ?? null,
    })),
    head_room: counts?.headRoom ?? null,
    counted_at: counts ? new Date(counts.countedAt).toISOString() : null,
  }
}
