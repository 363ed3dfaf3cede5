import type { CallOptions } from './call-options.js'

/** One pairing of two participants for a limited time. Times are milliseconds since 1970. */
export interface Session {
  /** Cannot be guessed. */
  readonly id: string
  readonly participants: Sides<SessionParticipant>
  readonly createdAt: number
  /** Since when these two are the participants, where one of them was replaced. */
  readonly pairedAt?: number | undefined
  /** From this moment on it is over, whether it was closed or not. */
  readonly expiresAt: number
  /** When it was closed before its time. */
  readonly closedAt?: number | undefined
  /** What the business calls it. */
  readonly externalId?: string | undefined
  readonly metadata?: Metadata | undefined
  readonly call?: CallOptions | undefined
}

/** A value for each of the two participants, in the order in which they were named. */
export type Sides<Of> = readonly [Of, Of]
export type Side = 0 | 1

/** One of the two people in a session. */
export interface SessionParticipant {
  /** Their real number, country code and all, without `+`. */
  readonly number: string
  /** The masking number that they dial and that the other side sees, likewise. */
  readonly maskingNumber: string
  /** Milliseconds that their masking number had rested since their last leg on it, with another counterpart. */
  readonly restedFor?: number | undefined
  /** Under what name their PIN is kept. It tells nothing of the PIN. */
  readonly pin?: string | undefined
  /** They are connected by their PIN alone: their masking number still rests for them. */
  readonly pinOnly?: true | undefined
  /** Other phones of theirs, which entered the PIN: whole numbers, likewise. */
  readonly phones?: readonly string[] | undefined
}

/** How many other phones of a participant are remembered. */
export const MAX_PHONES = 5

/** All numbers from which a participant calls. */
export function numbersOf({ number, phones = [] }: SessionParticipant): readonly string[] {
  return [number, ...phones]
}

export type Metadata = Readonly<Record<string, string>>

/** How a call is connected. Numbers are as they are sent to the carrier. */
export interface Leg {
  readonly destination: string
  readonly callerIdShown: string
  /** Absent for the static pair. */
  readonly sessionId?: string | undefined
  /** On which side of it the caller is. */
  readonly side?: Side | undefined
  /** What the session says about its calls. */
  readonly call?: CallOptions | undefined
  /** Only their PIN connects whoever calls. */
  readonly needsPin?: true | undefined
  /** Since when the caller has been reaching this destination, in milliseconds since 1970; absent for the static pair. */
  readonly since?: number | undefined
}

export type SessionStatus = 'open' | 'closed' | 'expired'

export function statusOf(session: Pick<Session, 'closedAt' | 'expiresAt'>, now: number): SessionStatus {
  if (session.closedAt !== undefined) return 'closed'
  return now < session.expiresAt ? 'open' : 'expired'
}

/** When the session is over, or was. */
export function endOf({ closedAt, expiresAt }: Pick<Session, 'closedAt' | 'expiresAt'>): number {
  return closedAt ?? expiresAt
}

/** The leg of a session by which one side calls the other. */
export function legFrom(side: Side, session: Session): Leg {
  const { id, participants, createdAt, pairedAt = createdAt, call } = session
  const { number, maskingNumber } = participants[otherSide(side)]
  const needsPin = call?.forcePin === true || participants[side].pinOnly === true
  return {
    destination: `+${number}`,
    callerIdShown: `+${maskingNumber}`,
    sessionId: id,
    side,
    since: pairedAt,
    ...(call && { call }),
    ...(needsPin && { needsPin }),
  }
}

/** The masking number that a leg shows, whole. */
export function shownBy({ callerIdShown }: Leg): string {
  return callerIdShown.replace('+', '')
}

export function otherSide(side: Side): Side {
  return side === 0 ? 1 : 0
}

/** Seconds that a session lasts at least and at most. */
export const MIN_SESSION_SECONDS = 60
export const MAX_SESSION_SECONDS = 180 * 24 * 60 * 60

const DAY_MS = 24 * 60 * 60 * 1_000

/** Milliseconds that an ended session is remembered unless the configuration says otherwise. */
export const RETENTION_MS = 7 * DAY_MS

/**
 * Seconds for which an ended session is remembered at least, and at most. That it is over has to be known for longer than any
 * instance can still have something of it to write: while the store has no replica, an instance keeps what it wrote last, and
 * writes it again where it was lost.
 */
export const MIN_RETENTION_SECONDS = 24 * 60 * 60
export const MAX_RETENTION_SECONDS = 366 * 24 * 60 * 60

/** For how long things are remembered, in milliseconds. */
export interface Memory {
  /** For which a number rests for a person after a leg on it ended. */
  readonly restMs: number
  /** For which an ended session is remembered at least, with who had which number in it. */
  readonly retentionMs?: number | undefined
}

/** Until when what ended is remembered: what protects a rest is kept for as long as that rest. */
export function rememberedUntil(endedAt: number, { restMs, retentionMs = RETENTION_MS }: Memory): number {
  return endedAt + Math.max(restMs, retentionMs)
}
