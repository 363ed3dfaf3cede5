import type { Entry } from '../../masking/storage.js'
import type { FoundText, Name } from '../texts.js'

/*
 * What lies where in the file, in the order of the keys:
 *
 *   'clock'                   the highest time that was written
 *   ['list id/kind', at, id]  an entry of a list, with the time until when it is kept
 *   'text kind/id'            a text, behind the time until when it is kept
 *
 * The lists of one session lie side by side. So what a call puts into them is written with one page of the file, not with two.
 */

export type FileKey = string | [list: string, at: number, id: string]

export interface KeyRange {
  readonly start: FileKey
  /** Is no longer in it. */
  readonly end: FileKey
}

export const CLOCK_KEY = 'clock'

/** The keys of all that may be over. */
export const PERISHABLE: KeyRange = { start: 'list ', end: 'text!' }

export function textKey({ kind, id }: Name): string {
  return `text ${kind}/${id}`
}

/** The keys of all texts of a kind. A zero comes behind a slash. */
export function textsOf(kind: string): { readonly start: string; readonly end: string } {
  return { start: `text ${kind}/`, end: `text ${kind}0` }
}

/** What the keys of all entries of a list begin with. */
export function listKey({ kind, id }: Name): string {
  return `list ${id}/${kind}`
}

/** @param list the key of the list */
export function entryKey(list: string, { at, id }: Entry): FileKey {
  return [list, at, id]
}

/** @param list the key of the list */
export function entriesOf(list: string): KeyRange {
  return {
    start: [list, Number.NEGATIVE_INFINITY, ''],
    end: [list, Number.POSITIVE_INFINITY, ''],
  }
}

/** What is written for a text. */
export function perishable(text: string, until: number): string {
  return `${until} ${text}`
}

export function textOf(value: string): string {
  return value.slice(value.indexOf(' ') + 1)
}

/** Until when a text or an entry is kept. */
export function untilOf(value: string): number {
  return Number.parseFloat(value)
}

export function foundText(kind: string, key: string, value: string): FoundText {
  return { id: key.slice(textsOf(kind).start.length), text: textOf(value) }
}
