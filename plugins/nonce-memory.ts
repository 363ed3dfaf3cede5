import fp from 'fastify-plugin'
import { createNonceMemory } from '../src/stores/memory-nonces.js'
import type { NonceMemory } from '../src/vobiz/nonces.js'

declare module 'fastify' {
  interface FastifyInstance {
    readonly nonces: NonceMemory
  }
}

/** Decorates `app.nonces`: which webhooks have been seen before. */
export default fp(
  async (app) => {
    app.decorate('nonces', createNonceMemory({ now: app.clock.now }))
  },
  { name: 'nonce-memory', dependencies: ['clock'] },
)
