import { entries } from './entries.js'
import type { Config } from './schema.js'

/** The settings that say whether there is an API. */
export type ApiSettings = Pick<Config, 'API_KEYS' | 'API_KEY_HASHES' | 'CONSOLE' | 'OIDC_ISSUER'>

/** Whether there is an API: only where somebody has a key for it, or may sign in to the console, which asks it. */
export function hasApi(config: ApiSettings): boolean {
  const { API_KEYS, API_KEY_HASHES } = config
  return entries(API_KEYS).length + entries(API_KEY_HASHES).length > 0 || hasProvider(config)
}

/** Whether people sign in to the console with a provider of identities. */
export function hasProvider<Settings extends Pick<Config, 'CONSOLE' | 'OIDC_ISSUER'>>(
  config: Settings,
): config is Settings & { readonly OIDC_ISSUER: string } {
  return config.CONSOLE === 'on' && config.OIDC_ISSUER !== undefined
}
