import fp from 'fastify-plugin'
import type { CarrierTrouble } from '../src/calls/call-news.js'
import { hasApi } from '../src/config/api.js'
import { createCallSource } from '../src/events/call-source.js'
import { createCarrierNews } from '../src/events/carrier-news.js'
import {
  createEventBound,
  type Dropped,
  MAX_EVENTS,
  MAX_EVENTS_IN_MEMORY,
} from '../src/events/event-bound.js'
import { createOutbox, MEMORY_RETENTION_MS, type Outbox } from '../src/events/outbox.js'
import { createPoolNews } from '../src/events/pool-news.js'
import { createRelay } from '../src/events/relay.js'
import { sessionSource } from '../src/events/session-source.js'
import type { Source } from '../src/events/source.js'
import { createStoreNews } from '../src/events/store-news.js'
import { inBackground } from '../src/in-background.js'
import type { Storage, Unreadable } from '../src/masking/storage.js'
import { createToTell, type ToTell } from '../src/masking/to-tell.js'
import { createSampler } from '../src/sampler.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** What the business is told of. */
    readonly events: Events
  }
}

export interface Events {
  readonly outbox: Outbox
  /** Milliseconds for which events are kept. */
  readonly retentionMs: number
  /** Tells a listener whenever something was put into the outbox. */
  onAdded(listener: () => void): void
  /** Trouble with the carrier of which no call tells. */
  noteTrouble(trouble: CarrierTrouble): void
  /** For whoever watches this instance. */
  stats(): EventStats
  /** Where sessions and calls are listed that have something to tell; undefined without an API, where nobody could ask for it. */
  readonly sessionsToTell?: ToTell
  readonly callsToTell?: ToTell
}

export interface EventStats {
  /** How many events there were when they were counted last; undefined where another instance counts them. */
  readonly counted: number | undefined
  /** How many went before their time since this instance started. */
  readonly dropped: number
}

/** How often is looked for what others left behind, in milliseconds. */
export const EVENTS_INTERVAL_MS = 1_000
/** How often the pool is compared with what was told of it, in milliseconds. */
export const POOL_NEWS_INTERVAL_MS = 4_000

/** Decorates `app.events`. In the background what records have to tell is brought into the outbox. */
export default fp(
  async (app) => {
    const { clock, config, log, sharedStore, storages, webhooks } = app
    const { isLasting, storage, forCalls } = storages
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
      onDropped(which, count) {
        counts.dropped += count
        dropped.note(which, counts.dropped)
      },
    })
    const stats = (): EventStats => ({ counted: bound.counted, dropped: counts.dropped })
    if (!hasApi(config)) {
      app.decorate('events', { outbox, retentionMs, onAdded, noteTrouble: () => undefined, stats })
      return
    }
    const onError = (err: unknown) => log.error({ err }, 'telling the business failed')
    const callSource = createCallSource(storage.now)
    const relay = createRelay({
      storage,
      outbox,
      sources: [sessionSource, callSource],
      onUnreadable,
      onError,
    })
    const toTell = (source: Source, over: Storage) =>
      createToTell({
        storage: over,
        list: source.list,
        onWritten: (written) => relay.noteWritten(source, written),
      })
    const carrierNews = createCarrierNews(clock.now, outbox)
    app.decorate('events', {
      outbox,
      retentionMs,
      onAdded,
      noteTrouble: carrierNews.note,
      stats,
      sessionsToTell: toTell(sessionSource, storage),
      callsToTell: toTell(callSource, forCalls),
    })

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
        work: createPoolNews(storage, outbox).upkeep,
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
  { name: 'events', dependencies: ['clock', 'config', 'shared-store', 'storages', 'webhooks'] },
)
