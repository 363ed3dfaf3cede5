import { type BookLeg, readBook } from './book.js'
import { ABANDONED_MS, abort } from './books.js'
import { BOOK_KIND, recordKey, SESSION_KIND } from './keys.js'
import { isOpen, type ReadRecord, readRecord } from './record.js'
import { endOf } from './session.js'
import type { Kept, Storage } from './storage.js'

/** Who still needs a masking number. */
export interface NumberUse {
  /** Legs of open sessions, and such of which a session is being opened. */
  readonly openLegs: number
  /** Legs that ended and rest. They are looked for only where none is open. */
  readonly restingLegs: number
  /** When the last of them has rested, in milliseconds since 1970. */
  readonly restedAt?: number | undefined
  /** What this instance cannot read for want of a key: any of it may need the number. */
  readonly unreadable: number
}

export interface NumberUseOptions {
  readonly storage: Storage
  /** Whole. */
  readonly number: string
  /** Milliseconds for which a number rests for a person after a leg on it ended. */
  readonly restMs: number
}

/**
 * Looks through all records, and then through all books. Exact for a number that is given to nobody meanwhile: no new session
 * can get it, and an open one is a record all the time, whoever is replaced in it.
 */
export async function useOf({ storage, number, restMs }: NumberUseOptions): Promise<NumberUse> {
  let [openLegs, restingLegs, unreadable] = [0, 0, 0]
  let restedAt: number | undefined

  for await (const found of storage.all(SESSION_KIND)) {
    for (const kept of found) {
      const record = readable(kept.name, kept)
      if (record === 'unknown') unreadable += 1
      else if (record?.kind === 'session' && isOpen(record, storage.now()))
        openLegs += record.session.participants.filter(({ maskingNumber }) => maskingNumber === number).length
    }
  }
  if (openLegs > 0) return { openLegs, restingLegs, unreadable }

  for await (const found of storage.all(BOOK_KIND)) {
    for (const kept of found) {
      if (kept.unreadable === 'unknown-key') unreadable += 1
      if (kept.unreadable) continue
      const leg = readBook(kept).find(({ maskingNumber }) => maskingNumber === number)
      if (leg) note(await endOfLeg(leg))
    }
  }
  return { openLegs, restingLegs, restedAt, unreadable }

  function note(endsAt: number): void {
    if (endsAt === Number.POSITIVE_INFINITY) openLegs += 1
    else if (storage.now() < endsAt + restMs) {
      restingLegs += 1
      restedAt = Math.max(restedAt ?? 0, endsAt + restMs)
    }
  }

  /** Infinity: it has not ended. */
  async function endOfLeg({ ended, sessionId, claim }: BookLeg): Promise<number> {
    if (ended) return ended.at
    const [kept] = await storage.read([recordKey(sessionId)])
    const record = readable(sessionId, kept)
    if (record === 'unknown') return Number.POSITIVE_INFINITY
    if (record?.kind === 'session')
      return isOpen(record, storage.now()) ? Number.POSITIVE_INFINITY : endOf(record.session)
    if (kept) return Number.NEGATIVE_INFINITY
    // Whoever claimed it may still be about to write the record: later that will fail.
    const isOver = storage.now() >= claim.at + ABANDONED_MS && (await abort(storage, sessionId))
    return isOver ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  }
}

/** Undefined: it was altered, and connects nobody. Unknown: it may be read by others. */
function readable(id: string, kept: Kept | undefined): ReadRecord | 'unknown' {
  if (kept?.unreadable) return kept.unreadable === 'unknown-key' ? 'unknown' : undefined
  return readRecord(id, kept)
}
