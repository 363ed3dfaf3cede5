import { timingSafeEqual } from 'node:crypto'
import { type ApiKey, environmentKey, type HashedKey } from './api-key.js'
import { digestOf, hashOf, idOf } from './key-secret.js'

/** Who an Authorization header says that the asker is. */
export type Identity = KnownIdentity | { readonly kind: 'absent' | 'unknown' }

/** The key is one of ours; where it is expired or revoked, it does not hold any more. */
type KnownIdentity = { readonly kind: 'known' | 'expired' | 'revoked'; readonly key: ApiKey }

/** All keys, in memory: whoever asks waits for nothing. */
export interface Keyring {
  identify(authorization: string | undefined): Identity
  /** What a key that holds is known by later, which does not tell its secret. */
  markOf(authorization: string | undefined): string | undefined
  /** The key of that mark, if it still holds. */
  marked(mark: string): ApiKey | undefined
  /** All keys, without their secrets, those of the configuration first. */
  list(): readonly ApiKey[]
  /** Takes over the entries of API_KEYS as they are now. */
  setEnvironment(keys: readonly string[]): void
  /** Takes over what the store has now. */
  setStored(keys: readonly HashedKey[]): void
}

export interface KeyringOptions {
  readonly now: () => number
  /** The entries of API_KEYS. */
  readonly environment: readonly string[]
  /** Those of API_KEY_HASHES. */
  readonly configured: readonly HashedKey[]
}

/** No id of a key begins so. */
const ENVIRONMENT_MARK = 'environment:'

/** In place of a hash that is not there, so that an id that nobody has costs what any other costs. */
const NO_HASH = Buffer.alloc(32)

export function createKeyring({ now, environment, configured }: KeyringOptions): Keyring {
  let digests = environment.map(digestOf)
  let stored: readonly HashedKey[] = []
  let byId = new Map<string, HashedKey>()
  setStored([])

  return {
    identify(authorization = '') {
      const text = textIn(authorization)
      const place = placeInEnvironment(digestOf(text))
      const hashed = hashedKeyOf(text)
      if (place > 0) return { kind: 'known', key: environmentKey(place) }
      if (!hashed) return { kind: authorization === '' ? 'absent' : 'unknown' }
      return identityOf(hashed)
    },
    markOf(authorization = '') {
      const text = textIn(authorization)
      const digest = digestOf(text)
      if (placeInEnvironment(digest) > 0) return ENVIRONMENT_MARK + digest.toString('base64url')
      const hashed = hashedKeyOf(text)
      return hashed && identityOf(hashed).kind === 'known' ? hashed.id : undefined
    },
    marked(mark) {
      if (mark.startsWith(ENVIRONMENT_MARK)) {
        const place = placeInEnvironment(Buffer.from(mark.slice(ENVIRONMENT_MARK.length), 'base64url'))
        return place > 0 ? environmentKey(place) : undefined
      }
      const hashed = byId.get(mark)
      const identity = hashed && identityOf(hashed)
      return identity?.kind === 'known' ? identity.key : undefined
    },
    list: () => [
      ...digests.map((_, i) => environmentKey(i + 1)),
      ...[...configured, ...stored].map(({ id: _id, hash: _hash, ...key }) => key),
    ],
    setEnvironment(keys) {
      digests = keys.map(digestOf)
    },
    setStored,
  }

  /** Which entry of API_KEYS this is, from 1; 0 for none. Each is compared, and in constant time, so that the time tells nothing. */
  function placeInEnvironment(digest: Buffer): number {
    let place = 0
    digests.forEach((known, i) => {
      if (timingSafeEqual(known, digest)) place = i + 1
    })
    return place
  }

  function identityOf({ id: _id, hash: _hash, ...key }: HashedKey): KnownIdentity {
    if (key.revokedAt !== undefined) return { kind: 'revoked', key }
    return { kind: (key.expiresAt ?? Number.POSITIVE_INFINITY) > now() ? 'known' : 'expired', key }
  }

  /** One hash and one comparison, whether there is a key of that id or not. What has not the form of a key needs neither. */
  function hashedKeyOf(text: string): HashedKey | undefined {
    const id = idOf(text)
    if (id === undefined) return undefined
    const key = byId.get(id)
    const kept = key ? Buffer.from(key.hash, 'base64url') : NO_HASH
    return timingSafeEqual(kept, hashOf(id, text)) ? key : undefined
  }

  function setStored(keys: readonly HashedKey[]): void {
    stored = keys
    // What the configuration says cannot be changed from the store.
    byId = new Map([...keys, ...configured].map((key) => [key.id, key]))
  }
}

/** The key in an Authorization header; empty where there is none. */
function textIn(authorization: string): string {
  return /^Bearer +([\w-]+)$/i.exec(authorization)?.[1] ?? ''
}
