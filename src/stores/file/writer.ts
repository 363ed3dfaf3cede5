import { AS_BEFORE, type Entry } from '../../masking/storage.js'
import type { Database } from './database.js'
import { CLOCK_KEY, entryKey, PERISHABLE, perishable, textOf, untilOf } from './layout.js'

/** What is asked of the thread that writes. Lists and texts go by their keys. */
export type Write = Swap | Enlist | Delist | Forget | NoteTime

interface Swap {
  readonly do: 'swap'
  readonly key: string
  readonly was: string | undefined
  readonly text: string | undefined
  /** Milliseconds since 1970, or as long as the one in whose place it comes. */
  readonly until: number | typeof AS_BEFORE
}

interface Enlist {
  readonly do: 'enlist'
  readonly list: string
  readonly entry: Entry
  /** Milliseconds since 1970. */
  readonly until: number
}

interface Delist {
  readonly do: 'delist'
  readonly list: string
  readonly entries: readonly Entry[]
}

/** Drops some of what is over. */
interface Forget {
  readonly do: 'forget'
}

/** Writes the time, when it was not written for so many milliseconds. */
interface NoteTime {
  readonly do: 'note time'
  readonly afterMs: number
}

/** What was asked for in one turn of the event loop. */
export interface WriteBatch {
  readonly writes: readonly Write[]
  /** The store's clock, milliseconds since 1970. */
  readonly now: number
}

export interface Writer {
  /** Does all of them in one transaction, which is on disk when this returns. Says of each write whether it changed anything. */
  write(batches: readonly WriteBatch[]): (readonly boolean[])[]
  /** The highest time that was written, milliseconds since 1970. */
  readonly clock: number
}

/** How many texts and entries are looked at in one go. */
const PIECE = 2_000

/** The rules of writing. Nobody else may write to the database. */
export function createWriter(db: Database): Writer {
  let clock = Number(db.get(CLOCK_KEY) ?? 0)
  /** Where the search for what is over goes on. */
  let place = PERISHABLE.start

  function perform(write: Write, now: number): boolean {
    switch (write.do) {
      case 'swap':
        return swap(write)
      case 'enlist':
        return enlist(write)
      case 'delist':
        return delist(write)
      case 'forget':
        return forget(now)
      case 'note time':
        return now >= clock + write.afterMs
    }
  }

  function swap({ key, was, text, until }: Swap): boolean {
    const value = db.get(key)
    if ((value === undefined ? undefined : textOf(value)) !== was) return false
    if (text === undefined) db.remove(key)
    else db.put(key, perishable(text, until === AS_BEFORE ? untilOf(value ?? 'Infinity') : until))
    return true
  }

  function enlist({ list, entry, until }: Enlist): boolean {
    const key = entryKey(list, entry)
    const value = db.get(key)
    if (value === undefined || untilOf(value) < until) db.put(key, String(until))
    return true
  }

  function delist({ list, entries }: Delist): boolean {
    for (const entry of entries) db.remove(entryKey(list, entry))
    return entries.length > 0
  }

  /** Looks at the next texts and entries, and begins again when it is through. */
  function forget(now: number): boolean {
    const looked = [...db.getRange({ ...PERISHABLE, start: place, limit: PIECE })]
    const over = looked.filter(({ value }) => untilOf(value) < now)
    for (const { key } of over) db.remove(key)
    // The last is looked at again: it may have been replaced.
    place = looked[PIECE - 1]?.key ?? PERISHABLE.start
    return over.length > 0
  }

  return {
    get clock() {
      return clock
    },
    write(batches) {
      const now = Math.max(...batches.map((batch) => batch.now))
      const before = { clock, place }
      try {
        return db.transactionSync(() => {
          const results = batches.map(({ writes }) => writes.map((write) => perform(write, now)))
          // Whoever comes back to what is written here finds it at this time or later.
          if (now > clock && results.flat().includes(true)) {
            clock = now
            db.put(CLOCK_KEY, String(now))
          }
          return results
        })
      } catch (error) {
        ;({ clock, place } = before)
        throw error
      }
    },
  }
}
