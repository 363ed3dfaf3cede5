import { POOL_DAYS } from './keys.js'
import type { Kept, Storage } from './storage.js'
import { mostHeld, type PoolUsage } from './usage.js'

/** How full the pool was on one day: at its fullest. */
export interface PoolDay {
  /** In UTC: `2100-01-31`. */
  readonly day: string
  readonly all: DayOfUse
  /** Of the numbers of each country alone. */
  readonly countries: Readonly<Record<string, DayOfUse>>
}

export interface DayOfUse {
  /** How many numbers new sessions could be given when it was counted last. */
  readonly numbers: number
  /** The most that one person with an open session held, open or at rest. */
  readonly held: number
  /** The smallest number of them that were free for such a person. */
  readonly room: number
}

/** How many days are remembered. */
export const MAX_DAYS = 30

/** The days that are remembered, the oldest first. What cannot be read is forgotten. */
export async function readDays(storage: Storage): Promise<readonly PoolDay[]> {
  const [kept] = await storage.read([POOL_DAYS])
  return daysIn(kept)
}

/**
 * Adds what was counted to the record of its day. Where another instance was faster this is left out: the next count is seconds
 * away.
 *
 * @param at when it was counted, in milliseconds since 1970
 */
export async function noteUse(storage: Storage, usage: PoolUsage, at: number): Promise<void> {
  const [was] = await storage.read([POOL_DAYS])
  const days = daysIn(was)
  const today = dayOf(usage, at)
  const before = days.find(({ day }) => day === today.day)
  const joined = before ? joinDays(before, today) : today
  if (before && JSON.stringify(before) === JSON.stringify(joined)) return
  const value = [...days.filter(({ day }) => day !== today.day), joined]
    .sort((one, other) => (one.day < other.day ? -1 : 1))
    .slice(-MAX_DAYS)
  await storage.swap({ key: POOL_DAYS, was, value, until: Number.POSITIVE_INFINITY })
}

function daysIn(kept: Kept | undefined): readonly PoolDay[] {
  return kept && !kept.unreadable ? (kept.value as readonly PoolDay[]) : []
}

function dayOf({ numbers, holders, headRoom }: PoolUsage, at: number): PoolDay {
  const active = numbers.filter(({ state }) => state === 'active')
  const countries: Record<string, DayOfUse> = {}
  for (const country of [...new Set(active.map(({ country }) => country))].sort()) {
    const count = active.filter((number) => number.country === country).length
    const held = mostHeld(holders.countries[country] ?? {})
    countries[country] = { numbers: count, held, room: count - held }
  }
  const all = { numbers: active.length, held: mostHeld(holders.all), room: headRoom }
  return { day: new Date(at).toISOString().slice(0, 10), all, countries }
}

/** The same day as it was counted before and now. A country that has left the pool meanwhile stays in it. */
function joinDays(before: PoolDay, now: PoolDay): PoolDay {
  const countries = { ...before.countries }
  for (const [country, use] of Object.entries(now.countries)) {
    const known = countries[country]
    countries[country] = known ? joinUse(known, use) : use
  }
  return { day: now.day, all: joinUse(before.all, now.all), countries }
}

function joinUse(before: DayOfUse, now: DayOfUse): DayOfUse {
  return {
    numbers: now.numbers,
    held: Math.max(before.held, now.held),
    room: Math.min(before.room, now.room),
  }
}
