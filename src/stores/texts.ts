import type { AS_BEFORE, Entry, Piece } from '../masking/storage.js'
import type { MaybePromise } from '../maybe-promise.js'

/**
 * What a driver does: texts under names, changed by compare-and-set, and lists. A `Storage` is made of it by
 * `createStorage`, which turns values into texts and secrets into names. All promises reject with a
 * `StoreUnavailableError` when the store fails. Times are milliseconds since 1970.
 */
export interface Texts {
  read(names: readonly Name[]): MaybePromise<readonly (string | typeof WRONG_TYPE | undefined)[]>
  /**
   * Puts a text in the place of another; undefined stands for nothing. False, and nothing written, when something else
   * stands there. `WRONG_TYPE` stands for whatever is no text.
   */
  swap(change: TextSwap): Promise<boolean>
  enlist(list: Name, entry: Entry, until: number): Promise<void>
  delist(list: Name, entries: readonly Entry[]): Promise<void>
  entries(list: Name, piece: Piece): Promise<readonly Entry[]>
  /** All texts of a kind, in bounded pieces, with the part of the name that tells them apart. */
  all(kind: string): AsyncIterable<readonly FoundText[]>
  confirm(names: () => readonly Name[]): Promise<boolean>
  now(): number
  upkeep(): Promise<void>
}

export interface Name {
  readonly kind: string
  /** Safe to be written down. At most 64 characters. */
  readonly id: string
}

export interface TextSwap {
  readonly name: Name
  readonly was: string | typeof WRONG_TYPE | undefined
  readonly text: string | undefined
  /** Until when the text is kept at least; infinity: for ever; or for as long as the one in whose place it comes. */
  readonly until: number | typeof AS_BEFORE
}

export interface FoundText {
  readonly id: string
  readonly text: string | typeof WRONG_TYPE
}

/** Something that is no text: somebody else wrote it. */
export const WRONG_TYPE = Symbol('wrong type')
