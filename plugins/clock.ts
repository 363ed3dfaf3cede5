import fp from 'fastify-plugin'
import type { Clock } from '../src/clock.js'

declare module 'fastify' {
  interface FastifyInstance {
    readonly clock: Clock
  }
}

/** Decorates `app.clock`: the one clock of everything that depends on the time. */
export default fp<{ clock: Clock }>(
  async (app, { clock }) => {
    app.decorate('clock', clock)
  },
  { name: 'clock' },
)
