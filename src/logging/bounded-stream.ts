import { type Clock, systemClock } from '../clock.js'

/**
 * Writes some bytes, and says how many were written, or why not. It must neither block nor throw, whatever it writes to, and
 * is not called again before it has said so.
 */
export type Write = (bytes: Buffer, done: (error: Error | null, written: number) => void) => void

/** A stream of lines that neither keeps its writer waiting nor grows without bound. */
export interface BoundedStream {
  /** Takes a line to be written soon, or drops and counts it when too much waits. */
  write(line: string): void
  /** Calls back when all lines so far are written, or with the error of the first attempt that fails. */
  flush(done: (error?: Error) => void): void
  /** How many lines were dropped so far. */
  readonly dropped: number
}

export interface BoundedStreamOptions {
  readonly write: Write
  readonly clock?: Clock
  /** Told how many lines were dropped in a row, once writing works again. */
  readonly onRecovery: (dropped: number) => void
}

/** Bytes that may wait: some 3,000 lines of calls. */
export const MAX_WAITING_BYTES = 1024 * 1024
/** Bytes that are worth a write of their own at once. */
export const BATCH_BYTES = 32 * 1024
/** Milliseconds for which lines are gathered to be written together. */
export const BATCH_MS = 100
/** Milliseconds until what could not be written is tried again. */
export const RETRY_MS = 100

const NOTHING = Buffer.alloc(0)

/**
 * Gathers lines and writes them many at a time, one write after the other. What cannot be written (a full disk, a reader that
 * has stopped or gone) is kept and tried again; what then finds no room is dropped. Nothing is written at the exit of the
 * process, where it could only block: flush before.
 */
export function boundedStream({
  write,
  clock = systemClock,
  onRecovery,
}: BoundedStreamOptions): BoundedStream {
  let gathered = ''
  let underway = NOTHING
  /** Of both. */
  let waitingBytes = 0
  let dropped = 0
  let untold = 0
  let isWriting = false
  let callOff: (() => void) | undefined
  let flushes: ((error?: Error) => void)[] = []

  function take(line: string): void {
    const bytes = Buffer.byteLength(line)
    if (waitingBytes + bytes > MAX_WAITING_BYTES) {
      dropped += 1
      untold += 1
      return
    }
    waitingBytes += bytes
    gathered += line
    // After a failure the whole lot waits for the next attempt.
    if (isWriting || underway.length > 0) return
    if (waitingBytes >= BATCH_BYTES) writeNow()
    else callOff ??= clock.after(BATCH_MS, writeNow)
  }

  function writeNow(): void {
    callOff?.()
    callOff = undefined
    if (underway.length === 0) {
      underway = Buffer.from(gathered)
      gathered = ''
    }
    isWriting = true
    write(underway, onWritten)
  }

  function onWritten(error: Error | null, written: number): void {
    isWriting = false
    if (error) {
      callOff = clock.after(RETRY_MS, writeNow)
      settle(error)
      return
    }
    waitingBytes -= written
    underway = underway.subarray(written)
    if (untold > 0 && waitingBytes < MAX_WAITING_BYTES / 2) tellOfDrops()
    if (waitingBytes > 0) writeNow()
    else settle()
  }

  /** The line about it comes after those that were kept, where the dropped ones would have been. */
  function tellOfDrops(): void {
    const count = untold
    untold = 0
    isWriting = true
    onRecovery(count)
    isWriting = false
  }

  function settle(error?: Error): void {
    const settled = flushes
    flushes = []
    for (const done of settled) done(error)
  }

  function flush(done: (error?: Error) => void): void {
    if (waitingBytes > 0) {
      flushes.push(done)
      if (!isWriting) writeNow()
    } else done()
  }

  return {
    write: take,
    flush,
    get dropped() {
      return dropped
    },
  }
}
