import { type ApiSettings, hasApi, hasProvider } from './api.js'
import type { Config } from './schema.js'

/** Whether there are pages for people: only where there is an API, which they ask. */
export function hasConsole(config: ApiSettings): boolean {
  return config.CONSOLE === 'on' && hasApi(config)
}

/** What the provider of identities is called; undefined where there is none. */
export function providerName(
  config: Pick<Config, 'CONSOLE' | 'OIDC_ISSUER' | 'OIDC_NAME'>,
): string | undefined {
  return hasProvider(config) ? (config.OIDC_NAME ?? new URL(config.OIDC_ISSUER).host) : undefined
}
