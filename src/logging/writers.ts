import { constants, fstatSync, openSync, write } from 'node:fs'
import type { Writable } from 'node:stream'
import { isatty } from 'node:tty'
import type { Write } from './bounded-stream.js'

const { O_APPEND, O_CREAT, O_NOCTTY, O_NONBLOCK, O_WRONLY } = constants

/** Of a file that we make: only its owner may read it. */
const FILE_MODE = 0o600

/**
 * Writes to the standard output of this process, whatever that is, without ever blocking. What is never written to is left
 * alone.
 */
export function standardOutput(): Write {
  let chosen: Write | undefined
  return (bytes, done) => {
    chosen ??= writerOf(1, () => process.stdout)
    chosen(bytes, done)
  }
}

/** Writes to the end of a file, which is made where there is none, or to a named pipe. Throws where it cannot be opened. */
export function appendTo(path: string): Write {
  return writerTo(openSync(path, O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK, FILE_MODE))
}

/**
 * Writes to an open descriptor. A write to a pipe or terminal that takes nothing holds a thread, and a process that
 * has such a thread cannot end (seen with Node 20 and 24), so those are written to otherwise.
 *
 * @param stream the stream of Node's own on that descriptor, for a pipe: it does not block, and does not close
 *   the descriptor when the reader has gone, which a connection would get next
 */
export function writerOf(descriptor: number, stream: () => Writable): Write {
  const stats = fstatSync(descriptor)
  if (stats.isFIFO() || stats.isSocket()) return writerToStream(stream())
  return writerTo(isatty(descriptor) ? withoutBlocking(descriptor, `/dev/fd/${descriptor}`) : descriptor)
}

/** The same terminal, opened anew; where that is not possible, as it is. */
export function withoutBlocking(descriptor: number, path: string): number {
  try {
    return openSync(path, O_WRONLY | O_NONBLOCK | O_NOCTTY)
  } catch {
    return descriptor
  }
}

function writerTo(descriptor: number): Write {
  return (bytes, done) => write(descriptor, bytes, done)
}

function writerToStream(stream: Writable): Write {
  // Each write is told of its own error.
  stream.on('error', () => undefined)
  return (bytes, done) => stream.write(bytes, (error) => done(error ?? null, bytes.length))
}
