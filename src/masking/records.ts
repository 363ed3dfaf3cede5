import { recordKey } from './keys.js'
import { readRecord, recordValue, type SessionRecord } from './record.js'
import { endOf } from './session.js'
import { newsOf } from './session-news.js'
import { type Kept, type Storage, StoreUnavailableError } from './storage.js'
import type { ToTell } from './to-tell.js'

/** The records of sessions. */
export interface Records {
  /** That of a session that somebody waits for. Rejects with an `UnreadableSessionError` where it cannot be read. */
  find(id: string): Promise<Remembered>
  /** Writes a record with some changes in the place of the one that was read. False when somebody was faster. */
  rewrite(record: SessionRecord, was: Kept | undefined, changes: Partial<SessionRecord>): Promise<boolean>
  /**
   * Writes a record as it is.
   *
   * @param listed settles when it stands in other lists, or cannot; nothing is written before, or then
   */
  write(record: SessionRecord, was: Kept | undefined, listed?: Promise<unknown>): Promise<boolean>
  /** Lists a record that is there, if it has something to tell. Resolves to true when it stands in other lists too. */
  listToTell(record: SessionRecord, listed: Promise<unknown>): Promise<boolean>
  /** It ended so long ago that it only waits for the upkeep. */
  isForgotten(record: SessionRecord): boolean
}

/** What was read; without a record where there is none that is remembered. */
export interface Remembered {
  readonly record?: SessionRecord
  readonly kept?: Kept | undefined
}

export interface RecordsOptions {
  readonly storage: Storage
  /** Until when a session that ended is remembered. */
  readonly rememberedUntil: (endedAt: number) => number
  /** Where records are listed that have something to tell; undefined where nobody is told. */
  readonly toTell?: ToTell | undefined
}

export function createRecords({ storage, rememberedUntil, toTell }: RecordsOptions): Records {
  return {
    async find(id) {
      const [kept] = await storage.read([recordKey(id)])
      // A key of another type is a store that fails.
      if (kept?.unreadable === 'wrong-type') throw new StoreUnavailableError()
      const record = readRecord(id, kept)
      return record?.kind === 'session' && !isForgotten(record) ? { record, kept } : { kept }
    },
    rewrite: (record, was, changes) => write({ ...record, ...changes, version: record.version + 1 }, was),
    write,
    listToTell: (record, listed) => tellingOf(record, listed, async () => true),
    isForgotten,
  }

  function isForgotten({ session }: SessionRecord): boolean {
    return storage.now() >= rememberedUntil(endOf(session))
  }

  function write(record: SessionRecord, was: Kept | undefined, listed?: Promise<unknown>): Promise<boolean> {
    const { session } = record
    const until = rememberedUntil(endOf(session))
    const swap = () => storage.swap({ key: recordKey(session.id), was, value: recordValue(record), until })
    return tellingOf(record, listed, swap)
  }

  async function tellingOf(
    record: SessionRecord,
    listed: Promise<unknown> | undefined,
    write: () => Promise<boolean>,
  ): Promise<boolean> {
    if (toTell && newsOf(record).length > 0) return toTell.through({ id: record.session.id, listed }, write)
    await listed
    return write()
  }
}
