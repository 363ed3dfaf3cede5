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
  through(id: string, write: () => Promise<boolean>): Promise<boolean>
}

/**
 * Milliseconds for which an entry is left in the list although its record has nothing to tell: whoever put it there may be about to
 * write. Whoever took half of that puts it there again.
 */
export const UNWRITTEN_MS = 60 * 60 * 1_000

/** Bytes that tell one entry of a record from any other. */
const MARK_BYTES = 6

export interface ToTellOptions {
  readonly storage: Storage
  readonly list: Key
  /** Told of each entry whose record was written. */
  readonly onWritten: (entry: Entry) => void
}

export function createToTell({ storage, list, onWritten }: ToTellOptions): ToTell {
  const newMark = createRandomPieces(MARK_BYTES)

  return {
    async through(id, write) {
      const entry = await enlist(id)
      if (!(await write())) {
        // It leads to nothing, and the next attempt has an entry of its own: whoever takes this one out takes out nothing else.
        await storage.delist(list, [entry])
        return false
      }
      const isLate = storage.now() - entry.at >= UNWRITTEN_MS / 2
      onWritten(isLate ? await enlist(id) : entry)
      return true
    },
  }

  async function enlist(id: string): Promise<Entry> {
    const entry = { id: `${id}.${newMark().toString('base64url')}`, at: storage.now() }
    await storage.enlist(list, entry, Number.POSITIVE_INFINITY)
    return entry
  }
}

/** The record that an entry leads to. */
export function recordOfEntry({ id }: Entry): string {
  return id.slice(0, id.lastIndexOf('.'))
}
