import fp from 'fastify-plugin'
import { HASHED_KINDS } from '../src/masking/keys.js'
import type { Storage } from '../src/masking/storage.js'
import { createMemoryTexts } from '../src/stores/memory-texts.js'
import { createMemoryScript, createStorage } from '../src/stores/storage.js'

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
    const { clock, config, fileStore, sharedStore } = app
    if (sharedStore) {
      const { forCalls, storage } = sharedStore
      app.decorate('storages', { forCalls, storage, isLasting: true })
      return
    }
    if (fileStore) {
      const { storage } = fileStore
      app.decorate('storages', { forCalls: storage, storage, isLasting: true })
      return
    }
    const storage = createStorage(createMemoryTexts(clock.now), createMemoryScript(HASHED_KINDS))
    app.decorate('storages', { forCalls: storage, storage, isLasting: false })
    if (config.MASKING_NUMBERS)
      app.log[config.NODE_ENV === 'production' ? 'warn' : 'info'](
        { store: 'memory' },
        'sessions are kept in this process: run one instance, which forgets them when it ends',
      )
  },
  { name: 'storages', dependencies: ['clock', 'config', 'file-store', 'shared-store'] },
)
