import { hash } from 'node:crypto'

/** More could be a phone number. */
const MAX_DIGITS = 6
const MAX_LENGTH = 64
/** Hexadecimal digits that stand for a name which cannot be shown: so few that hundreds of phone numbers have the same. */
const HASH_LENGTH = 6

/** What a provider of identities says of somebody. */
export type Claims = Readonly<Record<string, unknown>>

/** Who somebody is in the audit trail and on the pages: a name that cannot hold a phone number. */
export function nameOf(claims: Claims): string {
  const email = claims.email_verified === false ? undefined : textOf(claims.email)
  const name = email ?? textOf(claims.preferred_username) ?? String(claims.sub)
  return `sso:${isShowable(name) ? name : shortHash(name)}`
}

function textOf(claim: unknown): string | undefined {
  return typeof claim === 'string' && claim !== '' ? claim : undefined
}

/** Digits of any script count: a phone number can be written in each. */
function isShowable(name: string): boolean {
  const digits = name.match(/\p{N}/gu) ?? []
  return name.length <= MAX_LENGTH && digits.length <= MAX_DIGITS && !/[^\p{L}\p{M}\p{N}@._+-]/u.test(name)
}

function shortHash(name: string): string {
  return hash('sha256', name, 'hex').slice(0, HASH_LENGTH)
}
