import { untilUnchanged } from '../masking/attempts.js'
import { cursorAt, positionOf } from '../masking/cursor.js'
import type { Entry, Kept, Storage } from '../masking/storage.js'
import type { ListedEvent } from './event.js'
import { deliveryKey, dueOf, FAILING } from './event-keys.js'
import type { PostFailure } from './post-failures.js'

/** What became of the sending of an event to an endpoint. */
export interface Delivery {
  /** How often it was tried, since it was last begun anew. */
  readonly attempts: number
  /** `retrying`: it is tried again. `failed`: not any more. */
  readonly state: 'delivered' | 'retrying' | 'failed'
  /** When the event came into the outbox, when it was tried last, and when it is tried next: milliseconds since 1970. */
  readonly listedAt: number
  readonly lastAt?: number | undefined
  readonly nextAt?: number | undefined
  /** What came of the last attempt: the status, or why there is none. */
  readonly status?: number | undefined
  readonly why?: PostFailure | undefined
  /** The second URL took it. */
  readonly byFallback?: true | undefined
}

export interface FoundDelivery extends Delivery {
  readonly id: string
}

export interface DeliveryQuery {
  readonly webhookId?: string | undefined
  readonly state?: 'retrying' | 'failed' | undefined
  readonly cursor?: string | undefined
  readonly limit: number
}

/** What was sent, and what could not be. All promises reject with a `StoreUnavailableError` when the store fails. */
export interface Deliveries {
  find(id: string): Promise<Delivery | undefined>
  /** Those that did not succeed, the newest first. */
  list(
    query: DeliveryQuery,
  ): Promise<{ readonly deliveries: readonly FoundDelivery[]; readonly next?: string | undefined }>
  /** Writes what came of an attempt. False when it was begun anew meanwhile. */
  write(id: string, was: Kept | undefined, delivery: Delivery): Promise<boolean>
  read(id: string): Promise<Kept | undefined>
  /** Sends an event to an endpoint again, from the beginning. */
  again(webhookId: string, event: ListedEvent): Promise<void>
  /** Empties the queue of an endpoint that is no more. */
  forget(webhookId: string): Promise<void>
  /** To be called every second: takes out of the list what is past its time, a bounded piece at a time. */
  sweep(): Promise<void>
}

/** How many deliveries a list looks at for one page at most, and at how many at once. */
const SCAN = 10_000
const LIST_STEP = 200
const SWEEP_STEP = 1_000

export function deliveryId(webhookId: string, eventId: string): string {
  return `${webhookId}.${eventId}`
}

/** The endpoint and the event of a delivery. */
export function readDeliveryId(id: string): { readonly webhookId: string; readonly eventId: string } {
  const [webhookId = '', eventId = ''] = id.split('.')
  return { webhookId, eventId }
}

/** An event in the queue of an endpoint, to which it was sent so often before. */
export function dueEntry(eventId: string, attempts: number, at: number): Entry {
  return { id: `${eventId}.${attempts}`, at }
}

export function readDue({ id }: Entry): { readonly eventId: string; readonly attempts: number } {
  const [eventId = '', attempts] = id.split('.')
  return { eventId, attempts: Number(attempts) }
}

export function deliveryIn(kept: Kept | undefined): Delivery | undefined {
  return kept?.unreadable ? undefined : (kept?.value as Delivery | undefined)
}

/** @param retentionMs milliseconds for which what became of an event is kept, as the event is */
export function createDeliveries(storage: Storage, retentionMs: number): Deliveries {
  async function read(id: string): Promise<Kept | undefined> {
    const [kept] = await storage.read([deliveryKey(id)])
    return kept
  }

  function write(id: string, was: Kept | undefined, delivery: Delivery): Promise<boolean> {
    const until = delivery.listedAt + retentionMs
    return storage.swap({ key: deliveryKey(id), was, value: delivery, until })
  }

  return {
    find: async (id) => deliveryIn(await read(id)),
    read,
    write,

    async list({ webhookId, state, cursor, limit }) {
      const deliveries: FoundDelivery[] = []
      let [after, next] = [cursor === undefined ? undefined : positionOf(cursor), cursor]
      for (let looked = 0; looked < SCAN; looked += LIST_STEP) {
        const entries = await storage.entries(FAILING, { order: 'newest first', after, limit: LIST_STEP })
        const found = await storage.read(entries.map(({ id }) => deliveryKey(id)))
        for (const [i, entry] of entries.entries()) {
          if (deliveries.length === limit) return { deliveries, next }
          const delivery = deliveryIn(found[i])
          const isOf = webhookId === undefined || readDeliveryId(entry.id).webhookId === webhookId
          const isAsked = delivery && delivery.state !== 'delivered' && (!state || delivery.state === state)
          if (isOf && isAsked) deliveries.push({ id: entry.id, ...delivery })
          after = entry
          next = cursorAt(entry)
        }
        if (entries.length < LIST_STEP) return { deliveries }
      }
      return { deliveries, next }
    },

    async again(webhookId, { id: eventId, listedAt }) {
      const id = deliveryId(webhookId, eventId)
      // What is in the queue from before does not count any more.
      await untilUnchanged(async () => {
        const was = await read(id)
        return (await write(id, was, { attempts: 0, state: 'retrying', listedAt })) || 'changed'
      })
      await storage.enlist(dueOf(webhookId), dueEntry(eventId, 0, storage.now()), Infinity)
    },

    async forget(webhookId) {
      for (;;) {
        const entries = await storage.entries(dueOf(webhookId), { order: 'oldest first', limit: LIST_STEP })
        await storage.delist(dueOf(webhookId), entries)
        if (entries.length < LIST_STEP) return
      }
    },

    async sweep() {
      const entries = await storage.entries(FAILING, { order: 'oldest first', limit: SWEEP_STEP })
      await storage.delist(
        FAILING,
        entries.filter(({ at }) => at + retentionMs <= storage.now()),
      )
    },
  }
}
