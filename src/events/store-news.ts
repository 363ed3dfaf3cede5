import { EVENT_VERSION, eventId } from './event.js'
import type { Outbox } from './outbox.js'

/** Tells that the store was down, once it is there again: nothing can be told before. */
export interface StoreNews {
  /** To be called every second. */
  upkeep(): Promise<void>
}

/** Milliseconds after which a store that does not answer is told of. */
export const DOWN_MS = 3_000
/** Milliseconds in which all instances that notice the same tell it as one. */
export const SAME_MS = 5 * 60 * 1_000

/** @param now milliseconds since 1970, also while the store is down */
export function createStoreNews(
  isUp: () => boolean,
  now: () => number,
  outbox: Pick<Outbox, 'add'>,
): StoreNews {
  let downAt: number | undefined

  return {
    async upkeep() {
      if (!isUp()) {
        downAt ??= now()
        return
      }
      if (downAt === undefined) return
      const [since, at] = [downAt, now()]
      if (at - since >= DOWN_MS) {
        const down_at = new Date(since).toISOString()
        const data = { version: EVENT_VERSION, down_at } as const
        const idOf = (what: string) => eventId('store', `${what}/${Math.floor(since / SAME_MS)}`)
        await outbox.add([
          { id: idOf('down'), type: 'store.down', at: since, data },
          {
            id: idOf('up'),
            type: 'store.up',
            at,
            data: { ...data, down_seconds: Math.round((at - since) / 1_000) },
          },
        ])
      }
      downAt = undefined
    },
  }
}
