import fp from 'fastify-plugin'
import { CALLS_TO_TELL } from '../src/calls/calls.js'
import { createQueueWatch } from '../src/events/queue-watch.js'
import { inBackground } from '../src/in-background.js'
import { SESSIONS_TO_TELL } from '../src/masking/keys.js'
import { noMeter } from '../src/telemetry/meter.js'

/** How often the queues are looked at, in milliseconds. */
export const QUEUES_INTERVAL_MS = 15_000

/** Says in the metrics how it stands with what the business is told. */
export default fp(
  async (app) => {
    const { clock, deliveries, events, log, meter, storages, webhooks } = app
    if (meter === noMeter) return
    const { storage } = storages
    const watch = createQueueWatch({
      storage,
      sources: [{ list: SESSIONS_TO_TELL }, { list: CALLS_TO_TELL }],
      webhooks,
      deliverer: deliveries.deliverer,
    })
    const stages = () => {
      const { toTell, toDeliver } = watch.seen ?? {}
      return Object.entries({ to_tell: toTell, to_deliver: toDeliver }).flatMap(([stage, waiting]) =>
        waiting ? { labels: { stage }, waiting } : [],
      )
    }
    meter.watch('eventsKept', () => events.stats().counted)
    meter.watch('eventsDropped', () => events.stats().dropped)
    meter.watch('deliveries', () =>
      Object.entries(deliveries.counts).map(([result, value]) => ({ labels: { result }, value })),
    )
    meter.watch('eventsWaiting', () =>
      stages().map(({ labels, waiting }) => ({ labels, value: waiting.count })),
    )
    meter.watch('oldestEvent', () =>
      stages().map(({ labels, waiting: { since } }) => {
        return { labels, value: since === undefined ? 0 : Math.max(0, storage.now() - since) / 1_000 }
      }),
    )
    meter.watch('endpoints', () =>
      Object.entries(watch.seen?.endpoints ?? {}).map(([state, value]) => ({ labels: { state }, value })),
    )

    const stop = inBackground({
      clock,
      ms: QUEUES_INTERVAL_MS,
      work: watch.look,
      onError: (err) => log.error({ err }, 'looking at what waits to be told failed'),
    })
    app.addHook('onClose', async () => stop())
  },
  {
    name: 'event-watch',
    dependencies: ['clock', 'deliveries', 'events', 'meter', 'storages', 'webhooks'],
  },
)
