import { randomUUID } from 'node:crypto'
import type { Key, Storage } from './storage.js'

/** Lets one instance at a time do something. Who does not take it again in time has lost it. */
export interface Lease {
  /** Takes it, or keeps it. False while another one has it. */
  take(): Promise<boolean>
  release(): Promise<void>
}

/** As it is written. */
interface Written {
  readonly by: string
  readonly until: number
}

/** @param ms milliseconds for which it is held by whoever takes it */
export function createLease(storage: Storage, key: Key, ms: number): Lease {
  const by = randomUUID()

  return {
    async take() {
      const [was] = await storage.read([key])
      const { by: holder, until: heldUntil = 0 } = (was?.value ?? {}) as Partial<Written>
      if (holder !== by && storage.now() < heldUntil) return false
      const until = storage.now() + ms
      return storage.swap({ key, was, value: { by, until } satisfies Written, until })
    },

    async release() {
      const [was] = await storage.read([key])
      const { by: holder } = (was?.value ?? {}) as Partial<Written>
      if (holder === by) await storage.swap({ key, was, value: undefined, until: 0 })
    },
  }
}
