import { readBook } from './book.js'
import { bookKey, pastOf, recordKey } from './keys.js'
import { isParticipant, type ReadRecord, readRecord, type SessionRecord, sideIn } from './record.js'
import { endOf, type Memory, rememberedUntil, type Session, type Side } from './session.js'
import type { Kept, Storage, Unreadable } from './storage.js'

/** The sessions of one person. */
export interface PersonSessions {
  /** The newest first. */
  readonly sessions: readonly PersonSession[]
  /** Whether there are older ones than these. */
  readonly isCut: boolean
}

export interface PersonSession {
  readonly session: Session
  /** Which side the person is on; absent where they were replaced. */
  readonly side?: Side | undefined
}

export interface SearchOptions extends Memory {
  readonly storage: Storage
  /** Told of each record that is passed over because it cannot be read. */
  readonly onUnreadable?: (reason: Unreadable) => void
}

/** How many sessions a search looks at that the person's book does not lead to, and at how many at once. */
export const SEARCH_SCAN = 1_000
const SEARCH_STEP = 200

/**
 * The sessions of a person, open and ended ones, also those in which they were replaced.
 *
 * @param person the whole number
 * @param limit how many at most
 */
export async function sessionsOf(
  person: string,
  limit: number,
  { storage, onUnreadable = () => undefined, ...memory }: SearchOptions,
): Promise<PersonSessions> {
  const [book] = await storage.read([bookKey(person)])
  const past = await storage.entries(pastOf(person), { order: 'newest first', limit: SEARCH_SCAN })
  const ids = [...new Set([...readBook(book), ...past.map(({ id }) => ({ sessionId: id }))].map(idOf))]
  const found: PersonSession[] = []
  for (let i = 0; i < ids.length; i += SEARCH_STEP) {
    const piece = ids.slice(i, i + SEARCH_STEP)
    const records = await storage.read(piece.map(recordKey))
    for (const [j, id] of piece.entries()) found.push(...theirs(readable(id, records[j])))
  }
  found.sort(({ session: one }, { session: other }) => other.createdAt - one.createdAt)
  return { sessions: found.slice(0, limit), isCut: found.length > limit || past.length === SEARCH_SCAN }

  function theirs(record: ReadRecord): PersonSession[] {
    if (record?.kind !== 'session' || !names(record, person)) return []
    const { session } = record
    if (storage.now() >= rememberedUntil(endOf(session), memory)) return []
    const side = sideIn(record, person)
    return [side === undefined ? { session } : { session, side }]
  }

  /** A bad record must not hide the others. */
  function readable(id: string, kept: Kept | undefined): ReadRecord {
    if (!kept?.unreadable) return readRecord(id, kept)
    onUnreadable(kept.unreadable)
    return undefined
  }
}

function idOf({ sessionId }: { readonly sessionId: string }): string {
  return sessionId
}

/** Whether a person is or was a participant. */
function names(record: SessionRecord, person: string): boolean {
  return isParticipant(record, person) || record.left.some(({ number }) => number === person)
}
