import { entries } from './entries.js'
import type { Config } from './schema.js'

/** Whether there is an API: only where somebody has a key for it. */
export function hasApi({ API_KEYS, API_KEY_HASHES }: Pick<Config, 'API_KEYS' | 'API_KEY_HASHES'>): boolean {
  return entries(API_KEYS).length + entries(API_KEY_HASHES).length > 0
}
