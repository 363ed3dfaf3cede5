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
    const { all, fixed } = app.maskingNumbers
    app.decorate(
      'legs',
      createLegLookup({
        numbers: all,
        fixed,
        sessions: app.lookup,
      }),
    )
  },
  { name: 'leg-lookup', dependencies: ['masking-numbers', 'sessions'] },
)
