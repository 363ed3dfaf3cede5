import type { Config } from './schema.js'

/** How calls are masked, as `/health` says it. */
export const STRATEGIES = [
  'two-way-client-hosted',
  'session-pool',
  'two-way-client-hosted+session-pool',
] as const
export type Strategy = (typeof STRATEGIES)[number]

/**
 * The strategy that is in force: `two-way-client-hosted` for the static pair, `session-pool` for sessions on a pool of
 * numbers, both joined by a `+` where there are both.
 */
export function strategyOf({ M1, MASKING_NUMBERS }: Pick<Config, 'M1' | 'MASKING_NUMBERS'>): Strategy {
  if (M1 && !MASKING_NUMBERS) return 'two-way-client-hosted'
  return M1 ? 'two-way-client-hosted+session-pool' : 'session-pool'
}
