/**
 * What became of a nonce: `new` is its first use, `retry` the same request again, `altered` the same nonce with another
 * body, which only somebody who captured a request would send.
 */
export type NonceUse = 'new' | 'retry' | 'altered'

/** Remembers which body a nonce came with, because the signature itself does not cover the body. */
export interface NonceMemory {
  use(nonce: string, bodyDigest: string): Promise<NonceUse>
}

/** Milliseconds for which a nonce is remembered at least. After that a capture would come to life again: rotate the path secret as often. */
export const NONCE_LIFE_MS = 24 * 60 * 60 * 1_000
