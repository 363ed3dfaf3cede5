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
  use(nonce: string, bodyDigest: string): Promise<NonceUse>
}

/** Milliseconds for which a nonce is remembered. Rotate the path secret as often, or a capture could be replayed. */
export const NONCE_LIFE_MS = 24 * 60 * 60 * 1_000

/** Milliseconds for which the same request again is a retry. The carrier has given up long before. */
export const NONCE_RETRY_MS = 120_000

/** Stands for the digest of a body that could not be read. No other body has it. */
export const UNREAD_BODY = ''
