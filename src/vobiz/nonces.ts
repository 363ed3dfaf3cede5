/**
 * What became of a nonce: `new` is its first use, `retry` the same request again, `altered` the same nonce with another
 * body, which only somebody who captured a request would send.
 */
export type NonceUse = 'new' | 'retry' | 'altered'

/** Remembers which body a nonce came with, because the signature itself does not cover the body. */
export interface NonceMemory {
  use(nonce: string, bodyDigest: string): Promise<NonceUse>
}
