import type { Session } from '../../masking/session.js'
import type { Vault } from './vault.js'

/** A session as it was read, with what only the store needs. */
export interface StoredSession {
  readonly session: Session
  /** Grows with each change. */
  readonly version: string
  /** Under which keys the session is found again. */
  readonly keys: readonly string[]
}

/** The part of a session that nobody may read at rest: `[number, masking number, rested for]` of each side, and more. */
interface Sealed {
  readonly p: readonly [SealedParticipant, SealedParticipant]
  readonly t: number
  readonly r?: number | undefined
  readonly k: readonly string[]
  readonly e?: string | undefined
  readonly m?: Record<string, string> | undefined
}
type SealedParticipant = readonly [string, string, number?]

/** The fields of a session's hash: version, expiresAt, closedAt, the sealed rest, and whether it was aborted. */
export type RecordFields = readonly [
  string | null,
  string | null,
  string | null,
  string | null,
  string | null,
]

export function sealSession(session: Session, keys: readonly string[], vault: Vault): string {
  const { participants, createdAt, pairedAt, externalId, metadata, id } = session
  const [first, second] = participants.map(({ number, maskingNumber, restedFor }) =>
    restedFor === undefined ? [number, maskingNumber] : [number, maskingNumber, restedFor],
  ) as unknown as Sealed['p']
  const sealed: Sealed = {
    p: [first, second],
    t: createdAt,
    r: pairedAt,
    k: keys,
    e: externalId,
    m: metadata,
  }
  return vault.seal(JSON.stringify(sealed), id)
}

/** The session in a record; undefined when there is none. */
export function openSession(
  id: string,
  [version, expiresAt, closedAt, text]: RecordFields,
  vault: Vault,
): StoredSession | undefined {
  if (!text) return undefined
  const { p, t, r, k, e, m } = JSON.parse(vault.open(text, id)) as Sealed
  return {
    version: String(version),
    keys: k,
    session: {
      id,
      participants: [participantOf(p[0]), participantOf(p[1])],
      createdAt: t,
      ...(r !== undefined && { pairedAt: r }),
      expiresAt: Number(expiresAt),
      ...(closedAt && { closedAt: Number(closedAt) }),
      ...(e !== undefined && { externalId: e }),
      ...(m && { metadata: m }),
    },
  }
}

function participantOf([number, maskingNumber, restedFor]: SealedParticipant) {
  return { number, maskingNumber, restedFor }
}
