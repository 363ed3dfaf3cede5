import type { Entry } from './storage.js'

/** A position in a list as text: the cursor of a page. */
export function cursorAt({ at, id }: Entry): string {
  return `${at}.${id}`
}

/** The position that a text means. An id may have points in it. */
export function positionOf(cursor: string): Entry {
  const [at = ''] = cursor.split('.', 1)
  return { at: Number(at), id: cursor.slice(at.length + 1) }
}

/** Behind which entry a list begins that shows the newest first: at a cursor, or with what is older than `to`. */
export function startOf(cursor: string | undefined, to: number | undefined): Entry | undefined {
  if (cursor !== undefined) return positionOf(cursor)
  // Before the first entry of that moment, whatever its id.
  return to === undefined ? undefined : { at: to, id: '' }
}
