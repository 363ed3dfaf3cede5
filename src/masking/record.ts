import type { CallOptions } from './call-options.js'
import {
  type Metadata,
  numbersOf,
  type Session,
  type SessionParticipant,
  type Side,
  type Sides,
} from './session.js'
import type { ChangedPart, SessionNews, SessionNewsKind, Telling } from './session-news.js'
import { UnreadableSessionError } from './session-store.js'
import type { KeptValue } from './storage.js'

/** What is kept of a session. Writing it is the commit of everything that happens to the session. */
export interface SessionRecord {
  readonly kind: 'session'
  readonly session: Session
  /** Grows with each change, so that what was decided before it is not written after it. */
  readonly version: number
  /** It was seen to be over: from then on it is, whatever a clock says. */
  readonly isOver: boolean
  /** Who was a participant until they were replaced. */
  readonly left: readonly Left[]
  /** Tells the request that opened it from any other. */
  readonly fingerprint: string
  /** The idempotency keys that lead to it. */
  readonly idempotencyKeys: readonly string[]
  /** What is told of it; absent where nothing is. */
  readonly telling?: Telling | undefined
}

/** Somebody who was replaced. */
export interface Left {
  readonly number: string
  readonly maskingNumber: string
  /** Whom they reached when they left. */
  readonly counterpart: string
  /** Milliseconds since 1970. */
  readonly at: number
  /** The version of the record that says so first. */
  readonly version: number
}

/** What stands in the place of a session of which nothing is kept any more. */
export interface Tombstone {
  /** Never to be opened; closed when it could not be read; or of a person who had all of theirs erased. */
  readonly kind: 'aborted' | 'closed-unread' | 'erased'
}

/** What was read of a session: its record, a tombstone, or nothing. */
export type ReadRecord = SessionRecord | Tombstone | undefined

/** As it is written. Short, because a service has millions. */
interface Written {
  readonly v: number
  readonly p: Sides<WrittenParticipant>
  readonly t: number
  readonly x: number
  /** When the present two were brought together, where that was later. */
  readonly r?: number | undefined
  readonly c?: number | undefined
  readonly o?: 1 | undefined
  readonly l?: readonly (readonly [string, string, string, at: number, version: number])[] | undefined
  readonly f?: string | undefined
  readonly k?: readonly string[] | undefined
  readonly e?: string | undefined
  readonly m?: Metadata | undefined
  readonly d?: CallOptions | undefined
  readonly n?: WrittenTelling | undefined
}
type WrittenTelling = readonly [
  count: number,
  pending: readonly WrittenNews[],
  isEndTold: 0 | 1,
  nearTold?: number,
]
type WrittenNews = readonly [
  kind: SessionNewsKind,
  n: number,
  at: number,
  expiresAt: number,
  changed?: readonly ChangedPart[],
]
type WrittenParticipant = readonly [
  number: string,
  maskingNumber: string,
  restedFor?: number | null,
  more?: { readonly p?: string | undefined; readonly o?: 1; readonly h?: readonly string[] | undefined },
]
type WrittenTombstone = { readonly over: Tombstone['kind'] }

/** What a record is written as. */
export function recordValue(record: SessionRecord | Tombstone): Written | WrittenTombstone {
  if (record.kind !== 'session') return { over: record.kind }
  const { session, version, isOver, left, fingerprint, idempotencyKeys } = record
  const { participants, createdAt, pairedAt, expiresAt, closedAt, externalId, metadata, call } = session
  return {
    v: version,
    p: [participantValue(participants[0]), participantValue(participants[1])],
    t: createdAt,
    x: expiresAt,
    r: pairedAt,
    c: closedAt,
    ...(isOver && { o: 1 }),
    ...(left.length > 0 && {
      l: left.map((one) => [one.number, one.maskingNumber, one.counterpart, one.at, one.version] as const),
    }),
    ...(fingerprint !== '' && { f: fingerprint }),
    ...(idempotencyKeys.length > 0 && { k: idempotencyKeys }),
    e: externalId,
    m: metadata,
    d: call,
    ...(record.telling && { n: tellingValue(record.telling) }),
  }
}

/** What a session's key was found to hold. Throws an `UnreadableSessionError`. */
export function readRecord(id: string, kept: KeptValue | undefined): ReadRecord {
  if (!kept) return undefined
  if (kept.unreadable) throw new UnreadableSessionError(kept.unreadable)
  const written = kept.value as Written | WrittenTombstone
  if ('over' in written) return { kind: written.over }
  const { v, p, t, x, r, c, o, l = [], f = '', k = [], e, m, d, n } = written
  return {
    kind: 'session',
    version: v,
    isOver: o === 1,
    left: l.map(([number, maskingNumber, counterpart, at, version]) => {
      return { number, maskingNumber, counterpart, at, version }
    }),
    fingerprint: f,
    idempotencyKeys: k,
    ...(n && { telling: tellingIn(n) }),
    session: {
      id,
      participants: [participantIn(p[0]), participantIn(p[1])],
      createdAt: t,
      ...(r !== undefined && { pairedAt: r }),
      expiresAt: x,
      ...(c !== undefined && { closedAt: c }),
      ...(e !== undefined && { externalId: e }),
      ...(m && { metadata: m }),
      ...(d && { call: d }),
    },
  }
}

function tellingValue({ count, pending, isEndTold, nearTold }: Telling): WrittenTelling {
  const news = pending.map(newsValue)
  return nearTold === undefined
    ? [count, news, isEndTold ? 1 : 0]
    : [count, news, isEndTold ? 1 : 0, nearTold]
}

function newsValue({ kind, n, at, expiresAt, changed }: SessionNews): WrittenNews {
  return changed ? [kind, n, at, expiresAt, changed] : [kind, n, at, expiresAt]
}

function tellingIn([count, news, isEndTold, nearTold]: WrittenTelling): Telling {
  return {
    count,
    pending: news.map(([kind, n, at, expiresAt, changed]) => {
      return { kind, n, at, expiresAt, ...(changed && { changed }) }
    }),
    isEndTold: isEndTold === 1,
    ...(nearTold !== undefined && { nearTold }),
  }
}

function participantValue(participant: SessionParticipant): WrittenParticipant {
  const { number, maskingNumber, restedFor, pin, pinOnly, phones } = participant
  if (pin !== undefined || pinOnly || phones)
    return [number, maskingNumber, restedFor ?? null, { p: pin, ...(pinOnly && { o: 1 }), h: phones }]
  return restedFor === undefined ? [number, maskingNumber] : [number, maskingNumber, restedFor]
}

function participantIn([number, maskingNumber, restedFor, more]: WrittenParticipant): SessionParticipant {
  return {
    number,
    maskingNumber,
    restedFor: restedFor ?? undefined,
    ...(more?.p !== undefined && { pin: more.p }),
    ...(more?.o && { pinOnly: true }),
    ...(more?.h && { phones: more.h }),
  }
}

/** On which side of a session a person is, by their own number or by another phone of theirs. */
export function sideIn({ session }: SessionRecord, person: string): Side | undefined {
  const side = session.participants.findIndex((participant) => numbersOf(participant).includes(person))
  return side === -1 ? undefined : (side as Side)
}

export function isParticipant(record: SessionRecord, person: string): boolean {
  return sideIn(record, person) !== undefined
}

/** Whether calls are connected by it, by the storage's clock. */
export function isOpen({ session, isOver }: SessionRecord, now: number): boolean {
  return session.closedAt === undefined && !isOver && now < session.expiresAt
}
