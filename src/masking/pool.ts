import { POOL } from './keys.js'
import { type Kept, type Storage, StoreUnavailableError } from './storage.js'

/** A masking number that sessions may be given. */
export interface PoolNumber {
  /** Whole, without `+`. */
  readonly number: string
  readonly state: NumberState
}

/** Draining: given to no new session, while open ones keep working. */
export type NumberState = 'active' | 'draining'

/** The masking numbers that sessions may be given, as all instances have them. */
export interface Pool {
  /** As they are now. */
  numbers(): Promise<readonly PoolNumber[]>
  /** Whole numbers that may be given to new sessions. */
  active(): Promise<readonly string[]>
  /** Changes them by a pure step, which is taken again when another instance changed them meanwhile. */
  change(step: (numbers: readonly PoolNumber[]) => readonly PoolNumber[]): Promise<void>
}

const MAX_ATTEMPTS = 20

export function createPool(storage: Storage): Pool {
  async function read(): Promise<Kept | undefined> {
    const [kept] = await storage.read([POOL])
    return kept
  }

  return {
    numbers: async () => numbersIn(await read()),
    async active() {
      const numbers = numbersIn(await read())
      return numbers.filter(({ state }) => state === 'active').map(({ number }) => number)
    },
    async change(step) {
      for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
        const was = await read()
        const value = step(numbersIn(was))
        if (await storage.swap({ key: POOL, was, value, until: Number.POSITIVE_INFINITY })) return
      }
      throw new StoreUnavailableError()
    },
  }
}

function numbersIn(kept: Kept | undefined): readonly PoolNumber[] {
  return kept ? (kept.value as readonly PoolNumber[]) : []
}
