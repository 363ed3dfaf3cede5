import type { Entry } from './storage.js'

/** A position in a list as text: the cursor of a page. */
export function cursorAt({ at, id }: Entry): string {
  return `${at}.${id}`
}

/** The position that a text means. */
export function positionOf(cursor: string): Entry {
  const [at, id = ''] = cursor.split('.')
  return { at: Number(at), id }
}
