import { setImmediate as turn } from 'node:timers/promises'
import { inPieces } from '../in-pieces.js'
import { createLease } from '../masking/lease.js'
import {
  AS_BEFORE,
  type Entry,
  type Kept,
  type Key,
  type Storage,
  StoreUnavailableError,
  type Unreadable,
} from '../masking/storage.js'
import { recordOfEntry, UNWRITTEN_MS, type WrittenEntry } from '../masking/to-tell.js'
import type { Outbox } from './outbox.js'
import type { News, Source } from './source.js'

/** Brings what records have to tell into the outbox. Whatever a crash cuts off is done again, and makes the same events. */
export interface Relay {
  /** A record of this process has something to tell: it is told at once. */
  noteWritten(source: Source, written: WrittenEntry): void
  /** To be called every second: brings what others left behind, on one instance at a time. */
  upkeep(): Promise<void>
  /** Resolves when all that was noted so far is told, or left in the list. */
  idle(): Promise<void>
}

export interface RelayOptions {
  readonly storage: Storage
  readonly outbox: Pick<Outbox, 'add'>
  readonly sources: readonly Source[]
  readonly onUnreadable: (reason: Unreadable) => void
  /** Told of an error that is no failure of the store. */
  readonly onError: (error: unknown) => void
}

/** How many entries are taken at once, how many of them each upkeep takes, and how many records are worked on at once. */
export const RELAY_STEP = 200
export const RELAY_MAX = 2_000
const AT_A_TIME = 16
/** How many entries of its own an instance remembers. Others it finds in the list. */
const MAX_OWN = 10_000
/** Milliseconds for which an entry is left to the instance that made it. */
export const OWN_MS = 1_500
/** Milliseconds after which another instance goes on for one that has gone. */
const LEASE_MS = 10_000
/** Milliseconds for which an entry is kept whose record cannot be read here: somebody else may have the key. */
const UNREADABLE_MS = 24 * 60 * 60 * 1_000

export function createRelay({ storage, outbox, sources, onUnreadable, onError }: RelayOptions): Relay {
  const lease = createLease(storage, { kind: 'event-lease', id: 'relay' }, LEASE_MS)
  const own = new Map<Source, WrittenEntry[]>(sources.map((source) => [source, []]))
  /** Behind those that nothing could be done about this time. */
  const seen = new Map<Source, Entry>()
  let telling: Promise<void> | undefined

  return {
    noteWritten(source, written) {
      const waiting = own.get(source)
      if (waiting && waiting.length < MAX_OWN) waiting.push(written)
      telling ??= turn().then(tellOwn)
    },

    async upkeep() {
      for (const source of sources) await tellListed(source)
    },

    async idle() {
      await telling
    },
  }

  /** In pieces, which grow with the load: while one is told, others come. */
  async function tellOwn(): Promise<void> {
    try {
      // Around again, because others come meanwhile.
      while ([...own.values()].some((waiting) => waiting.length > 0))
        for (const [source, waiting] of own)
          if (waiting.length > 0) await tell(source, waiting.splice(0, RELAY_STEP))
    } catch (error) {
      // They stand in the list all the same.
      if (!(error instanceof StoreUnavailableError)) onError(error)
    } finally {
      telling = undefined
    }
  }

  async function tellListed(source: Source): Promise<void> {
    for (let looked = 0; looked < RELAY_MAX; looked += RELAY_STEP) {
      const after = seen.get(source)
      const entries = await storage.entries(source.list, { order: 'oldest first', after, limit: RELAY_STEP })
      const due = entries.filter(({ at }) => at + OWN_MS <= storage.now())
      const last = due.at(-1)
      if (last && due.length === RELAY_STEP) seen.set(source, last)
      else seen.delete(source)
      if (
        !last ||
        !(await lease.take()) ||
        !(await tell(
          source,
          due.map((entry) => ({ entry })),
        )) ||
        due.length < RELAY_STEP
      )
        return
    }
  }

  /** False where what was told may still be lost: then there is no use in telling more. */
  async function tell(source: Source, listed: readonly WrittenEntry[]): Promise<boolean> {
    const toTell: Telling[] = []
    const over: Entry[] = []
    const areOver = (entries: readonly Entry[], why: NoNews) =>
      over.push(...entries.filter(({ at }) => at + PATIENCE_MS[why] <= storage.now()))
    for (const record of await recordsOf(source, listed)) {
      const { id, entries, kept } = record
      const news = newsIn(source, record)
      if (typeof news === 'string') areOver(entries, news)
      else {
        toTell.push({ key: source.keyOf(id), kept, news })
        areOver(
          entries.filter((entry) => !news.entries.includes(entry)),
          'nothing',
        )
      }
    }

    const touched = await outbox.add(toTell.flatMap(({ news }) => news.events))
    const isSafe = touched.length === 0 || (await storage.confirm(touched))
    if (isSafe)
      await inPieces(toTell, AT_A_TIME, async ({ key, kept, news: { told, entries } }) => {
        // Whoever was faster has told it too, or has more to tell.
        const isDone =
          told === undefined || (await storage.swap({ key, was: kept, value: told, until: AS_BEFORE }))
        if (isDone) over.push(...entries)
      })
    await storage.delist(source.list, over)
    return isSafe
  }

  /** The records that entries lead to. Those of which it is known what was written are not read again. */
  async function recordsOf(
    source: Source,
    listed: readonly WrittenEntry[],
  ): Promise<readonly ListedRecord[]> {
    const byId = new Map<string, ListedRecord>()
    for (const { entry, value } of listed) {
      const id = recordOfEntry(entry)
      const known = byId.get(id)
      byId.set(id, { id, entries: [...(known?.entries ?? []), entry], written: value ?? known?.written })
    }
    const records = [...byId.values()]
    const unknown = records.filter(({ written }) => written === undefined)
    const found = await storage.read(unknown.map(({ id }) => source.keyOf(id)))
    const read = new Map(unknown.map(({ id }, i) => [id, found[i]]))
    return records.map((record) => ({ ...record, kept: read.get(record.id) }))
  }

  function newsIn(source: Source, { id, kept, written, entries }: ListedRecord): News | NoNews {
    if (written !== undefined) return source.newsIn(id, { value: written }, entries)
    if (!kept?.unreadable) return source.newsIn(id, kept, entries)
    onUnreadable(kept.unreadable)
    return 'unreadable'
  }
}

type NoNews = 'nothing' | 'gone' | 'unreadable'

/** Milliseconds for which an entry is kept that leads to no news. */
const PATIENCE_MS: Readonly<Record<NoNews, number>> = {
  nothing: UNWRITTEN_MS,
  gone: 0,
  unreadable: UNREADABLE_MS,
}

/** A record, and the entries that lead to it. */
interface ListedRecord {
  readonly id: string
  readonly entries: readonly Entry[]
  /** What was read, or what this process wrote. */
  readonly kept?: Kept | undefined
  readonly written: unknown
}

interface Telling {
  readonly key: Key
  readonly kept: Kept | undefined
  readonly news: News
}
