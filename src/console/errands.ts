import { randomBytes } from 'node:crypto'
import type { Key, Storage } from '../masking/storage.js'
import type { Kept } from './provider.js'

/** What must be known again when somebody comes back from a provider of identities. Rejects with a `StoreUnavailableError` when the store fails. */
export interface Errands {
  /** Returns the text of the cookie, which nothing can show again. */
  begin(errand: Errand): Promise<string>
  /** Gives out what a cookie stands for, once; undefined where it is none, too old or used. */
  end(cookie: string): Promise<Errand | undefined>
}

export interface Errand {
  readonly kept: Kept
  /** Where to go then. */
  readonly to: string
}

/** Seconds that somebody may take at the provider. */
export const ERRAND_SECONDS = 600
const SECRET_BYTES = 32

export function createErrands(storage: Storage): Errands {
  return {
    async begin(errand) {
      const cookie = randomBytes(SECRET_BYTES).toString('base64url')
      const until = storage.now() + ERRAND_SECONDS * 1_000
      await storage.swap({ key: errandKey(cookie), was: undefined, value: { ...errand, until }, until })
      return cookie
    },
    async end(cookie) {
      const key = errandKey(cookie)
      const [was] = await storage.read([key])
      if (!was || was.unreadable) return undefined
      const { until, ...errand } = was.value as Errand & { readonly until: number }
      const isFirst = await storage.swap({ key, was, value: undefined, until: 0 })
      return isFirst && storage.now() < until ? errand : undefined
    },
  }
}

function errandKey(cookie: string): Key {
  return { kind: 'errand', secret: cookie }
}
