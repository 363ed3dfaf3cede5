import type { MaybePromise } from '../maybe-promise.js'
import type { Exhausted } from './allocation.js'
import type { CallOptions } from './call-options.js'
import type { PhoneNumber } from './phone-number.js'
import type { Leg, Metadata, Session, SessionStatus, Side, Sides } from './session.js'
import type { Unreadable } from './storage.js'

/** What a call asks. Rejects when the store fails, or when what the caller has in it cannot be read. */
export interface Lookup {
  /**
   * The leg of a caller on a masking number: open, or ended and at rest.
   *
   * @param callers the whole numbers that the caller may be, likeliest first
   */
  findLeg(callers: readonly string[], dialled: string): MaybePromise<FoundLeg | undefined>
  /** The leg of whoever has this PIN on a masking number, if their session is open. It asks the same, whatever is found. */
  findByPin(pin: string, dialled: string): Promise<Leg | undefined>
  /** A session whose call is under way, also when it is over by now. */
  findSession(id: string): MaybePromise<Session | undefined>
}

/**
 * What the API asks. All times are milliseconds since 1970 by the store's clock, all numbers whole ones without `+`. Every
 * operation is atomic for whoever looks. It rejects only when the store fails, or when the one session that it is about cannot
 * be read.
 */
export interface Sessions {
  /**
   * Opens a session and gives each side a number. An idempotency key belongs to its request and gives the same session
   * again, even when that has ended. An external id belongs to a session while it is open: the same request gives that
   * one, and a later request opens a new one.
   */
  create(draft: SessionDraft): Promise<CreateOutcome>
  find(id: string): Promise<Session | undefined>
  /** The newest first. An external id finds all sessions that have had it, also the ended ones. */
  list(query: SessionQuery): Promise<SessionPage>
  change(id: string, change: SessionChange): Promise<ChangeOutcome>
  /** Ends a session now, if it is open, also one that cannot be read: nobody is connected by it any more. */
  close(id: string): Promise<Changed | ClosedUnread | undefined>
  /** The same, if this person is one of the two. */
  closeOf(id: string, person: string): Promise<Changed | ClosedUnread | undefined>
  /**
   * Makes a number one of a participant's other phones. False where the session is over, where they have `MAX_PHONES` of them, or
   * where the masking number means somebody else to that phone.
   *
   * @param phone the whole number
   */
  remember(id: string, side: Side, phone: string): Promise<boolean>
  /** The store's clock. */
  now(): number
  /** How many changes of this instance no replica has yet. Only so many are counted as are written again. */
  unconfirmed(): number
  /** To be called every second: confirms what may still be lost, and forgets what ended long ago. */
  upkeep(): Promise<void>
}

/** What is kept of a session or of a person cannot be read, so nobody is connected by it. */
export class UnreadableSessionError extends Error {
  override readonly name = 'UnreadableSessionError'

  constructor(readonly reason: Unreadable) {
    super(`a session cannot be read: ${reason}`)
  }
}

/** What a session is asked for. */
export interface SessionDraft {
  readonly participants: Sides<PhoneNumber>
  readonly createdAt: number
  readonly expiresAt: number
  readonly externalId?: string | undefined
  readonly metadata?: Metadata | undefined
  readonly call?: CallOptions | undefined
  readonly idempotencyKey?: string | undefined
  /** Tells one request from another, under the same external id or idempotency key. */
  readonly fingerprint: string
  /** Rather give a number that still rests than none. */
  readonly allowShortRest: boolean
  /** The same, but on such a number the PIN alone connects. */
  readonly onExhausted?: 'pin' | undefined
}

/** By the side; undefined where that side got none. They are shown once, and kept nowhere. */
export type NewPins = Sides<string | undefined>

export type CreateOutcome =
  | ({ readonly kind: 'created'; readonly pins: NewPins } & Changed)
  | ({ readonly kind: 'existing' } & Changed)
  | PinsExhausted
  /** The idempotency key belongs to another request, or the external id to an open session of another request. */
  | { readonly kind: 'conflict' }
  | ({ readonly kind: 'exhausted'; readonly side: Side } & Exhausted)

/** Almost all PINs of that length are taken on the masking number of a side. */
export interface PinsExhausted {
  readonly kind: 'pins-exhausted'
  readonly side: Side
}

export interface SessionQuery {
  readonly externalId?: string | undefined
  readonly status?: SessionStatus | undefined
  /** Milliseconds since 1970: sessions that were created from then on, and before. */
  readonly from?: number | undefined
  readonly to?: number | undefined
  /** The `next` of the page before. Any other text is no position. */
  readonly cursor?: string | undefined
  readonly limit: number
}

export interface SessionPage {
  readonly sessions: readonly Session[]
  /** Where the next page begins; absent after the last. */
  readonly next?: string | undefined
}

export interface SessionChange {
  readonly expiresAt?: number | undefined
  /** A participant who is now reached at another number. */
  readonly replace?: Replacement | undefined
  /** In the place of what the session said about its calls. */
  readonly call?: CallOptions | undefined
  /** Whether the masking number may still be at rest for the new participant. */
  readonly allowShortRest: boolean
}

export interface Replacement {
  readonly side: Side
  readonly number: string
}

export interface Changed {
  readonly session: Session
  /** Whether the change outlives the loss of the server that took it. Until then it is written again and again. */
  readonly durable: boolean
}

/** A session that is over, and of which nothing else is known: what was kept of it could not be read. */
export interface ClosedUnread {
  readonly session?: undefined
  readonly durable: boolean
}

export type ChangeOutcome =
  /** Whoever replaced a participant has a PIN of their own. */
  | ({ readonly kind: 'changed'; readonly pins: NewPins } & Changed)
  | PinsExhausted
  | { readonly kind: 'unknown' }
  /** It is over, and its numbers may be somebody else's. */
  | { readonly kind: 'ended' }
  /** The new participant is the other one. */
  | { readonly kind: 'equal' }
  /** The masking number means somebody else to the new number's owner, until `freeAt` where it only rests. */
  | { readonly kind: 'taken'; readonly freeAt: number }

export interface FoundLeg {
  readonly kind: 'open' | 'ended'
  readonly leg: Leg
}
