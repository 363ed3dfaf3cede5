import fp from 'fastify-plugin'
import { createNonceMemory, NONCE_CAPACITY } from '../src/stores/memory-nonces.js'
import { createRedisNonces } from '../src/stores/redis/redis-nonces.js'
import type { NonceMemory } from '../src/vobiz/nonces.js'
import { createRetries, type Retries } from '../src/vobiz/retries.js'

declare module 'fastify' {
  interface FastifyInstance {
    readonly nonces: NonceMemory
    readonly retries: Retries
  }
}

export interface NonceMemoryPluginOptions {
  /** How many nonces this instance remembers at most. */
  readonly capacity?: number
}

/** Decorates `app.nonces`: which webhooks have been seen before. And `app.retries`: what those may get that come again. */
export default fp<NonceMemoryPluginOptions>(
  async (app, { capacity = NONCE_CAPACITY }) => {
    const { clock, meter, sharedStore } = app
    const ofInstance = createNonceMemory({ now: clock.now, capacity, onEarlyTurn: warn })
    app.decorate(
      'nonces',
      sharedStore ? createRedisNonces({ ...sharedStore, fallback: ofInstance }) : ofInstance,
    )
    app.decorate('retries', createRetries(clock))
    meter.watch('nonces', () => ofInstance.size)
    meter.watch('nonceCapacity', () => capacity)

    function warn(rememberedMs: number): void {
      app.log.warn(
        { rememberedMinutes: Math.floor(rememberedMs / 60_000) },
        'the memory for replays is full: this instance remembers them for less than 24 hours',
      )
    }
  },
  { name: 'nonce-memory', dependencies: ['clock', 'meter', 'shared-store'] },
)
