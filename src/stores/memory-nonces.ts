import type { NonceMemory } from '../vobiz/nonces.js'

export interface NonceMemoryOptions {
  /** The clock, in milliseconds. */
  readonly now?: () => number
  readonly capacity?: number
}

/**
 * For how long a nonce is remembered at least; after twice as long it is forgotten. Then a capture would come to life
 * again: rotate the path secret as often.
 */
export const NONCE_LIFE_MS = 24 * 60 * 60 * 1_000
/** How many nonces are remembered at most, about 200 bytes each. At least the last half of them are. */
export const NONCE_CAPACITY = 200_000

/**
 * Remembers nonces in this process, bounded in time and in memory. There are two generations, and the older one is
 * forgotten as a whole: taking single entries out of the front of a large `Map` costs more with each one.
 */
export function createNonceMemory({
  now = Date.now,
  capacity = NONCE_CAPACITY,
}: NonceMemoryOptions = {}): NonceMemory {
  let young = new Map<string, string>()
  let old = new Map<string, string>()
  let bornAt = now()

  return {
    async use(nonce, bodyDigest) {
      if (young.size >= capacity / 2 || now() - bornAt >= NONCE_LIFE_MS) startGeneration()
      const known = young.get(nonce) ?? old.get(nonce)
      if (known !== undefined) return known === bodyDigest ? 'retry' : 'altered'
      young.set(nonce, bodyDigest)
      return 'new'
    },
  }

  function startGeneration(): void {
    old = young
    young = new Map()
    bornAt = now()
  }
}
