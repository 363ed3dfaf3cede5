import { setImmediate as turn } from 'node:timers/promises'
import { createLease } from '../masking/lease.js'
import type { Entry, Storage } from '../masking/storage.js'
import { readDeliveryId } from './deliveries.js'
import { ALL_EVENTS, FAILING } from './event-keys.js'
import type { Outbox } from './outbox.js'

/** Keeps the outbox from growing without an end, on one instance at a time. */
export interface EventBound {
  /** To be called every second: goes on counting, or takes out some of what is too much, in a bounded number of pieces. */
  upkeep(): Promise<void>
  /** How many events there were when they were counted last; undefined before the first time. */
  readonly counted: number | undefined
}

/** Which events went: of those that nobody takes, or of all. */
export type Dropped = 'failing' | 'oldest'

export interface EventBoundOptions {
  readonly storage: Storage
  readonly outbox: Pick<Outbox, 'drop'>
  readonly maxEvents: number
  /** How often the next piece is taken in one upkeep. More where nobody else has to wait for the store. */
  readonly pieces: number
  /** Milliseconds from one counting to the next. */
  readonly pauseMs: number
  /** Told of events that went before their time. */
  readonly onDropped: (which: Dropped, count: number) => void
}

/** How many events are kept at most: some 500 MB of a shared store, or 20 MB in the memory of the process. */
export const MAX_EVENTS = 500_000
export const MAX_EVENTS_IN_MEMORY = 20_000
/** How many entries are counted as one piece, and how many events are taken out as one. */
export const COUNT_STEP = 1_000
export const DROP_STEP = 200
/** Of a shared store, or one on disk: 5,000 events counted a second, or 1,000 taken out. */
export const LASTING_PACE = { pieces: 5, pauseMs: 60_000 } as const
/** In memory, where one instance makes some 5,000 events a second at most, and twice as many are taken out. */
export const MEMORY_PACE = { pieces: 50, pauseMs: 1_000 } as const
/** Milliseconds after which another instance goes on for one that has gone. */
const LEASE_MS = 10_000

export function createEventBound(options: EventBoundOptions): EventBound {
  const { storage, outbox, maxEvents, pieces, pauseMs, onDropped } = options
  const lease = createLease(storage, { kind: 'event-lease', id: 'bound' }, LEASE_MS)
  let counted: number | undefined
  let seen: Entry | undefined
  let [count, excess, nextAt] = [0, 0, 0]

  return {
    get counted() {
      return counted
    },
    async upkeep() {
      if (isAtRest() || !(await lease.take())) return
      for (let piece = 0; piece < pieces && !isAtRest(); piece += 1) {
        if (excess > 0) await dropSome()
        else await countSome()
        // Calls have their turn, also where nothing had to be waited for.
        await turn()
      }
    },
  }

  function isAtRest(): boolean {
    return excess === 0 && !seen && storage.now() < nextAt
  }

  async function countSome(): Promise<void> {
    const piece = { order: 'oldest first', after: seen, limit: COUNT_STEP } as const
    const entries = await storage.entries(ALL_EVENTS, piece)
    count += entries.length
    seen = entries.at(-1)
    if (entries.length === COUNT_STEP) return
    excess = Math.max(0, count - maxEvents)
    counted = count
    nextAt = storage.now() + pauseMs
    count = 0
    seen = undefined
  }

  /** Whoever takes nothing has the least to lose by it. */
  async function dropSome(): Promise<void> {
    const piece = { order: 'oldest first', limit: Math.min(excess, DROP_STEP) } as const
    const failing = await storage.entries(FAILING, piece)
    if (failing.length > 0) {
      const ids = new Set(failing.map(({ id }) => readDeliveryId(id).eventId))
      await drop('failing', failing.filter(({ id }) => ids.delete(readDeliveryId(id).eventId)).map(eventOf))
      await storage.delist(FAILING, failing)
      return
    }
    const oldest = await storage.entries(ALL_EVENTS, piece)
    await drop('oldest', oldest)
    if (oldest.length === 0) excess = 0
  }

  async function drop(which: Dropped, events: readonly Entry[]): Promise<void> {
    await outbox.drop(events)
    excess -= events.length
    if (events.length > 0) onDropped(which, events.length)
  }
}

/** The entry of the event of a delivery. */
function eventOf({ id, at }: Entry): Entry {
  return { id: readDeliveryId(id).eventId, at }
}
