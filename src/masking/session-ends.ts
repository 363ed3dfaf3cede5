import { inPieces } from '../in-pieces.js'
import { recordKey, SESSION_ENDS } from './keys.js'
import { createLease } from './lease.js'
import { isOpen, readRecord, type SessionRecord } from './record.js'
import type { Records } from './records.js'
import { keysLeadingTo } from './reservations.js'
import type { Session } from './session.js'
import { type SessionNews, withNearTold, withNews } from './session-news.js'
import type { Entry, Kept, Storage } from './storage.js'

/** What is told of sessions, also that they end by themselves, or are about to. */
export interface SessionEnds {
  /** A record that also says what happens to it now. */
  told(record: SessionRecord, news: Pick<SessionNews, 'kind' | 'changed'>): SessionRecord
  /**
   * Writes a record whose end is new.
   *
   * @param write must not write before `listed`: then it is listed when to look at the session, and a crash forgets no end
   */
  through(
    record: SessionRecord,
    since: 'opened' | 'changed',
    write: (listed: Promise<unknown>) => Promise<boolean>,
  ): Promise<boolean>
  /** To be called every second: tells of those that ended, or will end soon, a bounded piece at a time. */
  upkeep(): Promise<void>
}

/** Where nobody is told. */
export const noEnds: SessionEnds = {
  told: (record) => record,
  through: (_record, _since, write) => write(Promise.resolve()),
  upkeep: async () => undefined,
}

export interface SessionEndsOptions {
  readonly storage: Storage
  readonly records: Pick<Records, 'write'>
  /** Milliseconds before the end of a session, in which it is told that the end is near; 0: it is not told. */
  readonly nearMs: number
}

/** How many sessions each upkeep looks at, and at how many at once. */
export const ENDS_STEP = 400
const AT_A_TIME = 16
/** Milliseconds after which another instance goes on for one that has gone. */
const LEASE_MS = 10_000
/** Milliseconds for which an entry is left that leads to nothing: whoever put it there may be about to write the session. */
export const OPENING_MS = 60_000
/**
 * Milliseconds for which an entry is left whose session ends later: whoever put it there may be about to move the end so near. No
 * store takes as long to write, and whoever wrote late puts it there again. Where ends are moved all the time, many are such.
 */
export const MOVING_MS = 5_000
/** Milliseconds after which a session is looked at again that cannot be read here: another instance may have the key. */
export const UNREADABLE_MS = 30_000

/** No id of a session has one. */
const SEPARATOR = '.'

export function createSessionEnds({ storage, records, nearMs }: SessionEndsOptions): SessionEnds {
  const lease = createLease(storage, { kind: 'session-lease', id: 'ends' }, LEASE_MS)
  /** Behind those that nothing could be done about this time. */
  let seen: Entry | undefined

  return {
    told(record, { kind, changed }) {
      if (kind === 'changed' && changed?.length === 0) return record
      const told = withNews(record, { kind, changed, at: storage.now() })
      const isEndNew = kind === 'opened' || changed?.includes('expires_at')
      // Whoever opens a session, or moves its end, when that is near already just knows.
      return isEndNew && isNear(record.session) ? withNearTold(told) : told
    },

    async through(record, since, write) {
      const { id, expiresAt } = record.session
      const at = nextLook(expiresAt)
      // Of most sessions this is the only entry. Their id is in memory anyway: a text of its own would weigh 60 bytes more for each.
      // A change needs one, because the entry that is there has to stay until the change is written. So does a request that has
      // keys, because another with the same keys opens the same session.
      const isOnlyEntry = since === 'opened' && keysLeadingTo(record).length === 0
      const entry = isOnlyEntry ? { id, at } : timedEntry(id, at)
      if (!(await write(enlist(entry)))) return false
      if (at <= storage.now()) await enlist(entry)
      return true
    },

    async upkeep() {
      const piece = { order: 'oldest first', after: seen, limit: ENDS_STEP } as const
      const entries = await storage.entries(SESSION_ENDS, piece)
      const due = entries.filter(({ at }) => at <= storage.now())
      seen = due.length === ENDS_STEP ? due.at(-1) : undefined
      if (due.length === 0 || !(await lease.take())) return
      const found = await storage.read(due.map((entry) => recordKey(sessionOfEntry(entry))))
      const done: Entry[] = []
      const work = due.map((entry, i) => async () => {
        if (await isDone(entry, found[i])) done.push(entry)
      })
      await inPieces(work, AT_A_TIME, (one) => one())
      await storage.delist(SESSION_ENDS, done)
    },
  }

  /** When to look at an open session next: when its end is near, then at its end. */
  function nextLook(expiresAt: number): number {
    const near = expiresAt - nearMs
    return nearMs > 0 && near > storage.now() ? near : expiresAt
  }

  function isNear({ expiresAt }: Session): boolean {
    return nearMs > 0 && expiresAt - nearMs <= storage.now()
  }

  function enlist(entry: Entry): Promise<void> {
    return storage.enlist(SESSION_ENDS, entry, Number.POSITIVE_INFINITY)
  }

  /** False when it has to be looked at again. Any other entry that is needed is put into the list before this one is taken out. */
  async function isDone(entry: Entry, kept: Kept | undefined): Promise<boolean> {
    const [id, now] = [sessionOfEntry(entry), storage.now()]
    if (kept?.unreadable) {
      await enlist(timedEntry(id, now + UNREADABLE_MS))
      return true
    }
    const record = readRecord(id, kept)
    if (!record) return entry.at + OPENING_MS <= now
    if (record.kind !== 'session') return true
    if (!isOpen(record, now)) return rewritten(afterEnd(record), kept)
    const { session } = record
    if (!isNear(session) && entry.at + MOVING_MS > now) return false
    await enlist(timedEntry(id, nextLook(session.expiresAt)))
    return !isNear(session) || rewritten(nearEnd(record), kept)
  }

  async function rewritten(record: SessionRecord | undefined, was: Kept | undefined): Promise<boolean> {
    return !record || records.write({ ...record, version: record.version + 1 }, was)
  }

  function afterEnd(record: SessionRecord): SessionRecord | undefined {
    const { session, telling } = record
    if (session.closedAt !== undefined || telling?.isEndTold) return undefined
    return withNews({ ...record, isOver: true }, { kind: 'expired', at: session.expiresAt })
  }

  function nearEnd(record: SessionRecord): SessionRecord | undefined {
    const { session, telling } = record
    if (telling?.nearTold === session.expiresAt) return undefined
    return withNews(record, { kind: 'expiring', at: storage.now() })
  }
}

/** An entry that can stand beside others of the same session. */
function timedEntry(sessionId: string, at: number): Entry {
  return { id: [sessionId, at].join(SEPARATOR), at }
}

function sessionOfEntry({ id }: Entry): string {
  const [session = ''] = id.split(SEPARATOR)
  return session
}
