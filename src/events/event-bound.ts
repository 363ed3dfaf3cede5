import { createLease } from '../masking/lease.js'
import type { Entry, Storage } from '../masking/storage.js'
import { readDeliveryId } from './deliveries.js'
import { ALL_EVENTS, FAILING } from './event-keys.js'
import type { Outbox } from './outbox.js'

/** Keeps the outbox from growing without an end, on one instance at a time. */
export interface EventBound {
  /** To be called every second: goes on counting, or takes out some of what is too much. */
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
  /** Told of events that went before their time. */
  readonly onDropped: (which: Dropped, count: number) => void
}

/** How many events are kept at most: some 500 MB of a shared store, or 20 MB in the memory of the process. */
export const MAX_EVENTS = 500_000
export const MAX_EVENTS_IN_MEMORY = 20_000
/** How many entries each upkeep counts, and how many events it takes out. */
export const COUNT_STEP = 1_000
export const DROP_STEP = 200
/** Milliseconds from one counting to the next. */
export const COUNT_PAUSE_MS = 60_000
/** Milliseconds after which another instance goes on for one that has gone. */
const LEASE_MS = 10_000

export function createEventBound({ storage, outbox, maxEvents, onDropped }: EventBoundOptions): EventBound {
  const lease = createLease(storage, { kind: 'event-lease', id: 'bound' }, LEASE_MS)
  let counted: number | undefined
  let seen: Entry | undefined
  let [count, excess, nextAt] = [0, 0, 0]

  return {
    get counted() {
      return counted
    },
    async upkeep() {
      if (excess === 0 && !seen && storage.now() < nextAt) return
      if (!(await lease.take())) return
      if (excess > 0) await dropSome()
      else await countSome()
    },
  }

  async function countSome(): Promise<void> {
    const piece = { order: 'oldest first', after: seen, limit: COUNT_STEP } as const
    const entries = await storage.entries(ALL_EVENTS, piece)
    count += entries.length
    seen = entries.at(-1)
    if (entries.length === COUNT_STEP) return
    excess = Math.max(0, count - maxEvents)
    counted = count
    nextAt = storage.now() + COUNT_PAUSE_MS
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
