import fp from 'fastify-plugin'
import { type CallCounts, createCallCounts, noCallCounts } from '../src/calls/call-counts.js'
import { hasApi } from '../src/config/api.js'
import { inBackground } from '../src/in-background.js'
import { createInTurn } from '../src/masking/in-turn.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** How many calls there were. What is counted is in the store a second later. */
    readonly callCounts: CallCounts
  }
}

/** How often what was counted is written, in milliseconds. */
export const CALL_COUNTS_MS = 1_000

/** Decorates `app.callCounts`. */
export default fp(
  async (app) => {
    const { clock, config, log, storages } = app
    if (!hasApi(config)) {
      app.decorate('callCounts', noCallCounts)
      return
    }
    const counts = createCallCounts(storages.storage)
    const inTurn = createInTurn()
    const write = () => inTurn('all', counts.write)
    app.decorate('callCounts', { ...counts, write })

    const stop = inBackground({
      clock,
      ms: CALL_COUNTS_MS,
      work: write,
      onError: (err) => log.error({ err }, 'calls cannot be counted'),
    })
    app.addHook('onClose', async () => {
      stop()
      await write().catch((err) => log.warn({ err }, 'the last counts of calls are lost'))
    })
  },
  { name: 'call-counts', dependencies: ['clock', 'config', 'storages'] },
)
