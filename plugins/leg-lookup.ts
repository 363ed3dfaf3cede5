import fp from 'fastify-plugin'
import { maskingNumbers, staticPair } from '../src/config/masking-numbers.js'
import { createLegLookup, type LegLookup } from '../src/masking/leg-lookup.js'
import { legsOf } from '../src/masking/pair.js'

declare module 'fastify' {
  interface FastifyInstance {
    readonly legs: LegLookup
  }
}

/** Decorates `app.legs`: who may reach whom, by the static pair of the configuration and by sessions. */
export default fp(
  async (app) => {
    const pair = staticPair(app.config)
    app.decorate(
      'legs',
      createLegLookup({
        numbers: maskingNumbers(app.config),
        fixed: pair ? legsOf(pair) : [],
        sessions: app.sessions,
      }),
    )
  },
  { name: 'leg-lookup', dependencies: ['config', 'sessions'] },
)
