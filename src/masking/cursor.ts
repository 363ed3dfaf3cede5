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
