import { randomUUID } from 'node:crypto'
import type { Piece } from './audit-page.js'
import { type AuditReader, pageOfLines } from './audit-reader.js'

/** How many of the last lines an instance keeps: some 800 KB. */
export const RING_LINES = 2_000
/** Lines that are looked through at once. */
const PIECE_LINES = 200

export interface AuditRing {
  /** @param line with its line break */
  add(line: string): void
  readonly read: AuditReader
}

/** Keeps the last lines of a trail in memory, for where they cannot be read back. */
export function createAuditRing(): AuditRing {
  const kept: string[] = []
  const name = randomUUID()
  let count = 0

  return {
    add(line) {
      kept[count % RING_LINES] = line.trimEnd()
      count += 1
    },
    async read(query, cursor) {
      const page = await pageOfLines({ name, end: count, before: linesBefore }, query, cursor)
      return { covers: 'instance', ...page }
    },
  }

  async function* linesBefore(end: number): AsyncGenerator<Piece> {
    let at = end
    // Lines that come meanwhile take the places of the oldest ones.
    while (at > oldest()) {
      const start = Math.max(at - PIECE_LINES, oldest())
      yield { lines: placed(start, at), readTo: start > oldest() ? start : 0 }
      at = start
    }
  }

  function placed(start: number, end: number) {
    return Array.from({ length: end - start }, (_, i) => {
      const at = end - 1 - i
      return { at, text: String(kept[at % RING_LINES]) }
    })
  }

  function oldest(): number {
    return Math.max(count - RING_LINES, 0)
  }
}
