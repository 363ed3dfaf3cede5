import fp from 'fastify-plugin'
import type { CarrierTrouble } from '../src/calls/call-news.js'
import { CALLS_TO_TELL } from '../src/calls/calls.js'
import { hasApi } from '../src/config/api.js'
import { SESSIONS_TO_TELL } from '../src/masking/keys.js'
import type { Key, Storage } from '../src/masking/storage.js'
import { createToTell, type ToTell, type WrittenEntry } from '../src/masking/to-tell.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** What is to be told, for whoever tells it. */
    readonly toTell: ToBeTold
  }
}

export interface ToBeTold {
  /** Where sessions and calls are listed that have something to tell. Both undefined without an API, where nobody could ask for it. */
  readonly sessions?: ToTell
  readonly calls?: ToTell
  /** Tells a listener of each record that was written here, by its list. */
  onWritten(listener: WrittenListener): void
  /** Tells what became of the pool so far, if there is somebody who tells it. */
  tellPool(): Promise<void>
  onPool(teller: () => Promise<void>): void
  /** Trouble with the carrier of which no call tells. */
  noteTrouble(trouble: CarrierTrouble): void
  onTrouble(listener: TroubleListener): void
}

type WrittenListener = (list: Key, written: WrittenEntry) => void
type TroubleListener = (trouble: CarrierTrouble) => void

/** Decorates `app.toTell`. */
export default fp(
  async (app) => {
    const { config, storages } = app
    const ofWritten: WrittenListener[] = []
    const ofTrouble: TroubleListener[] = []
    const ofPool: (() => Promise<void>)[] = []
    const over = (storage: Storage, list: Key) =>
      createToTell({
        storage,
        list,
        onWritten(written) {
          for (const listener of ofWritten) listener(list, written)
        },
      })
    app.decorate('toTell', {
      onWritten: (listener) => ofWritten.push(listener),
      async tellPool() {
        for (const tell of ofPool) await tell()
      },
      onPool: (teller) => ofPool.push(teller),
      noteTrouble(trouble) {
        for (const listener of ofTrouble) listener(trouble)
      },
      onTrouble: (listener) => ofTrouble.push(listener),
      ...(hasApi(config) && {
        sessions: over(storages.storage, SESSIONS_TO_TELL),
        calls: over(storages.forCalls, CALLS_TO_TELL),
      }),
    })
  },
  { name: 'to-tell', dependencies: ['config', 'storages'] },
)
