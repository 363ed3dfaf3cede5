import { entries } from '../config/entries.js'
import { readMaskingNumbers } from '../config/masking-numbers.js'
import { formats } from '../config/rules.js'
import { type Config, ConfigSchema, variableSchema } from '../config/schema.js'
import { webhookChecks } from '../config/webhook-checks.js'
import { e164 } from '../masking/phone-number.js'
import { type ApplicationSettings, type VobizAccount, vobizAccount } from '../vobiz/account.js'
import { type CallsApi, callsApi } from '../vobiz/calls-api.js'
import { createVobizClient, type VobizClient } from '../vobiz/client.js'
import { UsageError } from './usage-error.js'
import type { World } from './world.js'

/** The account of the environment, for which no other setting is needed. */
export function openAccount(world: World): VobizAccount {
  const { client, authId } = openClient(world)
  return vobizAccount(client, authId)
}

/** The same for what the API says of calls. */
export function openCallsApi(world: World): CallsApi {
  const { client, authId } = openClient(world)
  return callsApi(client, authId)
}

function openClient(world: World): { readonly client: VobizClient; readonly authId: string } {
  const { VOBIZ_API_BASE, VOBIZ_AUTH_ID, VOBIZ_AUTH_TOKEN } = world.environment
  const [authToken] = entries(VOBIZ_AUTH_TOKEN)
  if (!VOBIZ_AUTH_ID || !authToken) {
    throw new UsageError(
      'VOBIZ_AUTH_ID and VOBIZ_AUTH_TOKEN are needed: copy them from the Vobiz console into .env, or run `npx callmask init`',
    )
  }
  const base = VOBIZ_API_BASE || ConfigSchema.properties.VOBIZ_API_BASE.default
  if (!formats['public-base-url'](base)) {
    throw new UsageError('VOBIZ_API_BASE is not valid: it is the https URL of the Vobiz API')
  }
  const foreign = foreignEndpoint(world, { endpoint: 'VOBIZ_API_BASE', secret: 'VOBIZ_AUTH_TOKEN' })
  if (foreign) throw new UsageError(foreign)
  const access = { base, authId: VOBIZ_AUTH_ID, authToken, secrets: secretsOf(world) }
  return { client: createVobizClient(access, world, world.patience), authId: VOBIZ_AUTH_ID }
}

/** What no error may show. */
function secretsOf({ environment }: World): string[] {
  const { VOBIZ_AUTH_TOKEN, VOBIZ_PARENT_AUTH_TOKEN, WEBHOOK_PATH_SECRET, API_KEYS } = environment
  return [VOBIZ_AUTH_TOKEN, VOBIZ_PARENT_AUTH_TOKEN, WEBHOOK_PATH_SECRET, API_KEYS].flatMap(entries)
}

interface Destination {
  /** The variable that says where something secret is sent. */
  readonly endpoint: 'VOBIZ_API_BASE' | 'PUBLIC_BASE_URL'
  readonly secret: 'VOBIZ_AUTH_TOKEN' | 'API_KEYS'
}

/**
 * What is wrong where a file of settings says where a secret is sent that does not stand in it: the file may be anybody's, such
 * as one in a folder that was unpacked.
 */
export function foreignEndpoint(
  { environment, fileEnvironment }: World,
  { endpoint, secret }: Destination,
): string | undefined {
  const isOfFile = (name: string) => Boolean(environment[name]) && environment[name] === fileEnvironment[name]
  const isUsual = environment[endpoint] === variableSchema(endpoint)?.default
  if (!isOfFile(endpoint) || isUsual || isOfFile(secret)) return undefined
  return `${endpoint} comes from the file .env, but ${secret} does not, and such a file could send it anywhere: set both in .env, or both in the environment`
}

/** The URL under which the carrier asks. While a path secret is rotated, the first one is the new one. */
export function answerUrl(config: Config): string {
  if (!config.PUBLIC_BASE_URL) {
    throw new UsageError('PUBLIC_BASE_URL is needed: the https URL under which Vobiz reaches this service')
  }
  const { signedBase, prefixes } = webhookChecks(config)
  return `${signedBase}${prefixes[0]}/answer`
}

/** The settings that the Vobiz application must have. */
export function wantedApplication(config: Config, fallbackUrl: string | undefined): ApplicationSettings {
  const url = answerUrl(config)
  return {
    app_name: config.VOBIZ_APP_NAME,
    answer_url: url,
    answer_method: 'POST',
    // Hangup events are acknowledged where calls are answered.
    hangup_url: url,
    hangup_method: 'POST',
    ...(fallbackUrl && { fallback_answer_url: fallbackUrl, fallback_method: 'POST' }),
  }
}

/** The masking numbers of the configuration as the API writes them: `+919000000001`. */
export function maskingNumbersOf(config: Config): string[] {
  return readMaskingNumbers(config).all.map(e164)
}
