import fp from 'fastify-plugin'
import { wholeNumber } from '../src/masking/phone-number.js'
import { createPool, type Pool } from '../src/masking/pool.js'
import { StoreUnavailableError } from '../src/masking/storage.js'

declare module 'fastify' {
  interface FastifyInstance {
    readonly pool: Pool
  }
}

/** How often the pool is looked at, in milliseconds. */
export const POOL_INTERVAL_MS = 1_000

/** Decorates `app.pool`: the masking numbers that sessions may be given. Those of the configuration fill an empty one. */
export default fp(
  async (app) => {
    const { clock, maskingNumbers, storages } = app
    const pool = createPool(storages.storage)
    app.decorate('pool', pool)

    let isFilled = false
    async function fill(): Promise<void> {
      if (isFilled) return
      await pool.change((numbers) =>
        numbers.length > 0
          ? numbers
          : maskingNumbers.pool.map((number) => ({ number: wholeNumber(number), state: 'active' })),
      )
      isFilled = true
    }

    const stop = clock.every(POOL_INTERVAL_MS, () =>
      fill().catch((err) => {
        if (!(err instanceof StoreUnavailableError)) app.log.error({ err }, 'filling the pool failed')
      }),
    )
    app.addHook('onClose', async () => stop())
    if (!storages.isLasting) await fill()
  },
  { name: 'pool', dependencies: ['clock', 'masking-numbers', 'storages'] },
)
