import fp from 'fastify-plugin'
import { createNonceMemory } from '../src/stores/memory-nonces.js'
import { createRedisNonces } from '../src/stores/redis/redis-nonces.js'
import type { NonceMemory } from '../src/vobiz/nonces.js'

declare module 'fastify' {
  interface FastifyInstance {
    readonly nonces: NonceMemory
  }
}

/** Decorates `app.nonces`: which webhooks have been seen before. */
export default fp(
  async (app) => {
    const { clock, sharedStore } = app
    const ofInstance = createNonceMemory({ now: clock.now })
    app.decorate(
      'nonces',
      sharedStore ? createRedisNonces({ ...sharedStore, fallback: ofInstance }) : ofInstance,
    )
  },
  { name: 'nonce-memory', dependencies: ['clock', 'shared-store'] },
)
