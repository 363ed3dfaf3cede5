import { setImmediate as turn } from 'node:timers/promises'
import { POOL_COUNTING, POOL_COUNTS } from './keys.js'
import { createLease } from './lease.js'
import { noteUse } from './pool-days.js'
import type { Storage } from './storage.js'
import { beginSurvey, type PoolHolders, type PoolUsage, type UsageOptions } from './usage.js'

/** How full the pool was. */
export interface PoolCounts {
  /** When it was begun to count, in milliseconds since 1970: what happened before is counted, later changes may be or not. */
  readonly countedAt: number
  /** Of a number that is not in the pool any more, or not yet, 0. */
  openLegsOf(number: string): number
  /** For how many more sessions the busiest person has room. */
  readonly headRoom: number
  /** Undefined where an older version counted. */
  readonly openSessions: number | undefined
  /** Undefined where an older version has counted, which does not tell it. */
  readonly holders: PoolHolders | undefined
}

/** Counts the use of the pool in the background, for all instances, and keeps the result, also that of each day. */
export interface PoolCounter {
  /** To be called every second: counts a bounded piece of what there is, unless another instance does. */
  upkeep(): Promise<void>
  /**
   * What was counted last. Where there is little to count it is counted now, at most once in `FRESH_MS`. Undefined before the
   * first time.
   */
  counts(): Promise<PoolCounts | undefined>
  /** What this instance has last seen of it, without asking anybody. */
  readonly last: PoolCounts | undefined
}

export interface PoolCounterOptions extends Omit<UsageOptions, 'numbers'> {
  readonly numbers: () => UsageOptions['numbers']
}

/** How many records and books are looked at in one second, or at once for somebody who waits. */
export const COUNT_STEP = 4_000
/** A piece without anything is work too: in a shared store, it was full of other things. */
const COST_OF_PIECE = 100
/** Milliseconds for which counts are new enough for everybody. */
export const FRESH_MS = 1_000
/** Milliseconds between the end of one count and the beginning of the next. */
export const COUNT_PAUSE_MS = 10_000
/** Milliseconds after which another instance goes on for one that has gone. */
export const COUNT_LEASE_MS = 10_000
/** Milliseconds for which it is remembered that there is too much to be counted at once. */
const LARGE_MS = 60_000

/** As they are written. */
interface Written {
  readonly begun: number
  readonly ended: number
  /** How many records and books were read. */
  readonly size: number
  readonly legs: Readonly<Record<string, number>>
  readonly room: number
  readonly sessions?: number
  readonly holders?: PoolHolders
}

/** A count that goes on. */
interface Counting {
  readonly begun: number
  readonly survey: ReturnType<typeof beginSurvey>
  size: number
}

interface Counted {
  readonly usage: PoolUsage
  readonly written: Written
}

export function createPoolCounter({ numbers, ...options }: PoolCounterOptions): PoolCounter {
  const { storage } = options
  const lease = createLease(storage, POOL_COUNTING, COUNT_LEASE_MS)
  let counting: Counting | undefined
  let nextAt = Number.NEGATIVE_INFINITY
  let isBusy = false
  let atOnce: Promise<Written | undefined> | undefined
  let largeUntil = Number.NEGATIVE_INFINITY
  let seen: Written | undefined

  return {
    get last() {
      return seen && countsOf(seen)
    },

    async upkeep() {
      if (isBusy) return
      isBusy = true
      try {
        await step()
      } catch (error) {
        counting = undefined
        throw error
      } finally {
        isBusy = false
      }
    },

    async counts() {
      const kept = await look()
      const isFresh = kept && storage.now() < kept.ended + FRESH_MS
      const isLarge = (kept && kept.size > COUNT_STEP) || storage.now() < largeUntil
      if (isFresh || isLarge) return kept && countsOf(kept)
      atOnce ??= countAtOnce().finally(() => {
        atOnce = undefined
      })
      const counted = (await atOnce) ?? kept
      return counted && countsOf(counted)
    },
  }

  async function step(): Promise<void> {
    if (!counting && !(await isDue())) return
    if (!(await lease.take())) {
      counting = undefined
      return
    }
    counting ??= begin()
    const counted = await goOn(counting)
    if (!counted) return
    counting = undefined
    await keep(counted)
    await lease.release()
  }

  async function isDue(): Promise<boolean> {
    if (storage.now() < nextAt) return false
    const kept = await look()
    nextAt = kept ? kept.ended + COUNT_PAUSE_MS : nextAt
    return storage.now() >= nextAt
  }

  async function look(): Promise<Written | undefined> {
    const kept = await read(storage)
    seen = kept ?? seen
    return kept
  }

  function begin(): Counting {
    return {
      begun: storage.now(),
      survey: beginSurvey({ ...options, numbers: numbers() }),
      size: 0,
    }
  }

  /** Counts a bounded piece. What it says is the result, if that was the last one. */
  async function goOn(counting: Counting): Promise<Counted | undefined> {
    for (let cost = 0; cost < COUNT_STEP; ) {
      const piece = await counting.survey.next()
      if (piece.done) return { usage: piece.value, written: written(counting, piece.value) }
      counting.size += piece.value
      // Calls have their turn, also where nothing had to be waited for.
      await turn()
      cost += Math.max(piece.value, COST_OF_PIECE)
    }
    return undefined
  }

  /** Undefined where there is too much. */
  async function countAtOnce(): Promise<Written | undefined> {
    const counted = await goOn(begin())
    if (counted) await keep(counted)
    else largeUntil = storage.now() + LARGE_MS
    return counted?.written
  }

  function written({ begun, size }: Counting, usage: PoolUsage): Written {
    const { numbers, headRoom: room, openSessions: sessions, holders } = usage
    const legs = Object.fromEntries(numbers.map(({ number, openLegs }) => [number, openLegs]))
    return { begun, ended: storage.now(), size, legs, room, sessions, holders }
  }

  /** Where another instance was faster, its counts are as good. */
  async function keep({ usage, written: value }: Counted): Promise<void> {
    seen = value
    const [was] = await storage.read([POOL_COUNTS])
    await storage.swap({ key: POOL_COUNTS, was, value, until: Number.POSITIVE_INFINITY })
    await noteUse(storage, usage, value.ended)
  }
}

/** What cannot be read is counted anew. */
async function read(storage: Storage): Promise<Written | undefined> {
  const [kept] = await storage.read([POOL_COUNTS])
  return kept?.unreadable ? undefined : (kept?.value as Written | undefined)
}

function countsOf({ begun, legs, room, sessions, holders }: Written): PoolCounts {
  return {
    countedAt: begun,
    openLegsOf: (number) => legs[number] ?? 0,
    headRoom: room,
    openSessions: sessions,
    holders,
  }
}
