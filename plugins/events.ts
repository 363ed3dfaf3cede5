import fp from 'fastify-plugin'
import { createCallSource } from '../src/events/call-source.js'
import { createCarrierNews } from '../src/events/carrier-news.js'
import {
  createEventBound,
  type Dropped,
  LASTING_PACE,
  MAX_EVENTS,
  MAX_EVENTS_IN_MEMORY,
  MEMORY_PACE,
} from '../src/events/event-bound.js'
import { createOutbox, MEMORY_RETENTION_MS, type Outbox } from '../src/events/outbox.js'
import { createPoolNews } from '../src/events/pool-news.js'
import { createRelay } from '../src/events/relay.js'
import { sessionSource } from '../src/events/session-source.js'
import { createStoreNews } from '../src/events/store-news.js'
import { inBackground } from '../src/in-background.js'
import type { Unreadable } from '../src/masking/storage.js'
import { createSampler } from '../src/sampler.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** What the business is told of. Only with an API. */
    readonly events: Events
  }
}

export interface Events {
  readonly outbox: Outbox
  /** Milliseconds for which events are kept. */
  readonly retentionMs: number
  /** Tells a listener whenever something was put into the outbox. */
  onAdded(listener: () => void): void
  /** For whoever watches this instance. */
  stats(): EventStats
}

export interface EventStats {
  /** How many events there were when they were counted last; undefined where another instance counts them. */
  readonly counted: number | undefined
  /** How many went before their time since this instance started. */
  readonly dropped: number
}

/** How often is looked for what others left behind, in milliseconds. */
export const EVENTS_INTERVAL_MS = 1_000
/** How often is looked for what became of the pool and its head-room, in milliseconds. */
export const POOL_NEWS_INTERVAL_MS = 4_000

/** Decorates `app.events`. In the background what records have to tell is brought into the outbox. */
export default fp(
  async (app) => {
    const { clock, config, log, sharedStore, storages, toTell, webhooks } = app
    const { isLasting, storage } = storages
    const kept = config.EVENT_RETENTION * 1_000
    const retentionMs = isLasting ? kept : Math.min(kept, MEMORY_RETENTION_MS)
    const unreadable = createSampler<Unreadable, undefined>(clock, (reason, { count }) =>
      log.warn({ reason, count }, 'what cannot be read is not told to the business'),
    )
    const onUnreadable = (reason: Unreadable) => unreadable.note(reason, undefined)
    const listeners: (() => void)[] = []
    const onAdded = (listener: () => void) => listeners.push(listener)
    const counts = { dropped: 0 }
    const outbox = createOutbox({
      storage,
      retentionMs,
      queues: webhooks.queues,
      onAdded: () => {
        for (const listener of listeners) listener()
      },
      onUnreadable,
    })
    const dropped = createSampler<Dropped, number>(clock, (which, { detail: inAll }) =>
      log.error({ which, inAll }, 'there are more events than are kept: some are gone before their time'),
    )
    const bound = createEventBound({
      storage,
      outbox,
      maxEvents: isLasting ? MAX_EVENTS : MAX_EVENTS_IN_MEMORY,
      ...(isLasting ? LASTING_PACE : MEMORY_PACE),
      onDropped(which, count) {
        counts.dropped += count
        dropped.note(which, counts.dropped)
      },
    })
    const stats = (): EventStats => ({ counted: bound.counted, dropped: counts.dropped })
    app.decorate('events', { outbox, retentionMs, onAdded, stats })

    const onError = (err: unknown) => log.error({ err }, 'telling the business failed')
    const sources = [sessionSource, createCallSource(storage.now)]
    const relay = createRelay({ storage, outbox, sources, onUnreadable, onError })
    const carrierNews = createCarrierNews(clock.now, outbox)
    toTell.onTrouble(carrierNews.note)
    toTell.onWritten((list, written) => {
      for (const source of sources) if (source.list === list) relay.noteWritten(source, written)
    })

    const poolNews = createPoolNews(storage, outbox)
    toTell.onPool(poolNews.tell)
    const storeNews = createStoreNews(() => sharedStore?.isUp !== false, clock.now, outbox)
    const stops = [
      inBackground({
        clock,
        ms: EVENTS_INTERVAL_MS,
        work: () =>
          Promise.all([
            relay.upkeep(),
            outbox.sweep(),
            bound.upkeep(),
            storeNews.upkeep(),
            carrierNews.upkeep(),
          ]),
        onError,
      }),
      inBackground({
        clock,
        ms: POOL_NEWS_INTERVAL_MS,
        work: poolNews.tell,
        onError,
      }),
    ]
    app.addHook('onClose', async () => {
      for (const stop of stops) stop()
      await relay.idle()
      unreadable.flush()
      dropped.flush()
    })
  },
  { name: 'events', dependencies: ['clock', 'config', 'shared-store', 'storages', 'to-tell', 'webhooks'] },
)
