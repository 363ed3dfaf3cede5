import { POOL, POOL_COUNTS } from '../masking/keys.js'
import { type NumberState, numbersIn, type PoolNumber } from '../masking/pool.js'
import type { Key, Storage } from '../masking/storage.js'
import { type BusinessEvent, EVENT_VERSION, type EventType, eventId } from './event.js'
import { POOL_TOLD_KIND } from './event-keys.js'
import type { Outbox } from './outbox.js'

/** Tells what becomes of the pool, by comparing it with what was told of it. */
export interface PoolNews {
  /** To be called before the pool is changed, after, and every few seconds, by any instance. */
  tell(): Promise<void>
}

/** For so many more sessions the busiest person has room where that is told to be low, and where it is no more. */
export const LOW_HEAD_ROOM = 1
export const ENOUGH_HEAD_ROOM = 3

export const POOL_TOLD: Key = { kind: POOL_TOLD_KIND, id: 'all' }

/** What was told, as it is written. */
interface Told {
  /** How often something was. */
  readonly n: number
  readonly states: Readonly<Record<string, NumberState>>
  readonly isLow: boolean
}

/**
 * What stands in the pool is told before it is replaced, so no change of it is left out: what was told stands in the store, and a
 * crash in between leaves the difference.
 */
export function createPoolNews(storage: Storage, outbox: Pick<Outbox, 'add'>): PoolNews {
  return {
    async tell() {
      const [pool, was, counts] = await storage.read([POOL, POOL_TOLD, POOL_COUNTS])
      // A pool that was lost comes back as it was.
      if (pool?.unreadable || was?.unreadable || (was && !pool)) return
      const numbers = numbersIn(pool)
      const states = Object.fromEntries(numbers.map(({ number, state }) => [number, state]))
      const room = (counts?.value as { readonly room: number } | undefined)?.room
      const before = was?.value as Told | undefined
      const n = (before?.n ?? 0) + 1
      const isLow = isLowNow(before?.isLow ?? false, numbers.length === 0 ? undefined : room)
      const next: Told = { n, states, isLow }
      // What is there at the first look is not news.
      const news = before ? newsOf(before, numbers) : []
      if (isLow && !before?.isLow)
        news.push({ type: 'number.low_head_room', about: '', data: { head_room: room } })
      if (before && news.length === 0 && isLow === before.isLow) return

      const at = storage.now()
      const touched = await outbox.add(news.map((one) => eventOf(one, n, at)))
      if (touched.length > 0 && !(await storage.confirm(touched))) return
      await storage.swap({ key: POOL_TOLD, was, value: next, until: Infinity })
    },
  }
}

interface News {
  readonly type: EventType
  readonly about: string
  readonly data: Readonly<Record<string, unknown>>
}

function newsOf({ states }: Told, numbers: readonly PoolNumber[]): News[] {
  const news = (type: EventType, number: string): News => ({
    type,
    about: number,
    data: { number: `+${number}` },
  })
  const known = new Set(numbers.map(({ number }) => number))
  return [
    ...numbers.flatMap(({ number, state }) => {
      const before = states[number]
      if (before === state) return []
      if (before === undefined) return news('number.added', number)
      return news(state === 'draining' ? 'number.draining' : 'number.activated', number)
    }),
    ...Object.keys(states).flatMap((number) => (known.has(number) ? [] : news('number.removed', number))),
  ]
}

function eventOf({ type, about, data }: News, n: number, at: number): BusinessEvent {
  return { id: eventId(`pool/${n}`, `${type}/${about}`), type, at, data: { version: EVENT_VERSION, ...data } }
}

/** Once it is low, it is so until there is enough: not each session is to be told of. */
function isLowNow(wasLow: boolean, room: number | undefined): boolean {
  if (room === undefined) return wasLow
  return wasLow ? room < ENOUGH_HEAD_ROOM : room <= LOW_HEAD_ROOM
}
