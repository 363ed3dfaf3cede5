import type { MaybePromise } from '../maybe-promise.js'

/** What became of a nonce. */
export interface NonceUse {
  /**
   * `new` is its first use, `retry` the same request again, `altered` the same nonce with another body, which only
   * somebody who captured a request would send.
   */
  readonly kind: 'new' | 'retry' | 'altered'
  /** When it was first seen, in milliseconds since 1970. Not a number, where nobody knows. */
  readonly at: number
}

/** Remembers which body a nonce came with, and when, because the signature itself covers neither. */
export interface NonceMemory {
  /**
   * Uses up the nonces of one request, the verified one first: what became of that counts. The others are remembered only with
   * a new one, or a request that comes again could fill the memory with invented nonces.
   *
   * @param body its text as it came: whatever encodes the same fields otherwise is not the carrier's retry
   */
  use(nonces: Nonces, body: string): MaybePromise<NonceUse>
}

export type Nonces = readonly [verified: string, ...besides: string[]]

/** Milliseconds for which a nonce is remembered. Rotate the path secret as often, or a capture could be replayed. */
export const NONCE_LIFE_MS = 24 * 60 * 60 * 1_000

/** Milliseconds for which the same request again is a retry. The carrier has given up long before. */
export const NONCE_RETRY_MS = 120_000

/** Stand for a body that there is not, and for one that could not be read. Neither is the text of a call. */
export const NO_BODY = ''
export const UNREAD_BODY = '\0'
