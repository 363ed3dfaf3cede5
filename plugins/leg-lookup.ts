import fp from 'fastify-plugin'
import { createLegLookup, type LegLookup } from '../src/masking/leg-lookup.js'

declare module 'fastify' {
  interface FastifyInstance {
    readonly legs: LegLookup
  }
}

/** Decorates `app.legs`: who may reach whom, by the static pair of the configuration and by sessions. */
export default fp(
  async (app) => {
    const { lookup, maskingNumbers, pool } = app
    const { ofPair, fixed } = maskingNumbers
    app.decorate('legs', createLegLookup({ numbers: ofPair, pool, fixed, sessions: lookup }))
  },
  { name: 'leg-lookup', dependencies: ['masking-numbers', 'pool', 'sessions'] },
)
