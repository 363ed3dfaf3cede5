import fp from 'fastify-plugin'
import { ALL_WEBHOOKS } from '../src/events/event-keys.js'
import { inBackground } from '../src/in-background.js'
import { POOL } from '../src/masking/keys.js'

/** How often the next piece of all that is kept is looked at, in milliseconds: of a million sessions, all within a day. */
export const SWEEP_INTERVAL_MS = 5_000

/**
 * Forgets what is past SESSION_RETENTION inside of what is kept on, a piece at a time. And lets go of an older STORE_KEY what is
 * never written otherwise: the pool, and the endpoints of events.
 */
export default fp(
  async (app) => {
    const { clock, memory, storages } = app
    if (!app.hasDecorator('sessions')) return
    const { createRetention } = await import('../src/masking/retention.js')
    const { resealKey } = await import('../src/stores/reseal.js')
    const { storage } = storages
    const retention = createRetention({ storage, ...memory })
    const stop = inBackground({
      clock,
      ms: SWEEP_INTERVAL_MS,
      work: () =>
        Promise.all([retention.sweep(), resealKey(storage, POOL), resealKey(storage, ALL_WEBHOOKS)]),
      onError: (err) => app.log.error({ err }, 'forgetting what is past its time failed'),
    })
    app.addHook('onClose', async () => stop())
  },
  { name: 'retention', dependencies: ['clock', 'sessions', 'storages'] },
)
