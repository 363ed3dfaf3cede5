import { createRandomPieces } from '../random-pieces.js'
import type { Entry, Key, Storage } from './storage.js'

/**
 * Which records have something to tell of that is not in the outbox yet. A record stands in the list before it says so, so a
 * crash in between leaves an entry that leads to nothing new, and never a record that nobody looks at.
 */
export interface ToTell {
  /**
   * Writes a record that has something to tell.
   *
   * @param write false when somebody was faster, and then nothing is written
   */
  through(record: RecordToTell, write: () => Promise<boolean>): Promise<boolean>
}

export interface RecordToTell {
  readonly id: string
  /** The names of what is new in it, where the record itself does not say what is to be told. */
  readonly news?: readonly string[]
  /** What is written, where whoever tells it at once needs to know no more. */
  readonly value?: unknown
  /** Other lists that it is being put into, which is waited for before it is written. */
  readonly listed?: Promise<unknown> | undefined
}

/** An entry whose record was written here. */
export interface WrittenEntry {
  readonly entry: Entry
  readonly value?: unknown
}

/**
 * Milliseconds for which an entry is left in the list although its record has nothing to tell: whoever put it there may be about to
 * write. Whoever took half of that puts it there again.
 */
export const UNWRITTEN_MS = 60 * 60 * 1_000

/** Neither ids of records nor names of news have one. */
const SEPARATOR = ' '

/** Bytes that tell one entry of a record from any other. */
const MARK_BYTES = 6

export interface ToTellOptions {
  readonly storage: Storage
  readonly list: Key
  /** Told of each entry whose record was written. */
  readonly onWritten: (written: WrittenEntry) => void
}

export function createToTell({ storage, list, onWritten }: ToTellOptions): ToTell {
  const newMark = createRandomPieces(MARK_BYTES)

  return {
    async through({ id, news = [], value, listed }, write) {
      const [entry] = await Promise.all([enlist(id, news), listed])
      if (!(await write())) {
        // It leads to nothing, and the next attempt has an entry of its own: whoever takes this one out takes out nothing else.
        await storage.delist(list, [entry])
        return false
      }
      const isLate = storage.now() - entry.at >= UNWRITTEN_MS / 2
      onWritten({ entry: isLate ? await enlist(id, news) : entry, value })
      return true
    },
  }

  async function enlist(id: string, news: readonly string[]): Promise<Entry> {
    const mark = newMark().toString('base64url')
    const entry = { id: [id, mark, ...news].join(SEPARATOR), at: storage.now() }
    await storage.enlist(list, entry, Number.POSITIVE_INFINITY)
    return entry
  }
}

/** The record that an entry leads to. */
export function recordOfEntry({ id }: Entry): string {
  const [record = ''] = id.split(SEPARATOR)
  return record
}

/** The names of what is new in that record since then. */
export function newsOfEntry({ id }: Entry): readonly string[] {
  return id.split(SEPARATOR).slice(2)
}
