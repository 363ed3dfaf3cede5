import type { NonceMemory } from '../vobiz/nonces.js'

export interface NonceMemoryOptions {
  /** The clock, in milliseconds. */
  readonly now?: () => number
  readonly capacity?: number
}

/** For how long a nonce is remembered. After that a capture would come to life again: rotate the path secret as often. */
export const NONCE_LIFE_MS = 24 * 60 * 60 * 1_000
/** How many nonces are remembered, about 200 bytes each; past that the oldest are forgotten. */
export const NONCE_CAPACITY = 100_000

/** Remembers nonces in this process, bounded in time and in memory. */
export function createNonceMemory({
  now = Date.now,
  capacity = NONCE_CAPACITY,
}: NonceMemoryOptions = {}): NonceMemory {
  /** In the order of their first use, so the oldest come first. */
  const seen = new Map<string, { readonly bodyDigest: string; readonly at: number }>()

  return {
    async use(nonce, bodyDigest) {
      forgetExpired()
      const known = seen.get(nonce)
      if (known) return known.bodyDigest === bodyDigest ? 'retry' : 'altered'
      if (seen.size >= capacity) forgetOldest()
      seen.set(nonce, { bodyDigest, at: now() })
      return 'new'
    },
  }

  function forgetExpired(): void {
    const dead = now() - NONCE_LIFE_MS
    for (const [nonce, { at }] of seen) {
      if (at > dead) return
      seen.delete(nonce)
    }
  }

  function forgetOldest(): void {
    const [oldest] = seen.keys()
    seen.delete(String(oldest))
  }
}
