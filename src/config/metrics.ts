import { type ApiSettings, hasApi } from './api.js'
import type { Config } from './schema.js'

/** Whether somebody can ask for metrics: everybody, or whoever has a key. */
export function hasMetrics(config: ApiSettings & Pick<Config, 'METRICS'>): boolean {
  return config.METRICS === 'public' || (config.METRICS === 'key' && hasApi(config))
}
