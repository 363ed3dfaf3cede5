import fp from 'fastify-plugin'
import { maskingNumbers, staticPair } from '../src/config/masking-numbers.js'
import { createMappingStore, type MappingStore } from '../src/masking/mapping-store.js'
import { legsOf } from '../src/masking/pair.js'

declare module 'fastify' {
  interface FastifyInstance {
    readonly mappings: MappingStore
  }
}

/** Decorates `app.mappings`: who may reach whom, by the static pair of the configuration and by sessions. */
export default fp(
  async (app) => {
    const pair = staticPair(app.config)
    app.decorate(
      'mappings',
      createMappingStore({
        numbers: maskingNumbers(app.config),
        fixed: pair ? legsOf(pair) : [],
        sessions: app.sessions,
      }),
    )
  },
  { name: 'mapping-store', dependencies: ['config', 'sessions'] },
)
