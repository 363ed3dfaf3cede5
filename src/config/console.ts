import { hasApi } from './api.js'
import type { Config } from './schema.js'

/** Whether there are pages for people: only where there is an API, which they ask. */
export function hasConsole(config: Pick<Config, 'CONSOLE' | 'API_KEYS' | 'API_KEY_HASHES'>): boolean {
  return config.CONSOLE === 'on' && hasApi(config)
}
