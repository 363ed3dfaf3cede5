import type { Entry } from '../../masking/storage.js'
import type { FoundText, Name } from '../texts.js'

/*
 * What lies where in the file, in the order of the keys:
 *
 *   'clock'                      the highest time that was written
 *   ['entries kind/id', at, id]  an entry of a list
 *   'list kind/id'               until when a list is kept
 *   'text kind/id'               a text, behind the time until when it is kept
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

export function listKey({ kind, id }: Name): string {
  return `list ${kind}/${id}`
}

export function isListKey(key: string): boolean {
  return key.startsWith('list ')
}

/** @param list the key of the list */
export function entryKey(list: string, { at, id }: Entry): FileKey {
  return [entriesName(list), at, id]
}

/** @param list the key of the list */
export function entriesOf(list: string): KeyRange {
  return {
    start: [entriesName(list), Number.NEGATIVE_INFINITY, ''],
    end: [entriesName(list), Number.POSITIVE_INFINITY, ''],
  }
}

function entriesName(list: string): string {
  return list.replace('list', 'entries')
}

/** What is written for a text. */
export function perishable(text: string, until: number): string {
  return `${until} ${text}`
}

export function textOf(value: string): string {
  return value.slice(value.indexOf(' ') + 1)
}

/** Until when a text or a list is kept. */
export function untilOf(value: string): number {
  return Number.parseFloat(value)
}

export function foundText(kind: string, key: string, value: string): FoundText {
  return { id: key.slice(textsOf(kind).start.length), text: textOf(value) }
}
