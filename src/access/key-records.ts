import type { HashedKey } from './api-key.js'

/** Where keys are kept that all instances share. Its operations reject only when the store fails. */
export interface KeyRecords {
  /** All keys, also those that are over; undefined when nothing has changed since the last time. */
  load(): Promise<readonly HashedKey[] | undefined>
  /** Keeps a new key. A name is taken until its key is revoked or has expired. */
  add(key: HashedKey): Promise<'added' | 'exists' | 'full'>
  /** Ends a key for ever. What it says is how the key is now; undefined where there is none that is valid. */
  revoke(name: string): Promise<HashedKey | undefined>
}

/** Keys that a store keeps: each instance has all of them in memory. */
export const MAX_STORED_KEYS = 200
/** Milliseconds for which a key that is over is remembered, so that its use can be told from a guess. */
export const OVER_MEMORY_MS = 30 * 24 * 3_600_000
