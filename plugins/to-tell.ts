import fp from 'fastify-plugin'
import { CALLS_TO_TELL } from '../src/calls/calls.js'
import { hasApi } from '../src/config/api.js'
import { SESSIONS_TO_TELL } from '../src/masking/keys.js'
import type { Key, Storage } from '../src/masking/storage.js'
import { createToTell, type ToTell, type WrittenEntry } from '../src/masking/to-tell.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** Where sessions and calls are listed that have something to tell. */
    readonly toTell: RecordsToTell
  }
}

export interface RecordsToTell {
  /** Both undefined without an API, where nobody could ask for it. */
  readonly sessions?: ToTell
  readonly calls?: ToTell
  /** Tells a listener of each record that was written here, by its list. */
  onWritten(listener: (list: Key, written: WrittenEntry) => void): void
}

/** Decorates `app.toTell`. */
export default fp(
  async (app) => {
    const { config, storages } = app
    const listeners: ((list: Key, written: WrittenEntry) => void)[] = []
    const onWritten: RecordsToTell['onWritten'] = (listener) => listeners.push(listener)
    const over = (storage: Storage, list: Key) =>
      createToTell({
        storage,
        list,
        onWritten(written) {
          for (const listener of listeners) listener(list, written)
        },
      })
    app.decorate('toTell', {
      onWritten,
      ...(hasApi(config) && {
        sessions: over(storages.storage, SESSIONS_TO_TELL),
        calls: over(storages.forCalls, CALLS_TO_TELL),
      }),
    })
  },
  { name: 'to-tell', dependencies: ['config', 'storages'] },
)
