import type { MaybePromise } from '../maybe-promise.js'

/**
 * Where things are kept: values under keys, changed by compare-and-set, and lists in the order of time. It knows nothing of
 * sessions. An implementation is safe for concurrent use by any number of callers and instances. Each of its promises rejects
 * with a `StoreUnavailableError` when the store fails; what was asked may then have been done or not.
 */
export interface Storage {
  /** What stands under each key. Several are asked for in one round trip. */
  read(keys: readonly Key[]): MaybePromise<readonly (Kept | undefined)[]>
  /**
   * Puts a value in the place of what was read there. False when somebody was faster, and then nothing is written. A
   * value is JSON; undefined removes what was there.
   */
  swap(change: Swap): Promise<boolean>
  /**
   * Adds an entry to a list, unless it is there. It may be forgotten after `until`, and not before: the latest that was asked for.
   * Two entries of one list need two ids: in some stores a second one takes the place of the first.
   */
  enlist(list: Key, entry: Entry, until: number): Promise<void>
  delist(list: Key, entries: readonly Entry[]): Promise<void>
  /** A piece of a list. */
  entries(list: Key, piece: Piece): Promise<readonly Entry[]>
  /** All that is kept of a kind, in pieces of a bounded size. What changes meanwhile may be in it or not. */
  all(kind: string): AsyncIterable<readonly Found[]>
  /** What something is kept under, as it is written down: of a secret it tells nothing. The same comes back as an `id`. */
  nameOf(key: Key): Promise<string>
  /** Whether what was written under these keys so far survives the loss of a server. */
  confirm(keys: readonly Key[]): Promise<boolean>
  /** The store's clock, in milliseconds since 1970. It never goes back. */
  now(): number
  /** To be called every second: forgets what need not be kept any longer, a bounded piece at a time. */
  upkeep(): Promise<void>
}

/** What something is kept under. A secret is nowhere written down as it is where the store is on disk or shared. */
export type Key =
  | { readonly kind: string; readonly id: string }
  | { readonly kind: string; readonly secret: string }

/** What stands under a key. */
export interface KeptValue {
  /** Undefined where it cannot be read. */
  readonly value: unknown
  readonly unreadable?: Unreadable
}

/** What was read. */
export interface Kept extends KeptValue {
  /** It is sealed with a key that writes no more. What is kept for ever has to be written anew before that key is gone. */
  readonly isOld?: true
  /** What stands there, for the store alone: it tells this value from any other. */
  readonly version: string
}

/** Why something cannot be read: another instance has a key that this one lacks, or somebody else wrote into the store. */
export type Unreadable = 'unknown-key' | 'altered' | 'wrong-type'

export interface Swap {
  readonly key: Key
  /** What was read; undefined where nothing was. */
  readonly was: Kept | undefined
  readonly value: unknown
  /**
   * Milliseconds since 1970 by the store's clock, until when it is kept at least; infinity: for ever; `as before`: for as long
   * as what was read there.
   */
  readonly until: number | typeof AS_BEFORE
}

export const AS_BEFORE = 'as before'

/** Something in a list. */
export interface Entry {
  readonly id: string
  /** Milliseconds since 1970. Those of one millisecond are in the order of their ids. */
  readonly at: number
}

export interface Piece {
  readonly order: 'newest first' | 'oldest first'
  /** Begin behind this one, which may have left the list. */
  readonly after?: Entry | undefined
  readonly limit: number
}

/** Something that is kept, with its name in the store, which for a secret tells nothing of it. */
export interface Found extends Kept {
  readonly name: string
}

/** The store does not answer. What was asked may have been done or not. */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError'

  constructor() {
    super('the store does not answer')
  }
}

export function isBefore(one: Entry, other: Entry): boolean {
  return one.at < other.at || (one.at === other.at && one.id < other.id)
}
