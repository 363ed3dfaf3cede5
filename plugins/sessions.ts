import fp from 'fastify-plugin'
import { hasApi } from '../src/config/api.js'
import { inBackground } from '../src/in-background.js'
import { createLookup } from '../src/masking/lookup.js'
import type { Memory } from '../src/masking/session.js'
import type { Lookup, Sessions } from '../src/masking/session-store.js'
import type { Unreadable } from '../src/masking/storage.js'
import { createSampler } from '../src/sampler.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** Only where there can be any: with an API, or where what is kept outlives the process. */
    readonly sessions: Sessions
    /** What calls ask of the sessions. */
    readonly lookup: Lookup
    /** For how long what ended is remembered. */
    readonly memory: Memory
  }
}

/** How often the upkeep runs, in milliseconds. */
export const UPKEEP_INTERVAL_MS = 1_000

/** Decorates `app.sessions`, `app.lookup` and `app.memory`: the rules of sessions over whatever storage there is. Their upkeep runs here. */
export default fp(
  async (app) => {
    const { config, clock, maskingNumbers, meter, pool, storages } = app
    const memory = { restMs: config.NUMBER_REST * 1_000, retentionMs: config.SESSION_RETENTION * 1_000 }
    app.decorate('lookup', createLookup({ storage: storages.forCalls, ...memory }))
    app.decorate('memory', memory)
    const sessions = hasApi(config) || storages.isLasting ? await load() : undefined
    if (sessions) {
      app.decorate('sessions', sessions)
      meter.watch('unconfirmed', sessions.unconfirmed)
    }

    const stop = inBackground({
      clock,
      ms: UPKEEP_INTERVAL_MS,
      work: () => (sessions ?? storages.storage).upkeep(),
      onError: (err) => app.log.error({ err }, 'upkeep failed'),
    })
    app.addHook('onClose', async () => stop())

    async function load(): Promise<Sessions> {
      // Loaded here, because the others need none of its twenty files.
      const { createSessions } = await import('../src/masking/sessions.js')
      const unreadable = createSampler<Unreadable, undefined>(clock, (reason, { count }) =>
        app.log.warn({ reason, count }, 'a record that cannot be read is passed over'),
      )
      const { sessions: toTell } = app.toTell
      return createSessions({
        storage: storages.storage,
        activeNumbers: pool.active,
        ...memory,
        fixed: maskingNumbers.fixed,
        pinLength: config.PIN_LENGTH,
        onUnreadable(reason) {
          meter.count('unreadable', 'session')
          unreadable.note(reason, undefined)
        },
        tells: toTell && { toTell, nearMs: config.SESSION_EXPIRING_BEFORE * 1_000 },
      })
    }
  },
  {
    name: 'sessions',
    dependencies: ['config', 'clock', 'masking-numbers', 'meter', 'pool', 'storages', 'to-tell'],
  },
)
