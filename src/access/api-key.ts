import { isHashText, isIdText } from './key-secret.js'
import { isScope, SCOPES, type Scope } from './scopes.js'

/** Who asks the API, and what they may do. */
export interface Asker {
  readonly name: string
  readonly scopes: readonly Scope[]
}

/** What is known of a key besides its secret. */
export interface ApiKey extends Asker {
  /** Where it lives: `API_KEYS`, `API_KEY_HASHES`, or the store. */
  readonly origin: 'environment' | 'configuration' | 'store'
  /** Milliseconds since 1970; never when undefined. */
  readonly expiresAt?: number | undefined
  readonly createdAt?: number | undefined
  readonly revokedAt?: number | undefined
}

/** A key of which a hash is kept. */
export interface HashedKey extends ApiKey {
  readonly id: string
  readonly hash: string
}

export const MAX_KEY_NAME = 32
/** A letter, then letters, digits and -. */
export const KEY_NAME_PATTERN = `^[a-z][a-z0-9-]{0,${MAX_KEY_NAME - 1}}$`
const KEY_NAME = new RegExp(KEY_NAME_PATTERN)
/** A name stands in the audit trail, so it must not be able to hold a phone number. */
const MAX_NAME_DIGITS = 6
/** The names of the keys in API_KEYS. */
const ENVIRONMENT_NAME = 'environment-'

export const KEY_NAME_RULE = `1 to ${MAX_KEY_NAME} small letters, digits and -, a letter first, at most ${MAX_NAME_DIGITS} digits, and not environment-…`

export function isKeyName(text: string): boolean {
  const digits = text.replace(/\D/g, '').length
  return KEY_NAME.test(text) && digits <= MAX_NAME_DIGITS && !text.startsWith(ENVIRONMENT_NAME)
}

/** The key at this place of API_KEYS, counted from 1. It may do everything. */
export function environmentKey(place: number): ApiKey {
  return { name: `${ENVIRONMENT_NAME}${place}`, scopes: ['admin'], origin: 'environment' }
}

/** `support/sessions:read+explain/2027-01-01T00:00:00Z/<id>.<hash>`, with `never` in place of a time. */
export function keyLine({ name, scopes, expiresAt, id, hash }: HashedKey): string {
  const expiry = expiresAt === undefined ? NEVER : new Date(expiresAt).toISOString()
  return [name, scopes.join('+'), expiry, `${id}.${hash}`].join('/')
}

const NEVER = 'never'
const PARTS = 4

/** The key in an entry of API_KEY_HASHES; undefined where it is not as `keyLine` writes it. */
export function readKeyLine(line: string): HashedKey | undefined {
  const parts = line.split('/')
  const [name = '', scopeText = '', expiry = '', secret = ''] = parts
  const [id = '', hash = '', ...rest] = secret.split('.')
  const scopes = scopeText.split('+').filter(isScope)
  const isWhole = parts.length === PARTS && rest.length === 0 && isIdText(id) && isHashText(hash)
  const hasScopes = scopes.length === scopeText.split('+').length
  const expiresAt = expiry === NEVER ? undefined : Date.parse(expiry)
  if (!isWhole || !hasScopes || !isKeyName(name) || Number.isNaN(expiresAt)) return undefined
  return { name, scopes, origin: 'configuration', expiresAt, id, hash }
}

/** In the order in which they are listed, each once. */
export function sortedScopes(scopes: readonly Scope[]): Scope[] {
  return SCOPES.filter((scope) => scopes.includes(scope))
}

/** When the next of these keys expires that still holds, in milliseconds since 1970; undefined where none does. */
export function nextExpiry(keys: readonly ApiKey[], now: number): number | undefined {
  const expiries = keys.flatMap(({ expiresAt, revokedAt }) =>
    expiresAt !== undefined && expiresAt > now && revokedAt === undefined ? [expiresAt] : [],
  )
  return expiries.length > 0 ? Math.min(...expiries) : undefined
}
