import { closeSync, openSync } from 'node:fs'
import { destination } from 'pino'
import type { AuditSink } from './audit-trail.js'

/** Bytes that wait to be written to a file. What comes on top is dropped. */
export const MAX_WAITING_BYTES = 4 * 1024 * 1024

/** A sink with an end. */
export interface ClosableSink extends AuditSink {
  /** Calls back when all is written, or cannot be. The function that it returns gives up what is left. */
  close(done: () => void): () => void
}

/** Appends to a file that only this user can read. Throws the error of opening it. */
export function fileSink(file: string, onError: (error: Error) => void): ClosableSink {
  // Opened here once, so that what cannot work is told at the start.
  closeSync(openSync(file, 'a', FILE_MODE))
  const stream = destination({ dest: file, sync: false, append: true, maxLength: MAX_WAITING_BYTES })
  stream.on('error', onError)
  return {
    write: (line) => stream.write(line),
    close(done) {
      // Otherwise it would try again and again as the process exits, for ever.
      const giveUp = () => stream.destroy()
      stream.once('error', giveUp)
      stream.once('close', done)
      stream.end()
      return giveUp
    },
  }
}

const FILE_MODE = 0o600
