import fp from 'fastify-plugin'
import { entries } from '../src/config/entries.js'
import { StoreUnavailableError } from '../src/masking/storage.js'
import { createSampler } from '../src/sampler.js'
import { ForeignStoreError, storePrefix } from '../src/stores/about.js'
import type { ReplyWord } from '../src/stores/redis/reply-word.js'
import type { SharedStore } from '../src/stores/redis/shared-store.js'
import { readStorePlace } from '../src/stores/store-url.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** The store that all instances share; undefined when everything is kept elsewhere. */
    readonly sharedStore: SharedStore | undefined
  }
}

/** How often the store is looked at, in milliseconds. */
export const BEAT_INTERVAL_MS = 1_000

export interface SharedStorePluginOptions {
  /** Called when the store turns out to be one that this instance cannot read, the first time that it is reached. */
  readonly onUnfit?: ((error: ForeignStoreError) => void) | undefined
}

/** Decorates `app.sharedStore`. An instance starts and answers without it, so that an outage of it is not one of ours. */
export default fp<SharedStorePluginOptions>(
  async (app, { onUnfit = () => undefined }) => {
    const { config, clock, meter } = app
    if (readStorePlace(config.STORE_URL)?.kind !== 'redis') {
      app.decorate('sharedStore', undefined)
      return
    }
    // Loaded here, because ioredis costs all others 10 % of the start.
    const { openSharedStore } = await import('../src/stores/redis/shared-store.js')
    const { checkServer } = await import('../src/stores/redis/server-checks.js')
    const { createHeartbeat, HEARTBEAT_MS } = await import('../src/stores/redis/instances.js')
    const refusals = createSampler<ReplyWord, undefined>(clock, (reply, { count }) =>
      app.log.error({ store: store.kind, reply, count }, 'the store refuses what it is asked'),
    )
    const store = openSharedStore({
      url: String(config.STORE_URL),
      keys: entries(config.STORE_KEY) as [string, ...string[]],
      prefix: storePrefix(config.STORE_PREFIX),
      clock,
      onChange(isUp) {
        if (!isUp)
          return app.log.error(
            { store: store.kind },
            'the store does not answer: calls of sessions get an apology',
          )
        app.log.info({ store: store.kind }, 'the store answers')
        quietly(look)
        quietly(greet)
      },
      onRefusal(word) {
        meter.count('storeRefusals', word)
        refusals.note(word, undefined)
      },
    })
    app.decorate('sharedStore', store)
    app.log.info(
      { store: store.kind },
      'sessions are kept in a shared store: run as many instances as you like',
    )

    for (const { seen, remedy } of store.risks) app.log.warn({ remedy }, `the store: ${seen}`)
    app.secrets.onChange((changed) => {
      if (changed.includes('STORE_KEY'))
        store.vault.useKeys(entries(config.STORE_KEY) as [string, ...string[]])
      if (changed.includes('STORE_URL') && !store.useCredentials(String(config.STORE_URL)))
        app.log.warn('STORE_URL has another place, or is a cluster: restart to use it')
    })

    const tellOfUs = createHeartbeat(store, clock.now)
    const stops = [
      clock.every(HEARTBEAT_MS, () => quietly(tellOfUs)),
      clock.every(BEAT_INTERVAL_MS, () => quietly(look)),
    ]
    app.addHook('onClose', async () => {
      for (const stop of stops) stop()
      store.close()
    })

    let wasRead = false
    /** Not all connections may be there yet. Then the next look succeeds. */
    async function look(): Promise<void> {
      await store.beat()
      wasRead = true
    }

    async function greet(): Promise<void> {
      await tellOfUs()
      for (const { seen, remedy } of await checkServer(store.link))
        app.log.warn({ remedy }, `the store: ${seen}`)
    }

    /** Runs background work. `onChange` logs an outage of the store; any other error is a bug of ours. */
    function quietly(work: () => Promise<void>): void {
      work().catch((err) => {
        if (err instanceof ForeignStoreError) {
          app.log.fatal(err.message)
          if (!wasRead) onUnfit(err)
        } else if (!(err instanceof StoreUnavailableError)) app.log.error({ err }, 'background work failed')
      })
    }
  },
  { name: 'shared-store', dependencies: ['config', 'clock', 'meter', 'secrets'] },
)
