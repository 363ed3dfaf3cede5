import fp from 'fastify-plugin'
import { entries } from '../src/config/entries.js'
import { type Attempted, createDeliverer, type Deliverer } from '../src/events/deliverer.js'
import { createDeliveries, type Deliveries } from '../src/events/deliveries.js'
import { EVENT_VERSION, eventId } from '../src/events/event.js'
import { createPost, type Post } from '../src/events/post.js'
import type { OffReason, Webhook } from '../src/events/webhooks.js'
import { inBackground } from '../src/in-background.js'

declare module 'fastify' {
  interface FastifyInstance {
    readonly deliveries: SentEvents
  }
}

/** The sending of events, and what came of it. */
export interface SentEvents extends Deliveries {
  readonly deliverer: Deliverer
  /** How many attempts of this instance ended how. */
  readonly counts: Readonly<Record<Attempted, number>>
}

/** How often is looked for what is due, in milliseconds. */
export const DELIVERIES_INTERVAL_MS = 1_000

export interface DeliveriesOptions {
  /** How events are sent. */
  readonly post?: Post | undefined
}

/** Decorates `app.deliveries`. In the background events are sent to the endpoints. */
export default fp<DeliveriesOptions>(
  async (app, options) => {
    const { clock, config, events, log, storages, tracing, webhooks } = app
    const { storage } = storages
    const deliveries = createDeliveries(storage, events.retentionMs)
    const counts = { delivered: 0, retrying: 0, failed: 0, dropped: 0 }
    const allowedNetworks = entries(config.EVENT_ALLOWED_NETWORKS)
    const post = options.post ?? createPost({ allowedNetworks, after: clock.after })
    const tracedPost = tracing?.tracedPost(post) ?? post
    const deliverer = createDeliverer({
      storage,
      webhooks,
      outbox: events.outbox,
      deliveries,
      post: tracedPost,
      random: Math.random,
      onOff,
      onAttempt: (outcome) => {
        counts[outcome] += 1
      },
      onError,
    })
    app.decorate('deliveries', { ...deliveries, deliverer, counts })

    events.onAdded(() => void deliverer.deliver())
    const stops = [
      // One endpoint may take long, and the others are not to wait for it.
      clock.every(DELIVERIES_INTERVAL_MS, () => deliverer.deliver()),
      inBackground({
        clock,
        ms: DELIVERIES_INTERVAL_MS,
        work: deliveries.sweep,
        onError,
      }),
    ]
    app.addHook('onClose', async () => {
      for (const stop of stops) stop()
      await deliverer.stop()
    })

    function onError(err: unknown): void {
      log.error({ err }, 'sending events failed')
    }

    async function onOff({ id }: Webhook, why: OffReason): Promise<void> {
      log.warn({ webhook: id, why }, 'an endpoint of events is switched off: nothing is sent to it any more')
      const at = storage.now()
      await events.outbox.add([
        {
          id: eventId(id, `off/${at}`),
          type: 'webhook.disabled',
          at,
          data: { version: EVENT_VERSION, webhook_id: id, why },
        },
      ])
    }
  },
  { name: 'deliveries', dependencies: ['clock', 'config', 'events', 'storages', 'tracing', 'webhooks'] },
)
