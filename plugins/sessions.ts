import fp from 'fastify-plugin'
import { pool, staticPair } from '../src/config/masking-numbers.js'
import { legsOf } from '../src/masking/pair.js'
import { wholeNumber } from '../src/masking/phone-number.js'
import type { SessionStore } from '../src/masking/session-store.js'
import { createMemorySessions } from '../src/stores/memory-sessions.js'

declare module 'fastify' {
  interface FastifyInstance {
    readonly sessions: SessionStore
  }
}

/** How often memory is given back, in milliseconds, and at how many sessions each round looks. */
export const FORGET_INTERVAL_MS = 1_000
export const FORGET_LIMIT = 2_000

/** Decorates `app.sessions`: the pairings that begin and end. */
export default fp(
  async (app) => {
    const { config, clock } = app
    const pair = staticPair(config)
    const sessions = createMemorySessions({
      now: clock.now,
      pool: pool(config).map(wholeNumber),
      restMs: config.NUMBER_REST * 1_000,
      fixed: pair ? legsOf(pair) : [],
    })
    app.decorate('sessions', sessions)

    const stop = clock.every(FORGET_INTERVAL_MS, () => sessions.forget(FORGET_LIMIT))
    app.addHook('onClose', async () => stop())
  },
  { name: 'sessions', dependencies: ['config', 'clock'] },
)
