import { type Kept, type Key, type Storage, StoreUnavailableError } from '../masking/storage.js'
import type { HashedKey } from './api-key.js'
import { type KeyRecords, MAX_STORED_KEYS, OVER_MEMORY_MS } from './key-records.js'

export interface KeptKeysOptions {
  readonly storage: Storage
  /** The clock, in milliseconds since 1970. */
  readonly now: () => number
  /** Told when the keys cannot be read. */
  readonly onUnreadable: () => void
}

/** All keys together: they are few, and each instance reads them all. */
export const API_KEYS_KIND = 'api-keys'
const KEYS: Key = { kind: API_KEYS_KIND, id: 'all' }
const FOR_EVER = Number.POSITIVE_INFINITY
const MAX_ATTEMPTS = 20

/**
 * Keys in the storage. Sealed there, nobody who can write the store can make a key or give one more scopes. They can take keys
 * away, and put back what was there before, also from before a key was revoked.
 */
export function createKeptKeys({ storage, now, onUnreadable }: KeptKeysOptions): KeyRecords {
  let seen: string | undefined

  return {
    async load() {
      const kept = await read()
      if (kept?.unreadable) onUnreadable()
      if (kept?.unreadable) return undefined
      if (kept?.isOld) await storage.swap({ key: KEYS, was: kept, value: kept.value, until: FOR_EVER })
      if (kept?.version === seen) return undefined
      seen = kept?.version
      return keysIn(kept)
    },

    add: (key) =>
      change((keys) => {
        const remembered = keys.filter((other) => !isOver(other, OVER_MEMORY_MS))
        const before = remembered.find(({ name }) => name === key.name)
        if (before && !isOver(before, 0)) return { answer: 'exists' }
        const others = remembered.filter((other) => other !== before)
        if (others.length >= MAX_STORED_KEYS) return { answer: 'full' }
        return { answer: 'added', keys: [...others, key] }
      }),

    revoke: (name) =>
      change((keys) => {
        const before = keys.find((key) => key.name === name && !isOver(key, 0))
        if (!before) return { answer: undefined }
        const revoked = { ...before, revokedAt: now() }
        return { answer: revoked, keys: keys.map((key) => (key === before ? revoked : key)) }
      }),
  }

  async function read(): Promise<Kept | undefined> {
    const [kept] = await storage.read([KEYS])
    return kept
  }

  /** Decides by a pure step, which is taken again when another instance changed the keys meanwhile. */
  async function change<Answer>(
    step: (keys: readonly HashedKey[]) => { readonly answer: Answer; readonly keys?: readonly HashedKey[] },
  ): Promise<Answer> {
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
      const was = await read()
      // What cannot be read may be all keys of the others: it must not be written over.
      if (was?.unreadable) throw new StoreUnavailableError()
      const { answer, keys } = step(keysIn(was))
      if (!keys) return answer
      if (await storage.swap({ key: KEYS, was, value: keys, until: FOR_EVER })) return answer
    }
    throw new StoreUnavailableError()
  }

  function isOver({ revokedAt, expiresAt }: HashedKey, forMs: number): boolean {
    const end = Math.min(revokedAt ?? Number.POSITIVE_INFINITY, expiresAt ?? Number.POSITIVE_INFINITY)
    return end + forMs <= now()
  }
}

function keysIn(kept: Kept | undefined): readonly HashedKey[] {
  return (kept?.value as readonly HashedKey[] | undefined) ?? []
}
