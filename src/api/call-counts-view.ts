import {
  type HourOfCalls,
  type HourRange,
  type NumbersOfDay,
  type NumberUses,
  outcomeCounts,
} from '../calls/call-counts.js'
import type { CallCountsView } from './call-counts-schemas.js'

/** What is shown of the counts of calls. */
export interface CountedCalls {
  readonly hours: readonly HourOfCalls[]
  readonly today: NumbersOfDay
  readonly yesterday: NumbersOfDay
  /** Milliseconds since 1970. */
  readonly now: number
  readonly range: HourRange
}

export function callCountsView({ hours, today, yesterday, now, range }: CountedCalls): CallCountsView {
  const sum = (countOf: (hour: HourOfCalls) => number) => hours.reduce((all, hour) => all + countOf(hour), 0)
  return {
    counted_at: timeAt(now),
    from: timeAt(range.from),
    to: timeAt(range.to),
    total: sum(({ began }) => began),
    outcomes: outcomeCounts((outcome) => sum(({ outcomes }) => outcomes[outcome])),
    hours: hours.map(({ at, began, outcomes }) => ({ hour: timeAt(at), total: began, outcomes })),
    numbers: [...new Set([...today.keys(), ...yesterday.keys()])]
      .sort()
      .map((number) => ({
        number: `+${number}`,
        today: today.get(number) ?? UNUSED,
        yesterday: yesterday.get(number) ?? UNUSED,
      }))
      .sort((one, other) => usesOf(other.today) - usesOf(one.today)),
  }
}

const UNUSED: NumberUses = { dialled: 0, shown: 0 }

function usesOf({ dialled, shown }: NumberUses): number {
  return dialled + shown
}

function timeAt(at: number): string {
  return new Date(at).toISOString()
}
