import { cursorAt, positionOf } from '../masking/cursor.js'
import type { AuditEntry } from './audit-entry.js'
import { type AuditQuery, type Piece, pageOf } from './audit-page.js'

/** What a page is taken from: the file of all instances that share it, the last lines of this instance, or nothing. */
export type AuditCover = 'file' | 'instance' | 'nothing'

export interface AuditPage {
  readonly covers: AuditCover
  /** The newest first. */
  readonly entries: readonly AuditEntry[]
  /** Where the next page begins; undefined after the last. */
  readonly next?: string | undefined
}

/**
 * Reads the audit trail back. Rejects with a `StaleCursorError`.
 *
 * @param cursor where the page begins; undefined: at the last line
 */
export type AuditReader = (query: AuditQuery, cursor: string | undefined) => Promise<AuditPage>

/** A page cannot be continued: what it was taken from is not there any more. */
export class StaleCursorError extends Error {
  override readonly name = 'StaleCursorError'
}

export const readNothing: AuditReader = async () => ({ covers: 'nothing', entries: [] })

/** Lines as they are now. */
export interface Lines {
  /** Others have another name, also those that came in the place of these. */
  readonly name: string
  /** Where the last one ends. */
  readonly end: number
  /** The lines before a place, from the last one backwards. */
  readonly before: (end: number) => AsyncIterable<Piece>
}

/** A page of some lines. Rejects with a `StaleCursorError`. */
export async function pageOfLines(
  { name, end, before }: Lines,
  query: AuditQuery,
  cursor: string | undefined,
): Promise<Pick<AuditPage, 'entries' | 'next'>> {
  const from = cursor === undefined ? { at: end, id: name } : positionOf(cursor)
  if (from.id !== name || from.at > end) throw new StaleCursorError()
  const { entries, next } = await pageOf(before(from.at), query)
  return { entries, next: next === undefined ? undefined : cursorAt({ at: next, id: name }) }
}
