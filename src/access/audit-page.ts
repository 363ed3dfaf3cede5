import { setImmediate as nextTurn } from 'node:timers/promises'
import { type AuditEntry, readAuditLine } from './audit-entry.js'

/** Which lines of the audit trail are wanted. */
export interface AuditQuery {
  readonly event?: string | undefined
  readonly key?: string | undefined
  readonly operation?: string | undefined
  readonly session?: string | undefined
  /** Milliseconds since 1970: then or later. */
  readonly from?: number | undefined
  /** Milliseconds since 1970: before. */
  readonly to?: number | undefined
  readonly limit: number
}

/** A line, and where it begins: what is before it begins earlier. */
export interface PlacedLine {
  readonly at: number
  readonly text: string
}

/** Some lines, the last one first, and to where all has been read with them. */
export interface Piece {
  readonly lines: readonly PlacedLine[]
  readonly readTo: number
}

export interface EntryPage {
  readonly entries: readonly AuditEntry[]
  /** Where the lines end that come next; undefined when there are none. */
  readonly next: number | undefined
}

/**
 * Milliseconds by which a line may stand behind a later one: instances that share a file gather their lines, and their clocks may
 * differ.
 */
export const DISORDER_MS = 10 * 60_000

/** Takes what is wanted from pieces, from the last line backwards. Between two pieces others get their turn. */
export async function pageOf(pieces: AsyncIterable<Piece>, query: AuditQuery): Promise<EntryPage> {
  const { from = Number.NEGATIVE_INFINITY, limit } = query
  const entries: AuditEntry[] = []
  let reached = 0
  for await (const { lines, readTo } of pieces) {
    for (const { at, text } of lines) {
      const entry = readAuditLine(text)
      if (!entry) continue
      if (entry.at < from - DISORDER_MS) return { entries, next: undefined }
      if (!isWanted(entry, query)) continue
      entries.push(entry)
      if (entries.length === limit) return { entries, next: at || undefined }
    }
    reached = readTo
    await nextTurn()
  }
  return { entries, next: reached || undefined }
}

function isWanted(entry: AuditEntry, query: AuditQuery): boolean {
  const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY } = query
  if (entry.at < from || entry.at >= to) return false
  return (['event', 'key', 'operation', 'session'] as const).every(
    (field) => query[field] === undefined || query[field] === entry[field],
  )
}
