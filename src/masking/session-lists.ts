import { cursorAt, startOf } from './cursor.js'
import { ALL_SESSIONS, namesakesOf, pastOf, recordKey } from './keys.js'
import { type ReadRecord, readRecord, type SessionRecord } from './record.js'
import type { Records } from './records.js'
import { type Session, statusOf } from './session.js'
import type { SessionPage, SessionQuery } from './session-store.js'
import type { Entry, Kept, Key, Storage, Unreadable } from './storage.js'

/** In which lists a session stands: of all, of those with its external id, of a person's past ones. */
export interface SessionLists {
  /** To be done before the record is written: a crash in between would otherwise leave a session that is in no list. */
  enlist(session: Session): Promise<void>
  /** Keeps the list of an external id for as long as a session that was prolonged. */
  prolong(session: Session, until: number): Promise<void>
  /**
   * The book does not lead to this session, or not for as long as it is kept, but whoever looks for all that is kept of a
   * person has to find it. To be done before the book or the record says so.
   */
  notePast(person: string, entry: Entry, until: number): Promise<void>
  page(query: SessionQuery): Promise<SessionPage>
  /** Takes out of the list of all what is forgotten, a bounded piece at a time. */
  sweep(): Promise<void>
}

export interface SessionListsOptions {
  readonly storage: Storage
  readonly records: Records
  readonly rememberedUntil: (endedAt: number) => number
  readonly onUnreadable: (reason: Unreadable) => void
}

/** How many sessions a list looks at for one page, at most, and at how many at once. */
export const LIST_SCAN = 10_000
const LIST_STEP = 200
/** How many sessions of the list each upkeep looks at. */
export const UPKEEP_STEP = 1_000
/** How many entries of a short list are looked at for each new one. */
const TIDY_STEP = 4

export function createSessionLists(options: SessionListsOptions): SessionLists {
  const { storage, records, rememberedUntil, onUnreadable } = options
  let swept: Entry | undefined

  return {
    enlist,
    async prolong({ id, createdAt, externalId }, until) {
      if (externalId !== undefined)
        await storage.enlist(namesakesOf(externalId), { id, at: createdAt }, until)
    },
    notePast: (person, entry, until) => enlistShortly(pastOf(person), entry, until),
    page,
    sweep,
  }

  async function enlist({ id, createdAt, expiresAt, externalId }: Session): Promise<void> {
    const [entry, until] = [{ id, at: createdAt }, rememberedUntil(expiresAt)]
    await Promise.all([
      storage.enlist(ALL_SESSIONS, entry, Number.POSITIVE_INFINITY),
      externalId !== undefined && enlistShortly(namesakesOf(externalId), entry, until),
    ])
  }

  /** Into a list that lasts as long as it is used, so its old entries are taken out as new ones come. */
  async function enlistShortly(list: Key, entry: Entry, until: number): Promise<void> {
    await storage.enlist(list, entry, until)
    await unlistForgotten(list, await storage.entries(list, { order: 'oldest first', limit: TIDY_STEP }))
  }

  async function page({ externalId, status, from, to, cursor, limit }: SessionQuery): Promise<SessionPage> {
    const key = externalId === undefined ? ALL_SESSIONS : namesakesOf(externalId)
    const sessions: Session[] = []
    let after = startOf(cursor, to)
    let next = cursor
    for (let looked = 0; looked < LIST_SCAN; looked += LIST_STEP) {
      const entries = await storage.entries(key, { order: 'newest first', after, limit: LIST_STEP })
      const found = await storage.read(entries.map(({ id }) => recordKey(id)))
      for (const [i, entry] of entries.entries()) {
        if (from !== undefined && entry.at < from) return { sessions }
        if (sessions.length === limit) return { sessions, next }
        const record = readable(entry.id, found[i])
        const isAsked =
          record &&
          !records.isForgotten(record) &&
          (!status || statusOf(record.session, storage.now()) === status)
        if (isAsked) sessions.push(record.session)
        after = entry
        next = cursorAt(entry)
      }
      if (entries.length < LIST_STEP) return { sessions }
    }
    return { sessions, next }
  }

  /** A bad record must not hide the others. */
  function readable(id: string, kept: Kept | undefined): SessionRecord | undefined {
    if (kept?.unreadable) onUnreadable(kept.unreadable)
    const record = kept?.unreadable ? undefined : readRecord(id, kept)
    return record?.kind === 'session' ? record : undefined
  }

  async function sweep(): Promise<void> {
    const entries = await storage.entries(ALL_SESSIONS, {
      order: 'oldest first',
      after: swept,
      limit: UPKEEP_STEP,
    })
    await unlistForgotten(ALL_SESSIONS, entries)
    const last = entries.at(-1)
    const isEnd = entries.length < UPKEEP_STEP || (last && storage.now() < rememberedUntil(last.at))
    swept = isEnd ? undefined : last
  }

  async function unlistForgotten(list: Key, entries: readonly Entry[]): Promise<void> {
    // Each is remembered for longer than its list entry is young.
    const old = entries.filter(({ at }) => rememberedUntil(at) <= storage.now())
    if (old.length === 0) return
    const found = await storage.read(old.map(({ id }) => recordKey(id)))
    const gone = old.filter(({ id }, i) => isGone(id, found[i]))
    if (gone.length > 0) await storage.delist(list, gone)
  }

  function isGone(id: string, kept: Kept | undefined): boolean {
    if (!kept) return true
    if (kept.unreadable) return false
    const record: ReadRecord = readRecord(id, kept)
    return record?.kind === 'session' && records.isForgotten(record)
  }
}
