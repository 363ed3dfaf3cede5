import { numbersNeeded } from '../capacity/rent.js'
import { type DayPoint, trendOf } from '../capacity/trend.js'
import type { KnownNumber } from '../masking/live-pool.js'
import type { PoolCounts } from '../masking/pool-counts.js'
import type { PoolDay } from '../masking/pool-days.js'
import { type Holders, mostHeld } from '../masking/usage.js'
import type { CapacityQuery, CapacityView, RentView, UseView } from './capacity-schemas.js'
import { capacitySummary } from './capacity-summary.js'

/** What is known of the pool. */
export interface CapacityFacts {
  readonly numbers: readonly KnownNumber[]
  /** Undefined where nothing was counted yet. */
  readonly counts: PoolCounts | undefined
  readonly days: readonly PoolDay[]
  /** The store's clock, in milliseconds since 1970. */
  readonly now: number
  /** Seconds: what the configuration says. */
  readonly rest: number
  readonly sessionLength: number
}

/** How many lines are shown of the people who hold the most. */
const MAX_BUSIEST = 5
const DAY_MS = 24 * 60 * 60 * 1_000

/** How far the pool goes, as the API shows it. */
export function capacityView(facts: CapacityFacts, query: CapacityQuery): CapacityView {
  const { numbers, counts, days, now } = facts
  const holders = counts?.holders
  const countries = [...new Set(numbers.map(({ country }) => country))].sort()
  const view = {
    counted_at: counts && holders ? new Date(counts.countedAt).toISOString() : null,
    open_sessions: counts?.openSessions ?? null,
    all: useView(numbers, holders?.all, {
      now,
      points: days.map(({ day, all }) => ({ day, held: all.held })),
    }),
    countries: countries.map((country) => ({
      country,
      ...useView(
        numbers.filter((number) => number.country === country),
        holders && (holders.countries[country] ?? {}),
        { now, points: pointsOf(days, country) },
      ),
    })),
    days: days.map(({ day, all: { numbers, held, room } }) => ({
      day,
      numbers,
      held_by_busiest: held,
      head_room: room,
    })),
    rent: rentView(facts, query),
  }
  return { summary: capacitySummary(view, dayOf(now)), ...view }
}

interface Course {
  readonly now: number
  readonly points: readonly DayPoint[]
}

function useView(
  numbers: readonly KnownNumber[],
  holders: Holders | undefined,
  { now, points }: Course,
): UseView {
  const active = activeOf(numbers)
  const today = dayOf(now)
  const trend = trendOf(points, { numbers: active, today })
  const held = holders && mostHeld(holders)
  return {
    numbers: active,
    draining: numbers.length - active,
    people: holders ? peopleIn(holders) : null,
    held_by_busiest: held ?? null,
    held_by_99_in_100: holders ? heldBy(holders, 99) : null,
    busiest: holders ? busiestIn(holders) : [],
    // A number that was removed since the count may have been held.
    head_room: held === undefined ? null : Math.max(active - held, 0),
    trend: trend
      ? {
          days: trend.days,
          per_day: trend.perDay,
          gone_in_days: trend.goneInDays ?? null,
          gone_on: trend.goneInDays === undefined ? null : dayOf(now + trend.goneInDays * DAY_MS),
        }
      : null,
  }
}

function rentView(
  { numbers, rest: usualRest, sessionLength }: CapacityFacts,
  { sessions_per_person: openAtOnce, sessions_per_day: sessionsPerDay, rest = usualRest }: CapacityQuery,
): RentView | null {
  if (openAtOnce === undefined) return null
  const { always, evenly } = numbersNeeded({ openAtOnce, rest, sessionsPerDay, sessionLength })
  const missing = (of: readonly KnownNumber[]) => Math.max(always - activeOf(of), 0)
  const countries = [...new Set(numbers.map(({ country }) => country))].sort()
  return {
    sessions_per_person: openAtOnce,
    sessions_per_day: sessionsPerDay ?? null,
    rest,
    numbers: always,
    numbers_if_even: evenly ?? null,
    to_rent: missing(numbers),
    countries: countries.map((country) => ({
      country,
      to_rent: missing(numbers.filter((number) => number.country === country)),
    })),
  }
}

function pointsOf(days: readonly PoolDay[], country: string): DayPoint[] {
  return days.flatMap(({ day, countries }) => {
    const use = countries[country]
    return use ? [{ day, held: use.held }] : []
  })
}

function activeOf(numbers: readonly KnownNumber[]): number {
  return numbers.filter(({ state }) => state === 'active').length
}

function peopleIn(holders: Holders): number {
  return Object.values(holders).reduce((sum, people) => sum + people, 0)
}

/** The smallest count of numbers that so many in a hundred people do not exceed. */
function heldBy(holders: Holders, inHundred: number): number {
  const all = peopleIn(holders)
  let people = 0
  for (const [held, more] of byHeld(holders)) {
    people += more
    if (100 * people >= inHundred * all) return held
  }
  return 0
}

function busiestIn(holders: Holders): UseView['busiest'] {
  return byHeld(holders)
    .slice(-MAX_BUSIEST)
    .reverse()
    .map(([numbers, people]) => ({ numbers, people }))
}

/** The fewest numbers first. */
function byHeld(holders: Holders): [number, number][] {
  return Object.entries(holders)
    .map(([held, people]): [number, number] => [Number(held), people])
    .sort(([one], [other]) => one - other)
}

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}
