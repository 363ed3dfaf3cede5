import fp from 'fastify-plugin'
import { HASHED_KINDS } from '../src/masking/keys.js'
import type { Storage } from '../src/masking/storage.js'
import { createMemoryTexts } from '../src/stores/memory-texts.js'
import { createMemoryScript, createStorage } from '../src/stores/storage.js'
import { noMeter } from '../src/telemetry/meter.js'
import { timedStorage } from '../src/telemetry/timed-storage.js'

declare module 'fastify' {
  interface FastifyInstance {
    readonly storages: Storages
  }
}

/** Where everything is kept, for those who cannot wait long and for those who can. */
export interface Storages {
  readonly forCalls: Storage
  readonly storage: Storage
  /** Whether what is kept outlives this process. */
  readonly isLasting: boolean
}

/** Decorates `app.storages`. */
export default fp(
  async (app) => {
    const { clock, config, fileStore, meter, sharedStore, tracing } = app
    // What is in memory takes no time, and is asked by every call.
    const watched = (storage: Storage, kind: string) => {
      const timed = meter === noMeter ? storage : timedStorage(storage, meter, () => performance.now())
      return tracing ? tracing.traced(timed, kind) : timed
    }
    const watch = (kind: string, isUp: () => boolean) =>
      meter.watch('storeUp', () => [{ labels: { kind }, value: isUp() ? 1 : 0 }])
    if (sharedStore) {
      const [forCalls, storage] = [
        watched(sharedStore.forCalls, 'redis'),
        watched(sharedStore.storage, 'redis'),
      ]
      app.decorate('storages', { forCalls, storage, isLasting: true })
      watch(sharedStore.kind, () => sharedStore.isUp)
      return
    }
    if (fileStore) {
      const storage = watched(fileStore.storage, 'lmdb')
      app.decorate('storages', { forCalls: storage, storage, isLasting: true })
      watch('file', () => fileStore.isUp)
      return
    }
    watch('memory', () => true)
    const storage = createStorage(createMemoryTexts(clock.now), createMemoryScript(HASHED_KINDS))
    app.decorate('storages', { forCalls: storage, storage, isLasting: false })
    if (config.MASKING_NUMBERS)
      app.log[config.NODE_ENV === 'production' ? 'warn' : 'info'](
        { store: 'memory' },
        'sessions are kept in this process: run one instance, which forgets them when it ends',
      )
  },
  { name: 'storages', dependencies: ['clock', 'config', 'file-store', 'meter', 'shared-store', 'tracing'] },
)
