import { POOL } from './keys.js'
import { type Kept, type Storage, StoreUnavailableError } from './storage.js'

/** A masking number that sessions may be given. */
export interface PoolNumber {
  /** Whole, without `+`. */
  readonly number: string
  readonly state: NumberState
  /** What the business calls it. */
  readonly label?: string | undefined
  /** Since when it drains, in milliseconds since 1970 by the store's clock. */
  readonly drainingSince?: number | undefined
}

/** Draining: given to no new session, while open ones keep working. */
export type NumberState = (typeof NUMBER_STATES)[number]
export const NUMBER_STATES = ['active', 'draining'] as const

/** The masking numbers that sessions may be given, as the store has them. */
export interface Pool {
  /** As they are now. */
  numbers(): Promise<readonly PoolNumber[]>
  /** Whole numbers that may be given to new sessions. */
  active(): Promise<readonly string[]>
  /**
   * Changes them by a pure step, which is taken again when another instance changed them meanwhile. Nothing is written where
   * it gives back what it got, or throws.
   */
  change(step: PoolStep): Promise<PoolChange>
}

export type PoolStep = (numbers: readonly PoolNumber[]) => readonly PoolNumber[]

export interface PoolChange {
  readonly before: readonly PoolNumber[]
  readonly after: readonly PoolNumber[]
  /** The version of what was replaced; undefined where nothing was written, or nothing was there. */
  readonly replaced: string | undefined
  /** Whether it outlives the loss of the server that took it. */
  readonly durable: boolean
}

/** How many numbers the API lets a pool have: each instance reads all of them each second. */
export const MAX_POOL_NUMBERS = 2_000
/**
 * Milliseconds for which a number that was set draining may still be given: an instance may have seen it active, and be opening a
 * session.
 */
export const DRAIN_MS = 15_000
const MAX_ATTEMPTS = 20

/**
 * @param tell tells what became of the pool so far. It is asked before what stands there is replaced, so that no change is left
 *   out, and after.
 */
export function createPool(storage: Storage, tell: () => Promise<void> = async () => undefined): Pool {
  async function read(): Promise<Kept | undefined> {
    const [kept] = await storage.read([POOL])
    return kept
  }

  return {
    numbers: async () => numbersIn(await read()),
    active: async () => activeIn(numbersIn(await read())),
    async change(step) {
      for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
        const was = await read()
        const before = numbersIn(was)
        const after = step(before)
        if (after === before)
          return { before, after, replaced: undefined, durable: await storage.confirm([POOL]) }
        await tell()
        if (await writePool(storage, was, after)) {
          const durable = await storage.confirm([POOL])
          await ifAvailable(tell())
          return { before, after, replaced: was?.version, durable }
        }
      }
      throw new StoreUnavailableError()
    },
  }
}

/** What is not told now is told later. */
async function ifAvailable(told: Promise<void>): Promise<void> {
  await told.catch((error) => {
    if (!(error instanceof StoreUnavailableError)) throw error
  })
}

/** Puts numbers in the place of what was read. False when another instance was faster. */
export function writePool(
  storage: Storage,
  was: Kept | undefined,
  value: readonly PoolNumber[],
): Promise<boolean> {
  return storage.swap({ key: POOL, was, value, until: Number.POSITIVE_INFINITY })
}

/** What the pool's key was found to hold. What cannot be read may be all numbers of the others: it is no empty pool. */
export function numbersIn(kept: Kept | undefined): readonly PoolNumber[] {
  if (kept?.unreadable) throw new StoreUnavailableError()
  return kept ? (kept.value as readonly PoolNumber[]) : []
}

/** What is to be different about a number. */
export interface NumberChange {
  readonly state?: NumberState | undefined
  /** Empty: it has none any more. */
  readonly label?: string | undefined
}

/** The pool with one number changed. It drains since it was first set draining. */
export function changed(
  numbers: readonly PoolNumber[],
  number: string | undefined,
  change: NumberChange,
  now: number,
): readonly PoolNumber[] {
  return numbers.map((known) => {
    if (known.number !== number) return known
    const { state = known.state, label = known.label } = change
    return {
      number: known.number,
      state,
      ...(label && { label }),
      ...(state === 'draining' && { drainingSince: known.drainingSince ?? now }),
    }
  })
}

export function activeIn(numbers: readonly PoolNumber[]): readonly string[] {
  return numbers.filter(({ state }) => state === 'active').map(({ number }) => number)
}
