import { NONCE_LIFE_MS, type NonceMemory } from '../vobiz/nonces.js'

export interface NonceMemoryOptions {
  /** The clock, in milliseconds. */
  readonly now?: () => number
  readonly capacity?: number
}

/** How many nonces are remembered at most, about 200 bytes each. At least the last half of them are. */
export const NONCE_CAPACITY = 200_000

/**
 * Remembers nonces in this process, bounded in time (twice `NONCE_LIFE_MS`) and in memory. There are two generations, and
 * the older one is forgotten as a whole: taking single entries out of the front of a large `Map` costs more with each one.
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
