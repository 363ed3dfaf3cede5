import { inPieces } from '../in-pieces.js'
import { untilUnchanged } from '../masking/attempts.js'
import { cursorAt, positionOf } from '../masking/cursor.js'
import type { Entry, Kept, Key, Storage, Unreadable } from '../masking/storage.js'
import type { BusinessEvent, EventData, EventType, ListedEvent } from './event.js'
import { ALL_EVENTS, eventKey, eventsOf } from './event-keys.js'

/** Events that are to be delivered, or were. All promises reject with a `StoreUnavailableError` when the store fails. */
export interface Outbox {
  /**
   * Puts events in, each only once, whoever comes with it and how often. Resolves to what has to survive before it may be forgotten
   * that they are to be told.
   */
  add(events: readonly BusinessEvent[]): Promise<readonly Key[]>
  find(id: string): Promise<ListedEvent | undefined>
  list(query: EventQuery): Promise<EventPage>
  /** Forgets the events of a session for good, also those that are yet to come. Says how many there were. */
  forget(sessionId: string): Promise<number>
  /** Takes events out before their time. */
  drop(entries: readonly Entry[]): Promise<void>
  /** To be called every second: takes out of the list what is past its time, a bounded piece at a time. */
  sweep(): Promise<void>
}

export interface EventQuery {
  readonly sessionId?: string | undefined
  readonly type?: EventType | undefined
  /** Milliseconds since 1970: events that came into the outbox from then on, and before. */
  readonly from?: number | undefined
  readonly to?: number | undefined
  readonly order: 'newest first' | 'oldest first'
  /** The `next` of the page before. Any other text is no position. */
  readonly cursor?: string | undefined
  readonly limit: number
}

export interface EventPage {
  readonly events: readonly ListedEvent[]
  /** Where the next page begins; absent after the last. */
  readonly next?: string | undefined
}

/** In which lists an event waits for its delivery. */
export type QueuesOf = (event: BusinessEvent) => readonly Key[]

export interface OutboxOptions {
  readonly storage: Storage
  /** Milliseconds for which an event is kept. */
  readonly retentionMs: number
  readonly queues: () => Promise<QueuesOf>
  /** Told that something waits for its delivery. */
  readonly onAdded: () => void
  /** Told of each event that is passed over because it cannot be read. */
  readonly onUnreadable: (reason: Unreadable) => void
}

/** Milliseconds for which events are kept at most where they are kept in the memory of the process. */
export const MEMORY_RETENTION_MS = 24 * 60 * 60 * 1_000

/** As it is written. */
interface Written {
  readonly t: EventType
  readonly a: number
  /** Since when it is in the outbox. */
  readonly l: number
  readonly s?: string | undefined
  readonly d: EventData
}

/** Stands for all events of a session. */
const FORGOTTEN = { forgotten: true }

/** How many events a list looks at for one page at most, and at how many at once. */
export const EVENT_SCAN = 10_000
const LIST_STEP = 200
/** How many events each sweep looks at, and how many are put in at once. */
const SWEEP_STEP = 1_000
const AT_A_TIME = 16

