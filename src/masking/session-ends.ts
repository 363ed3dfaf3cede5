import { inPieces } from '../in-pieces.js'
import { recordKey, SESSION_ENDS } from './keys.js'
import { createLease } from './lease.js'
import { isOpen, readRecord, type SessionRecord } from './record.js'
import type { Records } from './records.js'
import type { Session } from './session.js'
import { type SessionNews, withNews } from './session-news.js'
import type { Entry, Kept, Storage } from './storage.js'

/** What is told of sessions, also that they end by themselves, or are about to. */
export interface SessionEnds {
  /** A record that also says what happens to it now. */
  told(record: SessionRecord, news: Pick<SessionNews, 'kind' | 'changed'>): SessionRecord
  /** Writes a record whose end is new. When it ends is listed before, so that a crash in between forgets no end. */
  through(record: SessionRecord, write: () => Promise<boolean>): Promise<boolean>
  /** To be called every second: tells of those that ended, or will end soon, a bounded piece at a time. */
  upkeep(): Promise<void>
}

/** Where nobody is told. */
export const noEnds: SessionEnds = {
  told: (record) => record,
  through: (_record, write) => write(),
  upkeep: async () => undefined,
}

export interface SessionEndsOptions {
  readonly storage: Storage
  readonly records: Pick<Records, 'write'>
  /** Milliseconds before the end of a session, in which it is told that the end is near; 0: it is not told. */
  readonly nearMs: number
}

/** How many ends each upkeep looks at, and at how many at once. */
export const ENDS_STEP = 400
const AT_A_TIME = 16
/** Milliseconds after which another instance goes on for one that has gone. */
const LEASE_MS = 10_000
/** Milliseconds for which an end is kept in the list whose record cannot be read here: somebody else may have the key. */
const UNREADABLE_MS = 24 * 60 * 60 * 1_000

type EndKind = 'expiring' | 'expired'

export function createSessionEnds({ storage, records, nearMs }: SessionEndsOptions): SessionEnds {
  const lease = createLease(storage, { kind: 'session-lease', id: 'ends' }, LEASE_MS)
  /** Behind those that nothing could be done about this time. */
  let seen: Entry | undefined

  return {
    told: (record, { kind, changed }) =>
      kind === 'changed' && changed?.length === 0
        ? record
        : withNews(record, { kind, changed, at: storage.now() }),

    async through({ session }, write) {
      const entries = entriesOf(session)
      await enlist(entries)
      if (!(await write())) return false
      // Whoever looked at it before it was written saw that it leads to nothing, and took it out.
      await enlist(entries.filter(({ at }) => at <= storage.now()))
      return true
    },

    async upkeep() {
      const piece = { order: 'oldest first', after: seen, limit: ENDS_STEP } as const
      const entries = await storage.entries(SESSION_ENDS, piece)
      const due = entries.filter(({ at }) => at <= storage.now())
      seen = due.length === ENDS_STEP ? due.at(-1) : undefined
      if (due.length === 0 || !(await lease.take())) return
      const found = await storage.read(due.map((entry) => recordKey(readEntry(entry).id)))
      const done: Entry[] = []
      const work = due.map((entry, i) => async () => {
        if (await isDone(entry, found[i])) done.push(entry)
      })
      await inPieces(work, AT_A_TIME, (one) => one())
      await storage.delist(SESSION_ENDS, done)
    },
  }

  /** A session that is no longer than the time before its end gets no word of it: whoever opened it just knows. */
  function entriesOf({ id, expiresAt }: Session): Entry[] {
    const near = expiresAt - nearMs
    const isTold = nearMs > 0 && near > storage.now()
    return [
      ...(isTold ? [{ id: `${id}.expiring.${expiresAt}`, at: near }] : []),
      { id: `${id}.expired.${expiresAt}`, at: expiresAt },
    ]
  }

  async function enlist(entries: readonly Entry[]): Promise<void> {
    await Promise.all(entries.map((entry) => storage.enlist(SESSION_ENDS, entry, Number.POSITIVE_INFINITY)))
  }

  /** False when it has to be looked at again. */
  async function isDone(entry: Entry, kept: Kept | undefined): Promise<boolean> {
    if (kept?.unreadable) return entry.at + UNREADABLE_MS <= storage.now()
    const { id, kind, expiresAt } = readEntry(entry)
    const record = readRecord(id, kept)
    if (record?.kind !== 'session' || record.session.expiresAt !== expiresAt) return true
    const next = kind === 'expired' ? afterEnd(record) : nearEnd(record)
    return !next || records.write({ ...next, version: record.version + 1 }, kept)
  }

  function afterEnd(record: SessionRecord): SessionRecord | undefined {
    const { session, telling } = record
    if (session.closedAt !== undefined || telling?.isEndTold) return undefined
    return withNews({ ...record, isOver: true }, { kind: 'expired', at: session.expiresAt })
  }

  function nearEnd(record: SessionRecord): SessionRecord | undefined {
    const { session, telling } = record
    if (!isOpen(record, storage.now()) || telling?.nearTold === session.expiresAt) return undefined
    return withNews(record, { kind: 'expiring', at: storage.now() })
  }
}

function readEntry({ id }: Entry): {
  readonly id: string
  readonly kind: EndKind
  readonly expiresAt: number
} {
  const [session = '', kind, expiresAt] = id.split('.')
  return { id: session, kind: kind as EndKind, expiresAt: Number(expiresAt) }
}
