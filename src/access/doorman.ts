import { type Problem, rateLimited, storeUnavailable, unauthorized } from '../api/problem.js'
import type { Asker } from './api-key.js'
import { idOf } from './key-secret.js'
import type { Identity, Keyring } from './keyring.js'
import { seconds } from './rate-limit-fields.js'
import { ownerOf } from './source.js'
import type { WrongKeys } from './wrong-keys.js'

/** Who comes in, or why not. */
export type Admission = { readonly key: Asker } | { readonly problem: Problem }

/** What a source did that stands in the audit trail. */
export type KeyFault = 'wrong_key' | 'expired_key' | 'revoked_key'

export interface DoormanOptions {
  readonly keyring: Keyring
  readonly wrongKeys: WrongKeys
  /** @param subject the name of the key that is over, else the source */
  readonly note: (fault: KeyFault, subject: string) => void
  /** Whether there may be keys that this instance has not read yet. */
  readonly isWaitingForKeys: () => boolean
}

/** Looks at keys, and slows down whoever tries them. It waits for nothing. */
export function createDoorman({ keyring, wrongKeys, note, isWaitingForKeys }: DoormanOptions) {
  return (authorization: string | undefined, source: string): Admission => {
    const identity = keyring.identify(authorization)
    if (identity.kind === 'known') return { key: identity.key }
    if (isWaitingForKeys() && mayBeStored(identity, authorization)) return { problem: storeUnavailable }
    noteFault(identity, source)
    const wait = wrongKeys.note(ownerOf(source))
    return { problem: wait > 0 ? rateLimited(seconds(wait)) : unauthorized(identity.kind) }
  }

  function noteFault(identity: Identity, source: string): void {
    if (identity.kind === 'expired' || identity.kind === 'revoked')
      note(`${identity.kind}_key`, identity.key.name)
    else note('wrong_key', source)
  }
}

function mayBeStored({ kind }: Identity, authorization = ''): boolean {
  return kind === 'unknown' && idOf(authorization.replace(/^Bearer +/i, '')) !== undefined
}
