import type { SigningTokens } from '../vobiz/signature.js'
import { entries } from './entries.js'
import type { Config } from './schema.js'

/** Which checks a webhook has to pass, as configured. */
export interface WebhookChecks {
  readonly auth: 'required' | 'optional'
  readonly tokens: SigningTokens
  /** What stands before the path in a signed URL, without a slash at its end. With a token it is never empty. */
  readonly signedBase: string
  /** Where the carrier's routes live: `''`, or a secret segment for each secret. */
  readonly prefixes: readonly string[]
  /** Addresses and CIDR ranges from which the carrier calls; empty when every address may. */
  readonly allowedIps: readonly string[]
  /** Addresses and CIDR ranges whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[]
}

export function webhookChecks(config: Config): WebhookChecks {
  const secrets = entries(config.WEBHOOK_PATH_SECRET)
  return {
    auth: webhookAuth(config),
    tokens: { own: entries(config.VOBIZ_AUTH_TOKEN), parent: entries(config.VOBIZ_PARENT_AUTH_TOKEN) },
    signedBase: config.PUBLIC_BASE_URL ? signedBaseOf(config.PUBLIC_BASE_URL) : '',
    prefixes: secrets.length === 0 ? [''] : secrets.map((secret) => `/${secret}`),
    allowedIps: entries(config.WEBHOOK_ALLOWED_IPS),
    trustedProxies: entries(config.TRUSTED_PROXIES),
  }
}

/** Signatures are required in production, unless the configuration says otherwise. */
export function webhookAuth({
  WEBHOOK_AUTH,
  NODE_ENV,
}: {
  readonly WEBHOOK_AUTH?: string | undefined
  readonly NODE_ENV?: string | undefined
}): 'required' | 'optional' {
  if (WEBHOOK_AUTH === 'required' || WEBHOOK_AUTH === 'optional') return WEBHOOK_AUTH
  return NODE_ENV === 'production' ? 'required' : 'optional'
}

/** What stands before the path in a signed URL. */
export function signedBaseOf(publicBaseUrl: string): string {
  const { origin, pathname } = new URL(publicBaseUrl)
  return origin + pathname.replace(/\/+$/, '')
}
