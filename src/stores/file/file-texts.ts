import { closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import type { Clock } from '../../clock.js'
import { type Entry, StoreUnavailableError } from '../../masking/storage.js'
import { type Texts, WRONG_TYPE } from '../texts.js'
import { checkFiles } from './check-files.js'
import { type Database, openToRead } from './database.js'
import { StoreFolderError } from './folder-error.js'
import { entriesOf, entryKey, type FileKey, foundText, listKey, textKey, textOf, textsOf } from './layout.js'
import { type Ownership, takeFolder } from './ownership.js'
import type { Write } from './writer.js'
import { startWritingThread, type WritingThread } from './writing-thread.js'

/** Texts in a folder of this machine. What was acknowledged is on disk. */
export interface FileTexts extends Texts {
  /** Milliseconds by which the clock of this machine was behind that of the store when it was opened. */
  readonly behindMs: number
  /** Gives up the folder when all is done that was asked. */
  close(): Promise<void>
}

export interface FileTextsOptions {
  /** An absolute path. It is made where it is missing. */
  readonly folder: string
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly after: Clock['after']
  /** Milliseconds after which nobody waits for the disk any longer: a `StoreUnavailableError`, and it may still be done. */
  readonly answerLimitMs?: number
  /** Called when nothing can be written any longer, with the reason, and when that is over; once a second at most. */
  readonly onChange?: (isUp: boolean, why?: string) => void
}

const ANSWER_LIMIT_MS = 2_000

/** How many texts are found in one go. */
const PIECE = 500

/** How long the time is not written at most where nothing else is, in milliseconds. */
const NOTE_TIME_MS = 10_000

interface Running {
  readonly thread: WritingThread
  readonly reader: Database
}

/**
 * Opens the store in a folder. Rejects with a `StoreFolderError` when it cannot be used.
 *
 * Reads are done here: they touch memory that is mapped, and cost less than asking. Writes go to a thread of their own, because
 * each waits for the disk.
 */
export async function openFileTexts({
  folder,
  now,
  after,
  answerLimitMs = ANSWER_LIMIT_MS,
  onChange = ignore,
}: FileTextsOptions): Promise<FileTexts> {
  let highest = 0
  let isUp = true
  /** Whether a write failed since the last upkeep. */
  let hasFailed = false
  let isClosed = false
  let mayRestart = true
  let starting: Promise<Running> | undefined
  let running: Running | undefined

  const owner = await own(folder)
  try {
    checkFiles(folder)
    running = await start()
    flushFolder(folder)
  } catch (error) {
    await owner.release()
    if (error instanceof StoreFolderError) throw error
    throw new StoreFolderError(`The store in ${folder} (STORE_URL) cannot be opened: ${String(error)}`)
  }
  const behindMs = Math.max(0, highest - now())

  function clock(): number {
    highest = Math.max(highest, now())
    return highest
  }

  async function start(): Promise<Running> {
    const thread = startWritingThread({
      folder,
      now: clock,
      after,
      answerLimitMs,
      onFailure(why) {
        hasFailed = true
        change(false, why)
      },
    })
    highest = Math.max(highest, await thread.ready)
    try {
      const reader = openToRead(folder)
      void thread.ended.then(() => ended(reader))
      return { thread, reader }
    } catch (error) {
      await thread.close()
      throw error
    }
  }

  /** What a thread has left half done keeps the database from being used, until it is closed everywhere. */
  async function ended(reader: Database): Promise<void> {
    running = undefined
    await reader.close()
    if (isClosed) return
    change(false, 'the thread that writes has ended')
    // One that ends again and again is left to the upkeep.
    if (!mayRestart) return
    mayRestart = false
    await restart().catch(ignore)
  }

  async function restart(): Promise<void> {
    starting ??= start()
    try {
      running = await starting
      change(true)
    } catch {
      throw new StoreUnavailableError()
    } finally {
      starting = undefined
    }
  }

  function change(up: boolean, why?: string): void {
    if (up === isUp) return
    isUp = up
    onChange(up, why)
  }

  /** Reads what is there now: else it would be what was there in the beginning of this turn of the event loop. */
  function reading<Result>(read: (db: Database) => Result): Result {
    if (!running) throw new StoreUnavailableError()
    try {
      running.reader.resetReadTxn()
      return read(running.reader)
    } catch (error) {
      if (error instanceof TypeError) throw error
      throw new StoreUnavailableError()
    }
  }

  async function write(write: Write): Promise<boolean> {
    if (!running || isClosed) throw new StoreUnavailableError()
    return running.thread.write(write)
  }

  return {
    behindMs,
    read: (names) =>
      reading((db) =>
        names.map((name) => {
          const value = db.get(textKey(name))
          return value === undefined ? undefined : textOf(value)
        }),
      ),
    async swap({ name, was, text, until }) {
      return was !== WRONG_TYPE && write({ do: 'swap', key: textKey(name), was, text, until })
    },
    async enlist(list, entry, until) {
      await write({ do: 'enlist', list: listKey(list), entry, until })
    },
    async delist(list, entries) {
      if (entries.length > 0) await write({ do: 'delist', list: listKey(list), entries })
    },
    async entries(list, { order, after, limit }) {
      const range = entriesOf(listKey(list))
      const isReverse = order === 'newest first'
      const [first, last] = isReverse ? [range.end, range.start] : [range.start, range.end]
      const begin = after ? entryKey(listKey(list), after) : first
      return reading((db) =>
        // One more, because `after` may be there.
        [...db.getKeys({ start: begin, end: last, reverse: isReverse, limit: limit + 1 })]
          .map(entryOf)
          .filter(({ id, at }) => id !== after?.id || at !== after.at)
          .slice(0, limit),
      )
    },
    async *all(kind) {
      const range = textsOf(kind)
      for (let start: string | undefined = range.start; start !== undefined; await turn()) {
        const piece = reading((db) => [
          ...db.getRange({ ...range, start: start as string, limit: PIECE + 1 }),
        ])
        if (piece.length > 0)
          yield piece.slice(0, PIECE).map(({ key, value }) => foundText(kind, key as string, value))
        start = piece[PIECE]?.key as string | undefined
      }
    },
    // What was acknowledged is on disk, and this is all there is.
    async confirm() {
      return true
    },
    now: clock,
    async upkeep() {
      if (isClosed) return
      mayRestart = true
      const wasQuiet = !hasFailed
      hasFailed = false
      if (!running) await restart()
      await Promise.all([
        write({ do: 'forget' }),
        // Where writing failed, this is the attempt that tells.
        write({ do: 'note time', afterMs: isUp ? NOTE_TIME_MS : 0 }),
      ])
      // On a full disk little things may be written between others that fail.
      if (wasQuiet) change(true)
    },
    async close() {
      if (isClosed) return
      const noted = write({ do: 'note time', afterMs: 0 }).catch(ignore)
      isClosed = true
      await noted
      await starting?.catch(ignore)
      await running?.thread.close()
      await owner.release()
    },
  }
}

async function own(folder: string): Promise<Ownership> {
  try {
    const made = mkdirSync(folder, { recursive: true, mode: 0o700 })
    if (made) flushFolder(dirname(made))
    return await takeFolder(folder)
  } catch (error) {
    if (error instanceof StoreFolderError) throw error
    throw new StoreFolderError(`The folder ${folder} (STORE_URL) cannot be used as a store: ${String(error)}`)
  }
}

/** Else a file or a folder that is new may be gone with the power, whatever was flushed of what is in it. */
function flushFolder(folder: string): void {
  const descriptor = openSync(folder, 'r')
  fsyncSync(descriptor)
  closeSync(descriptor)
}

function entryOf(key: FileKey): Entry {
  const [, at, id] = key as [string, number, string]
  return { id, at }
}

function ignore(): undefined {
  return undefined
}
