import { randomBytes } from 'node:crypto'
import { UnreadableSessionError } from './session-store.js'
import type { Kept } from './storage.js'

/** What is kept of a person: at most one leg for each masking number. A leg only leads to the record of its session. */
export type Book = readonly BookLeg[]

export interface BookLeg {
  readonly maskingNumber: string
  readonly sessionId: string
  readonly claim: Claim
  /** What is known of a leg that is over for good, so that its record need not be read again. */
  readonly ended?: Ended | undefined
}

/** Tells the request that wrote a leg from any other, also one for the same session. */
export interface Claim {
  /** Milliseconds since 1970. */
  readonly at: number
  /** The version of the session's record that the request had read; 0 where there was none yet. */
  readonly version: number
  readonly stamp: string
}

export interface Ended {
  /** Milliseconds since 1970. */
  readonly at: number
  /** Whom the leg reached; empty: nobody. */
  readonly counterpart: string
}

/** As it is written. Short, because a service has millions. */
type WrittenLeg =
  | readonly [maskingNumber: string, sessionId: string, at: number, stamp: string, version?: number]
  | readonly [string, string, number, string, number, endedAt: number, counterpart: string]

/** Makes the stamps of one instance. They need not be secret, only different from all others of the same millisecond. */
export function createStamps(): () => string {
  const ofInstance = randomBytes(3).toString('base64url')
  let count = 0
  return () => {
    count = (count + 1) % 36 ** 4
    return ofInstance + count.toString(36)
  }
}

export function isClaim({ claim }: BookLeg, { at, stamp }: Claim): boolean {
  return claim.at === at && claim.stamp === stamp
}

export function bookValue(book: Book): readonly WrittenLeg[] {
  return book.map(({ maskingNumber, sessionId, claim: { at, version, stamp }, ended }) =>
    ended
      ? [maskingNumber, sessionId, at, stamp, version, ended.at, ended.counterpart]
      : version === 0
        ? [maskingNumber, sessionId, at, stamp]
        : [maskingNumber, sessionId, at, stamp, version],
  )
}

/** What a person's key was found to hold. Throws an `UnreadableSessionError`. */
export function readBook(kept: Kept | undefined): Book {
  if (!kept) return []
  if (kept.unreadable) throw new UnreadableSessionError(kept.unreadable)
  return (kept.value as readonly WrittenLeg[]).map(
    ([maskingNumber, sessionId, at, stamp, version = 0, endedAt, counterpart = '']) => ({
      maskingNumber,
      sessionId,
      claim: { at, version, stamp },
      ...(endedAt !== undefined && { ended: { at: endedAt, counterpart } }),
    }),
  )
}

/** The book with this leg in the place of the person's earlier one on that number. */
export function withLeg(book: Book, leg: BookLeg): Book {
  return [...book.filter(({ maskingNumber }) => maskingNumber !== leg.maskingNumber), leg]
}
