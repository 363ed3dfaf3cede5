import { bookValue, readBook } from './book.js'
import { BOOK_KIND, foundKey, recordKey, SESSION_KIND } from './keys.js'
import { readRecord, recordValue } from './record.js'
import { type Memory, rememberedUntil } from './session.js'
import { AS_BEFORE, type Found, type Storage } from './storage.js'

/**
 * Forgets what is past its time inside of what is kept on: who left a session that goes on, and whom somebody reached who has
 * other sessions. What is past its time as a whole is forgotten by the storage.
 */
export interface Retention {
  /** To be called every few seconds: goes on with the next piece of all that is kept. */
  sweep(): Promise<void>
}

export interface RetentionOptions extends Memory {
  readonly storage: Storage
}

export function createRetention({ storage, ...memory }: RetentionOptions): Retention {
  let walk = walkThrough()

  return {
    async sweep() {
      // One that failed has come to its end, too.
      const { done } = await walk.next()
      if (done) walk = walkThrough()
    },
  }

  async function* walkThrough(): AsyncGenerator<void, void, void> {
    for await (const found of storage.all(SESSION_KIND)) {
      for (const kept of found) await sweepRecord(kept)
      yield
    }
    for await (const found of storage.all(BOOK_KIND)) {
      for (const kept of found) await sweepBook(kept)
      yield
    }
  }

  function isPast(at: number): boolean {
    return storage.now() >= rememberedUntil(at, memory)
  }

  /** Whoever changes it meanwhile is faster, and the next walk comes again. */
  async function sweepRecord(found: Found): Promise<void> {
    const record = found.unreadable ? undefined : readRecord(found.name, found)
    if (record?.kind !== 'session') return
    const left = record.left.filter(({ at }) => !isPast(at))
    if (left.length === record.left.length) return
    const value = recordValue({ ...record, left, version: record.version + 1 })
    await storage.swap({ key: recordKey(found.name), was: found, value, until: AS_BEFORE })
  }

  async function sweepBook(found: Found): Promise<void> {
    if (found.unreadable) return
    const book = readBook(found)
    const legs = book.filter(({ ended }) => !ended || !isPast(ended.at))
    if (legs.length === book.length) return
    const value = legs.length === 0 ? undefined : bookValue(legs)
    await storage.swap({ key: foundKey(BOOK_KIND, found), was: found, value, until: AS_BEFORE })
  }
}
