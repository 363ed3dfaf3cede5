/**
 * How a nonce was used: `new` is its first use, `retry` the same request again, `altered` the same nonce with another
 * body, which only somebody who captured a request would send.
 */
export type NonceUse = 'new' | 'retry' | 'altered'

/** Remembers which body a nonce came with, because the signature itself does not cover the body. */
export interface NonceMemory {
  use(nonce: string, bodyDigest: string): Promise<NonceUse>
}

/** Milliseconds for which a nonce is remembered at least. Rotate the path secret as often, or a capture could be replayed. */
export const NONCE_LIFE_MS = 24 * 60 * 60 * 1_000
