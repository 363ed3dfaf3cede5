import fp from 'fastify-plugin'
import { createRetention } from '../src/masking/retention.js'
import { StoreUnavailableError } from '../src/masking/storage.js'

/** How often the next piece of all that is kept is looked at, in milliseconds: of a million sessions, all within a day. */
export const SWEEP_INTERVAL_MS = 5_000

/** Forgets what is past SESSION_RETENTION inside of what is kept on, a piece at a time. */
export default fp(
  async (app) => {
    const { clock, memory, storages } = app
    const retention = createRetention({ storage: storages.storage, ...memory })
    let isBusy = false
    const stop = clock.every(SWEEP_INTERVAL_MS, async () => {
      if (isBusy) return
      isBusy = true
      await retention.sweep().catch((err) => {
        if (!(err instanceof StoreUnavailableError))
          app.log.error({ err }, 'forgetting what is past its time failed')
      })
      isBusy = false
    })
    app.addHook('onClose', async () => stop())
  },
  { name: 'retention', dependencies: ['clock', 'sessions', 'storages'] },
)
