import fp from 'fastify-plugin'
import { staticPair } from '../src/config/static-pair.js'
import type { MappingStore } from '../src/masking/mapping-store.js'
import { createMemoryStore } from '../src/stores/memory.js'

declare module 'fastify' {
  interface FastifyInstance {
    readonly mappings: MappingStore
  }
}

/** Decorates `app.mappings`: the store that knows who may reach whom, filled from the configuration. */
export default fp(
  async (app) => {
    app.decorate('mappings', createMemoryStore([staticPair(app.config)]))
  },
  { name: 'mapping-store', dependencies: ['config'] },
)
