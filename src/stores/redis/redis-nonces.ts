import { createHash } from 'node:crypto'
import { NONCE_LIFE_MS, type NonceMemory } from '../../vobiz/nonces.js'
import { ifAnswered } from './if-answered.js'
import type { Link } from './link.js'
import type { Vault } from './vault.js'

const NONCE_PREFIX = 'callmask:nonce:'

export interface RedisNoncesOptions {
  readonly link: Link
  readonly vault: Vault
  /** Remembers for this instance alone, while the store does not answer. */
  readonly fallback: NonceMemory
}

/** Remembers nonces for all instances. A call of the static pair must not fail with the store, so neither does this. */
export function createRedisNonces({ link, vault, fallback }: RedisNoncesOptions): NonceMemory {
  return {
    async use(nonce, bodyDigest) {
      const here = await fallback.use(nonce, bodyDigest)
      // Of the body only a mark is kept: a digest of a number can be guessed by trying all numbers.
      const marks = vault.namesOf(bodyDigest, 'body')
      const key = NONCE_PREFIX + createHash('sha256').update(nonce).digest('base64url')
      const asked = link.ask((client) => client.set(key, marks[0], 'PX', NONCE_LIFE_MS, 'NX', 'GET'))
      const known = await ifAnswered(asked, null)
      if (known === null) return here
      return marks.includes(known) ? 'retry' : 'altered'
    },
  }
}
