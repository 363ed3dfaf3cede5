import fp from 'fastify-plugin'
import { hasApi } from '../src/config/api.js'
import { createLivePool, type LivePool, liveRules } from '../src/masking/live-pool.js'
import type { ParticipantRules } from '../src/masking/participant.js'
import { NUMBER_STATES } from '../src/masking/pool.js'
import type { PoolCounter } from '../src/masking/pool-counts.js'
import { StoreUnavailableError, type Unreadable } from '../src/masking/storage.js'
import { createSampler } from '../src/sampler.js'

declare module 'fastify' {
  interface FastifyInstance {
    readonly pool: LivePool
    /** How full the pool is. Only with an API. */
    readonly poolCounter: PoolCounter
    /** Who can be a participant. */
    readonly participantRules: ParticipantRules
  }
}

/** How often the pool is looked at, in milliseconds. */
export const POOL_INTERVAL_MS = 1_000

/**
 * Decorates `app.pool`, the masking numbers that sessions may be given: it follows what other instances make of them. How much each
 * is used is counted in the background, where there is an API that can be asked for it.
 */
export default fp(
  async (app) => {
    const { clock, config, maskingNumbers, meter, storages, toTell } = app
    const unreadable = createSampler<Unreadable, undefined>(clock, (reason, { count }) =>
      app.log.warn(
        { reason, count },
        'the pool cannot be read: what was seen last goes on; give all instances the same STORE_KEY',
      ),
    )
    const pool = createLivePool({
      ...storages,
      now: clock.now,
      configured: maskingNumbers.pool,
      onDifference: ({ onlyConfigured, onlyInPool }) =>
        app.log.warn(
          { onlyConfigured, onlyInPool },
          'MASKING_NUMBERS differs from the pool in the store, and the pool is what counts: compare it with `callmask numbers sync`',
        ),
      onUnreadable(reason) {
        meter.count('unreadable', 'pool')
        unreadable.note(reason, undefined)
      },
      tell: toTell.tellPool,
    })
    app.decorate('pool', pool)
    app.decorate(
      'participantRules',
      liveRules({
        pool,
        country: config.DEFAULT_COUNTRY,
        listed: maskingNumbers.listedCountries,
        others: maskingNumbers.ofPair,
      }),
    )

    const counter = hasApi(config) ? await createCounter() : undefined
    if (counter) app.decorate('poolCounter', counter)
    meter.watch('poolNumbers', () =>
      NUMBER_STATES.map((state) => ({
        labels: { state },
        value: pool.seen.numbers.filter((number) => number.state === state).length,
      })),
    )
    // What is kept of the last count, because a question must not make anybody count.
    meter.watch('headRoom', () => counter?.last?.headRoom)
    meter.watch('sessions', () => counter?.last?.openSessions)
    meter.watch('countedAt', () => counter?.last && counter.last.countedAt / 1_000)

    const stop = clock.every(POOL_INTERVAL_MS, () =>
      Promise.all([
        pool.upkeep().catch(unlessUnavailable('reading the pool failed')),
        counter?.upkeep().catch(unlessUnavailable('counting the use of the pool failed')),
      ]),
    )
    app.addHook('onClose', async () => stop())
    if (!storages.isLasting) await pool.look()

    async function createCounter(): Promise<PoolCounter> {
      const { createPoolCounter } = await import('../src/masking/pool-counts.js')
      return createPoolCounter({
        storage: storages.storage,
        numbers: () => pool.seen.numbers,
        restMs: config.NUMBER_REST * 1_000,
        fixed: maskingNumbers.fixed,
      })
    }

    function unlessUnavailable(failed: string) {
      return (err: unknown) => {
        if (!(err instanceof StoreUnavailableError)) app.log.error({ err }, failed)
      }
    }
  },
  { name: 'pool', dependencies: ['clock', 'config', 'masking-numbers', 'meter', 'storages', 'to-tell'] },
)
