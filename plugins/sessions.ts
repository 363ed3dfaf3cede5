import fp from 'fastify-plugin'
import { wholeNumber } from '../src/masking/phone-number.js'
import { type SessionStore, StoreUnavailableError, type Unreadable } from '../src/masking/session-store.js'
import { createSampler } from '../src/sampler.js'
import { createMemorySessions } from '../src/stores/memory-sessions.js'
import { createRedisSessions } from '../src/stores/redis/redis-sessions.js'

declare module 'fastify' {
  interface FastifyInstance {
    readonly sessions: SessionStore
  }
}

/** How often the store's upkeep runs, in milliseconds. */
export const UPKEEP_INTERVAL_MS = 1_000

/** Decorates `app.sessions`: the store of the sessions, whose upkeep runs here. */
export default fp(
  async (app) => {
    const { config, clock, maskingNumbers, sharedStore } = app
    const options = {
      now: clock.now,
      pool: maskingNumbers.pool.map(wholeNumber),
      restMs: config.NUMBER_REST * 1_000,
      fixed: maskingNumbers.fixed,
    }
    const unreadable = createSampler<Unreadable, undefined>(clock, (reason, { count }) =>
      app.log.warn({ reason, count }, 'a record that cannot be read is passed over'),
    )
    const sessions = sharedStore
      ? createRedisSessions({
          ...options,
          ...sharedStore,
          onUnreadable: (reason) => unreadable.note(reason, undefined),
        })
      : createMemorySessions(options)
    app.decorate('sessions', sessions)

    let isBusy = false
    const stop = clock.every(UPKEEP_INTERVAL_MS, async () => {
      if (isBusy) return
      isBusy = true
      await sessions.upkeep().catch((err) => {
        if (!(err instanceof StoreUnavailableError)) app.log.error({ err }, 'upkeep failed')
      })
      isBusy = false
    })
    app.addHook('onClose', async () => stop())
  },
  { name: 'sessions', dependencies: ['config', 'clock', 'masking-numbers', 'shared-store'] },
)
