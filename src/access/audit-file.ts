import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import type { Piece, PlacedLine } from './audit-page.js'
import { type AuditReader, pageOfLines, readNothing } from './audit-reader.js'
import { hashOfLine } from './audit-trail.js'

/** Bytes that are read at once. */
export const CHUNK_BYTES = 64 * 1024
/** Bytes that are read for one page. */
export const PAGE_BYTES = 1024 * 1024
/** Bytes of the first line by which a file is told from others. A line of ours is shorter. */
const FIRST_LINE_BYTES = 4 * 1024

const LINE_BREAK = 0x0a
/** What came in the place of the file, such as a pipe, must not hold the reader. */
const READ = constants.O_RDONLY | constants.O_NONBLOCK

/** Reads the file of a trail, whoever writes to it. */
export function fileReader(path: string): AuditReader {
  return async (query, cursor) => {
    const file = await open(path, READ).catch(() => undefined)
    if (!file) return readNothing(query, cursor)
    try {
      const stats = await file.stat()
      if (!stats.isFile()) return await readNothing(query, cursor)
      const name = await nameOf(file)
      const before = (end: number) => linesBefore(file, end)
      const page = await pageOfLines({ name, end: stats.size, before }, query, cursor)
      return { covers: 'file', ...page }
    } finally {
      await file.close()
    }
  }
}

/** The same for as long as the file only grows, and another one after it was emptied or replaced. */
async function nameOf(file: FileHandle): Promise<string> {
  const start = await readAt(file, 0, FIRST_LINE_BYTES)
  return hashOfLine(start.toString('latin1', 0, start.indexOf(LINE_BREAK) + 1))
}

/**
 * The lines before a place, from the last one backwards, as many as stand in `PAGE_BYTES`. A file that becomes shorter meanwhile has lines
 * that are cut off.
 */
async function* linesBefore(file: FileHandle, end: number): AsyncGenerator<Piece> {
  let at = end
  /** The rest of a line whose beginning was not read yet. */
  let rest: Buffer = Buffer.alloc(0)
  while (at > 0 && end - at < PAGE_BYTES) {
    const start = Math.max(at - CHUNK_BYTES, 0)
    const bytes = Buffer.concat([await readAt(file, start, at - start), rest])
    const firstBreak = bytes.indexOf(LINE_BREAK)
    const firstLine = firstBreak < 0 ? bytes.length : firstBreak + 1
    const whole = start === 0 ? 0 : firstLine
    yield { lines: linesIn(bytes, whole, start), readTo: start + whole }
    rest = bytes.subarray(0, whole)
    at = start
  }
  // None of ours is as long as a page: it is passed over, or the next page would begin with it again.
  if (rest.length >= PAGE_BYTES) yield { lines: [], readTo: at }
}

/**
 * @param from where the first whole line begins in the bytes
 * @param offset where the bytes begin in the file
 */
function linesIn(bytes: Buffer, from: number, offset: number): PlacedLine[] {
  const lines: PlacedLine[] = []
  let at = from
  while (at < bytes.length) {
    const lineBreak = bytes.indexOf(LINE_BREAK, at)
    const end = lineBreak < 0 ? bytes.length : lineBreak
    lines.push({ at: offset + at, text: bytes.toString('utf8', at, end) })
    at = end + 1
  }
  return lines.reverse()
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position)
  return buffer.subarray(0, bytesRead)
}
