import { createCallSource } from '../src/events/call-source.js'
import type { ListedEvent } from '../src/events/event.js'
import { createOutbox, type Outbox, type QueuesOf } from '../src/events/outbox.js'
import { createRelay, type Relay } from '../src/events/relay.js'
import { sessionSource } from '../src/events/session-source.js'
import type { Source } from '../src/events/source.js'
import type { Storage } from '../src/masking/storage.js'
import { createToTell, type ToTell, type WrittenEntry } from '../src/masking/to-tell.js'

/** What the business is told of, over one storage. */
export interface Told {
  readonly outbox: Outbox
  readonly relay: Relay
  readonly sessionsToTell: ToTell
  readonly callsToTell: ToTell
  /** What goes wrong that is no failure of the store, and what cannot be read. */
  readonly errors: unknown[]
  /** All events, the oldest first. */
  events(): Promise<readonly ListedEvent[]>
}

export interface ToldOptions {
  readonly retentionMs?: number
  readonly queues?: () => Promise<QueuesOf>
  /** Records that were written are told at once, as in a process that goes on. Otherwise only the upkeep tells them. */
  readonly isPrompt?: boolean
}

export const EVENT_RETENTION_MS = 7 * 24 * 60 * 60 * 1_000

export function toldOver(storage: Storage, options: ToldOptions = {}): Told {
  const { retentionMs = EVENT_RETENTION_MS, queues = async () => () => [], isPrompt = false } = options
  const errors: unknown[] = []
  const outbox = createOutbox({
    storage,
    retentionMs,
    queues,
    onAdded: () => undefined,
    onUnreadable: (reason) => errors.push(reason),
  })
  const callSource = createCallSource(() => storage.now())
  const relay = createRelay({
    storage,
    outbox,
    sources: [sessionSource, callSource],
    onUnreadable: (reason) => errors.push(reason),
    onError: (error) => errors.push(error),
  })
  const toTell = (source: Source) => {
    const onWritten = (written: WrittenEntry) => isPrompt && relay.noteWritten(source, written)
    return createToTell({ storage, list: source.list, onWritten })
  }
  return {
    outbox,
    relay,
    sessionsToTell: toTell(sessionSource),
    callsToTell: toTell(callSource),
    errors,
    events: async () => (await outbox.list({ order: 'oldest first', limit: 1_000 })).events,
  }
}
