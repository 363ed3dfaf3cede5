import type { Clock } from '../clock.js'
import { boundedStream } from '../logging/bounded-stream.js'
import { appendTo } from '../logging/writers.js'
import type { AuditSink } from './audit-trail.js'

/** A sink with an end. */
export interface ClosableSink extends AuditSink {
  /** Calls back when all is written, or cannot be. */
  close(done: () => void): void
}

/**
 * Appends to a file that only this user can read. Throws the error of opening it.
 *
 * @param onDrop told how many lines were dropped, once writing works again: the chain has a gap there
 */
export function fileSink(file: string, clock: Clock, onDrop: (dropped: number) => void): ClosableSink {
  const { write, flush } = boundedStream({ write: appendTo(file), clock, onRecovery: onDrop })
  return { write, close: (done) => flush(() => done()) }
}