export function createOutbox(options: OutboxOptions): Outbox {
  const { storage, retentionMs, queues, onAdded, onUnreadable } = options

  return {
    async add(events) {
      const queuesOf = await queues()
      const touched: Key[] = []
      await inPieces(events, AT_A_TIME, async (event) => {
        touched.push(...(await addOne(event, queuesOf(event))))
      })
      await forgetWhatIsForgotten(events)
      onAdded()
      return touched
    },

    async find(id) {
      const [kept] = await storage.read([eventKey(id)])
      return eventIn(id, kept)
    },

    list,

    async forget(sessionId) {
      const until = storage.now() + retentionMs
      // First, so that whoever puts in another one finds this.
      await untilUnchanged(async () => {
        const key = eventKey(sessionId)
        const [was] = await storage.read([key])
        return (await storage.swap({ key, was, value: FORGOTTEN, until })) || 'changed'
      })
      return forgetListed(sessionId)
    },

    async drop(entries) {
      await inPieces(entries, AT_A_TIME, dropOne)
      await storage.delist(ALL_EVENTS, entries)
    },

    async sweep() {
      const entries = await storage.entries(ALL_EVENTS, { order: 'oldest first', limit: SWEEP_STEP })
      await storage.delist(
        ALL_EVENTS,
        entries.filter(({ at }) => at + retentionMs <= storage.now()),
      )
    },
  }

  async function addOne(event: BusinessEvent, waiting: readonly Key[]): Promise<readonly Key[]> {
    const { id, sessionId } = event
    const at = await write(event)
    const lists = [ALL_EVENTS, ...(sessionId === undefined ? [] : [eventsOf(sessionId)])]
    const until = at + retentionMs
    await Promise.all([
      ...lists.map((list) => storage.enlist(list, { id, at }, list === ALL_EVENTS ? Infinity : until)),
      ...waiting.map((list) => storage.enlist(list, { id: `${id}.0`, at }, Infinity)),
    ])
    return [eventKey(id), ...lists, ...waiting]
  }

  /** Since when it is there: whoever comes first says it. */
  async function write({ id, type, at, sessionId, data }: BusinessEvent): Promise<number> {
    const now = storage.now()
    const value: Written = {
      t: type,
      a: at,
      l: now,
      ...(sessionId !== undefined && { s: sessionId }),
      d: data,
    }
    const key = eventKey(id)
    return untilUnchanged(async () => {
      if (await storage.swap({ key, was: undefined, value, until: now + retentionMs })) return now
      const [kept] = await storage.read([key])
      if (!kept) return 'changed'
      return eventIn(id, kept)?.listedAt ?? now
    })
  }

  async function list({ sessionId, type, from, to, order, cursor, limit }: EventQuery): Promise<EventPage> {
    const key = sessionId === undefined ? ALL_EVENTS : eventsOf(sessionId)
    const events: ListedEvent[] = []
    const isForward = order === 'oldest first'
    let [after, next] = [cursor === undefined ? beginning(isForward ? from : to) : positionOf(cursor), cursor]
    for (let looked = 0; looked < EVENT_SCAN; looked += LIST_STEP) {
      const entries = await storage.entries(key, { order, after, limit: LIST_STEP })
      const found = await storage.read(entries.map(({ id }) => eventKey(id)))
      for (const [i, entry] of entries.entries()) {
        if (isForward ? to !== undefined && entry.at >= to : from !== undefined && entry.at < from)
          return { events }
        if (events.length === limit) return { events, next }
        const event = eventIn(entry.id, found[i])
        if (event && (!type || event.type === type)) events.push(event)
        after = entry
        next = cursorAt(entry)
      }
      if (entries.length < LIST_STEP) return { events }
    }
    return { events, next }
  }

  /** A session may be forgotten while its events are put in. */
  async function forgetWhatIsForgotten(events: readonly BusinessEvent[]): Promise<void> {
    const sessionIds = [...new Set(events.flatMap(({ sessionId }) => sessionId ?? []))]
    const marks = await storage.read(sessionIds.map(eventKey))
    const forgotten = sessionIds.filter((_id, i) => marks[i] !== undefined)
    await inPieces(forgotten, AT_A_TIME, forgetListed)
  }

  async function forgetListed(sessionId: string): Promise<number> {
    let count = 0
    for (;;) {
      const entries = await storage.entries(eventsOf(sessionId), { order: 'oldest first', limit: LIST_STEP })
      if (entries.length === 0) return count
      const forgotten = await Promise.all(entries.map(({ id }) => untilUnchanged(() => forgetOne(id))))
      count += forgotten.filter(Boolean).length
      await storage.delist(ALL_EVENTS, entries)
      await storage.delist(eventsOf(sessionId), entries)
    }
  }

  async function dropOne(entry: Entry): Promise<void> {
    const [kept] = await storage.read([eventKey(entry.id)])
    const sessionId = eventIn(entry.id, kept)?.sessionId
    if (sessionId !== undefined) await storage.delist(eventsOf(sessionId), [entry])
    await untilUnchanged(() => forgetOne(entry.id))
  }

  /** Whether there was one. */
  async function forgetOne(id: string): Promise<boolean | 'changed'> {
    const key = eventKey(id)
    const [was] = await storage.read([key])
    if (!was) return false
    return (await storage.swap({ key, was, value: undefined, until: 0 })) || 'changed'
  }

  /** A bad record must not hide the others. */
  function eventIn(id: string, kept: Kept | undefined): ListedEvent | undefined {
    if (kept?.unreadable) onUnreadable(kept.unreadable)
    if (!kept || kept.unreadable) return undefined
    const { t, a, l, s, d } = kept.value as Written
    return { id, type: t, at: a, listedAt: l, ...(s !== undefined && { sessionId: s }), data: d }
  }
}

/** Before the first entry of a moment, whatever its id. */
function beginning(at: number | undefined): Entry | undefined {
  return at === undefined ? undefined : { id: '', at }
}
