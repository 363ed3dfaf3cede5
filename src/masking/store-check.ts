import { type Book, readBook } from './book.js'
import { ABANDONED_MS } from './books.js'
import {
  ALL_SESSIONS,
  BOOK_KIND,
  bookKey,
  KINDS,
  NAME_KIND,
  REQUEST_KIND,
  recordKey,
  SESSION_KIND,
} from './keys.js'
import { isOpen, readRecord, type SessionRecord } from './record.js'
import { JOIN_MS, leadIn } from './reservations.js'
import { endOf, type Memory, rememberedUntil } from './session.js'
import type { Entry, Found, Kept, Storage } from './storage.js'

/** What a store holds, in counts alone. */
export interface StoreReport {
  readonly holds: {
    readonly sessions: number
    /** Those of them that are open. */
    readonly open: number
    readonly books: number
    readonly legs: number
    /** External ids and idempotency keys. */
    readonly keys: number
    /** Sealed with a key that writes no more. */
    readonly old: number
  }
  /** What must not be. */
  readonly wrong: {
    /** Altered, or sealed with another key. */
    readonly unreadable: number
    /** Sides of open sessions that the person's book does not lead to: a call there is refused. */
    readonly sidesWithoutLeg: number
    /** Sessions that no list has. */
    readonly unlisted: number
  }
  /** What a crash or time leaves. It does no harm, and is put right by itself. */
  readonly leftOver: {
    readonly legs: number
    readonly keys: number
    readonly entries: number
  }
}

/** How many entries of the list are read at once. */
const STEP = 200

/** Reads everything and says what does not fit together. What changes meanwhile is looked at again before it counts. */
export async function checkStore(storage: Storage, memory: Memory): Promise<StoreReport> {
  const holds = { sessions: 0, open: 0, books: 0, legs: 0, keys: 0, old: 0 }
  const wrong = { unreadable: 0, sidesWithoutLeg: 0, unlisted: 0 }
  const leftOver = { legs: 0, keys: 0, entries: 0 }
  const unlisted = new Set<string>()

  for (const kind of KINDS) {
    for await (const found of storage.all(kind)) {
      for (const { unreadable, isOld } of found) {
        if (unreadable) wrong.unreadable += 1
        if (isOld) holds.old += 1
      }
      const readable = found.filter(({ unreadable }) => !unreadable)
      if (kind === SESSION_KIND) await checkRecords(readable)
      if (kind === BOOK_KIND) await checkBooks(readable)
      if (kind === NAME_KIND || kind === REQUEST_KIND) await checkLeads(readable)
    }
  }
  await checkList()
  return { holds, wrong, leftOver }

  async function checkRecords(found: readonly Found[]): Promise<void> {
    for (const kept of found) {
      const record = remembered(kept.name, kept)
      if (!record) continue
      holds.sessions += 1
      unlisted.add(kept.name)
      if (!isOpen(record, storage.now())) continue
      holds.open += 1
      if ((await withoutLeg(record)) > 0) wrong.sidesWithoutLeg += await stillWithoutLeg(kept.name)
    }
  }

  /** How many sides of a session the book of the person does not lead to. */
  async function withoutLeg({ session: { id, participants } }: SessionRecord): Promise<number> {
    const books = await storage.read(participants.map(({ number }) => bookKey(number)))
    const isMissing = participants.map(({ maskingNumber }, side) => {
      const book = books[side]?.unreadable ? undefined : readBook(books[side])
      // One that cannot be read is counted as such.
      if (!book) return false
      return !book.some((leg) => leg.maskingNumber === maskingNumber && leg.sessionId === id && !leg.ended)
    })
    return isMissing.filter(Boolean).length
  }

  /** It may have ended, or got somebody else, since its record was read. */
  async function stillWithoutLeg(id: string): Promise<number> {
    const [kept] = await storage.read([recordKey(id)])
    const record = remembered(id, kept)
    return record && isOpen(record, storage.now()) ? withoutLeg(record) : 0
  }

  async function checkBooks(found: readonly Found[]): Promise<void> {
    const books = found.map(readBook)
    holds.books += books.length
    for (const book of books) holds.legs += book.length
    const live = books.flatMap(liveLegs).filter(({ claim }) => storage.now() >= claim.at + ABANDONED_MS)
    const records = await storage.read(live.map(({ sessionId }) => recordKey(sessionId)))
    leftOver.legs += records.filter((record) => record === undefined).length
  }

  async function checkLeads(found: readonly Found[]): Promise<void> {
    const leads = found.map(leadIn).filter((lead) => lead !== undefined)
    holds.keys += leads.length
    const records = await storage.read(leads.map(({ s }) => recordKey(s)))
    const toNowhere = leads.filter(({ a }, i) => !records[i] && storage.now() >= a + JOIN_MS)
    leftOver.keys += toNowhere.length
  }

  async function checkList(): Promise<void> {
    let after: Entry | undefined
    for (;;) {
      const entries = await storage.entries(ALL_SESSIONS, { order: 'oldest first', after, limit: STEP })
      const unknown = entries.filter(({ id }) => !unlisted.delete(id))
      const records = await storage.read(unknown.map(({ id }) => recordKey(id)))
      const toNowhere = unknown.filter(({ at }, i) => !records[i] && storage.now() >= at + JOIN_MS)
      leftOver.entries += toNowhere.length
      after = entries.at(-1)
      if (entries.length < STEP) break
    }
    for (const id of unlisted) {
      const [kept] = await storage.read([recordKey(id)])
      if (remembered(id, kept)) wrong.unlisted += 1
    }
  }

  /** A record that can be read, of a session that is not forgotten. */
  function remembered(id: string, kept: Kept | undefined): SessionRecord | undefined {
    const record = kept?.unreadable ? undefined : readRecord(id, kept)
    if (record?.kind !== 'session') return undefined
    return storage.now() < rememberedUntil(endOf(record.session), memory) ? record : undefined
  }
}

function liveLegs(book: Book): Book {
  return book.filter(({ ended }) => !ended)
}
