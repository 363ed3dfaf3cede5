import { HASHED_KINDS, POOL } from '../src/masking/keys.js'
import { createLookup } from '../src/masking/lookup.js'
import type { FixedLeg } from '../src/masking/pair.js'
import { createPool, type NumberState, type PoolNumber } from '../src/masking/pool.js'
import type { Lookup, Sessions } from '../src/masking/session-store.js'
import { createSessions } from '../src/masking/sessions.js'
import type { Storage, Unreadable } from '../src/masking/storage.js'
import type { ToTell } from '../src/masking/to-tell.js'
import { type PoolUsage, surveyPool } from '../src/masking/usage.js'
import { createMemoryTexts } from '../src/stores/memory-texts.js'
import { createMemoryScript, createStorage } from '../src/stores/storage.js'

/** What every store of sessions has to know. */
export interface StoreOptions {
  /** The clock, in milliseconds since 1970. */
  readonly now: () => number
  /** The masking numbers that sessions may be given, whole. */
  readonly pool: readonly string[]
  readonly restMs: number
  readonly fixed: readonly FixedLeg[]
  readonly pinLength?: number
  readonly onUnreadable?: (reason: Unreadable) => void
  /** How sessions are told of. */
  readonly tells?: { readonly toTell: ToTell; readonly nearMs: number }
}

/** All that can be done with sessions over one storage. */
export interface SessionStore extends Lookup, Sessions {
  usage(): Promise<PoolUsage>
  setNumberState(number: string, state: NumberState): Promise<unknown>
}

/** The rules over a storage. The pool is put into it where there is none. */
export async function storeOver(storage: Storage, options: StoreOptions): Promise<SessionStore> {
  const [pool] = await storage.read([POOL])
  if (!pool)
    await createPool(storage).change(() => options.pool.map((number) => ({ number, state: 'active' })))
  return rulesOver(storage, options)
}

/** The same, for a storage that has its pool. */
export function rulesOver(storage: Storage, options: StoreOptions): SessionStore {
  const pool = createPool(storage)
  const sessions = createSessions({
    storage,
    activeNumbers: pool.active,
    onUnreadable: () => undefined,
    ...options,
  })
  return {
    ...sessions,
    ...createLookup({ storage, ...options }),
    usage: async () => surveyPool({ storage, numbers: (await pool.numbers()).map(inIndia), ...options }),
    setNumberState: async (number, state) => {
      await pool.change((numbers) =>
        numbers.map((known) => (known.number === number ? { ...known, state } : known)),
      )
    },
  }
}

const inIndia = (number: PoolNumber) => ({ ...number, country: 'IN' })

export function memoryStorage(now: () => number): Storage {
  return createStorage(createMemoryTexts(now), createMemoryScript(HASHED_KINDS))
}
