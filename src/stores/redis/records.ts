import type { Session } from '../../masking/session.js'
import { UnreadableSessionError } from '../../masking/session-store.js'
import { UnknownKeyError, type Vault } from './vault.js'

/** A session as it was read, with what only the store needs. */
export interface StoredSession {
  readonly session: Session
  /** Grows with each change. */
  readonly version: number
  /** Under which keys the session is found again. */
  readonly keys: readonly string[]
  /** Tells the request that opened it from any other. */
  readonly fingerprint: string
}

/**
 * The sealed part of a session: what nobody may read at rest (`[number, masking number, rested for]` of each side, and
 * more), and what nobody but us may decide: version, expiresAt and closedAt, which stand beside it for the scripts.
 */
interface SealedSession {
  readonly v: number
  readonly x: number
  readonly c?: number | undefined
  readonly p: readonly [SealedParticipant, SealedParticipant]
  readonly t: number
  readonly r?: number | undefined
  readonly k: readonly string[]
  readonly f: string
  readonly e?: string | undefined
  readonly m?: Record<string, string> | undefined
}
type SealedParticipant = readonly [string, string, number?]

/** What is sealed in place of a session that could not be read when it was closed. */
interface SealedEnd {
  readonly v: number
  readonly x: number
  readonly c: number
  readonly p?: undefined
}

/** The fields of a session's hash: version, expiresAt, closedAt, the sealed rest, and whether it was aborted. */
export type RecordFields = readonly [
  string | null,
  string | null,
  string | null,
  string | null,
  string | null,
]

/** What a record tells. */
export type OpenedRecord = { readonly stored: StoredSession } | 'closed-unread' | undefined

/** The version of what stands in place of an unreadable session: none that anybody could have read before. */
const END_VERSION = 0

export function sealSession({ session, version, keys, fingerprint }: StoredSession, vault: Vault): string {
  const { participants, createdAt, pairedAt, expiresAt, closedAt, externalId, metadata, id } = session
  const [first, second] = participants.map(({ number, maskingNumber, restedFor }) =>
    restedFor === undefined ? [number, maskingNumber] : [number, maskingNumber, restedFor],
  ) as unknown as SealedSession['p']
  const sealed: SealedSession = {
    v: version,
    x: expiresAt,
    c: closedAt,
    p: [first, second],
    t: createdAt,
    r: pairedAt,
    k: keys,
    f: fingerprint,
    e: externalId,
    m: metadata,
  }
  return vault.seal(JSON.stringify(sealed), contextOf(id))
}

/** What stands in place of a session that cannot be read, once it is closed. */
export function sealEnd(id: string, closedAt: number, vault: Vault): string {
  const sealed: SealedEnd = { v: END_VERSION, x: closedAt, c: closedAt }
  return vault.seal(JSON.stringify(sealed), contextOf(id))
}

/** What a record tells; undefined when there is none. Throws an `UnreadableSessionError`. */
export function openRecord(id: string, fields: RecordFields, vault: Vault): OpenedRecord {
  const [version, , , text] = fields
  if (text === null && version === null) return undefined
  const sealed = text === null ? undefined : unseal(id, text, vault)
  if (!sealed || !agrees(sealed, fields)) throw new UnreadableSessionError('altered')
  if (!sealed.p) return 'closed-unread'
  const { v, x, c, p, t, r, k, f, e, m } = sealed
  return {
    stored: {
      version: v,
      keys: k,
      fingerprint: f,
      session: {
        id,
        participants: [participantOf(p[0]), participantOf(p[1])],
        createdAt: t,
        ...(r !== undefined && { pairedAt: r }),
        expiresAt: x,
        ...(c !== undefined && { closedAt: c }),
        ...(e !== undefined && { externalId: e }),
        ...(m && { metadata: m }),
      },
    },
  }
}

/** The session in a record; undefined when there is none. Throws an `UnreadableSessionError`. */
export function openSession(id: string, fields: RecordFields, vault: Vault): StoredSession | undefined {
  const opened = openRecord(id, fields, vault)
  return opened === undefined || opened === 'closed-unread' ? undefined : opened.stored
}

function unseal(id: string, text: string, vault: Vault): SealedSession | SealedEnd {
  try {
    return JSON.parse(vault.open(text, contextOf(id)))
  } catch (error) {
    throw new UnreadableSessionError(error instanceof UnknownKeyError ? 'unknown-key' : 'altered')
  }
}

/** Whether what stands in plain is what was sealed: the scripts decide by it, and anybody could have written it. */
function agrees({ v, x, c }: SealedSession | SealedEnd, fields: RecordFields): boolean {
  const [version, expiresAt, closedAt, , aborted] = fields
  return (
    String(v) === version &&
    String(x) === expiresAt &&
    (c === undefined ? null : String(c)) === closedAt &&
    aborted === null
  )
}

/** A text that was sealed for one session is none of another, nor of anything else. */
function contextOf(id: string): string {
  return `session ${id}`
}

function participantOf([number, maskingNumber, restedFor]: SealedParticipant) {
  return { number, maskingNumber, restedFor }
}
