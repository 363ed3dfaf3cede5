import { CALL_COUNTS_KIND } from '../masking/keys.js'
import type { Key, Storage } from '../masking/storage.js'
import type { CallFacts } from './call-facts.js'
import { CALL_OUTCOMES, type CallOutcome, summaryOf } from './call-summary.js'
import { type Counts, createTally, readCounts } from './tally.js'

/** Counts calls by the hour in which they began, and by the day of each masking number. No count tells of a person. */
export interface CallCounts {
  /** Counts what is known of a call now, in the place of what was known before. */
  noted(before: CallFacts, after: CallFacts): void
  /** Counts a refused call of which nothing is recorded. */
  refused(at: number): void
  /** Writes what was counted, one at a time. Rejects with a `StoreUnavailableError`; then it is written the next time. */
  write(): Promise<void>
}

/** Where nobody could read them. */
export const noCallCounts: CallCounts = {
  noted: () => undefined,
  refused: () => undefined,
  write: async () => undefined,
}

export interface HourOfCalls {
  /** When it began, in milliseconds since 1970. */
  readonly at: number
  /** How many calls began in it, whatever became of them, also when that is not known yet. */
  readonly began: number
  readonly outcomes: OutcomeCounts
}

export type OutcomeCounts = Readonly<Record<CallOutcome, number>>

/** How often a masking number was used on a day, by calls that were connected or tried to be. */
export interface NumberUses {
  readonly dialled: number
  /** As the caller ID. */
  readonly shown: number
}

/** Whole numbers, without `+`. */
export type NumbersOfDay = ReadonlyMap<string, NumberUses>

export const HOUR_MS = 60 * 60 * 1_000
export const DAY_MS = 24 * HOUR_MS
/** Milliseconds after its end for which a day is kept. */
export const COUNTS_KEPT_MS = 32 * DAY_MS

export function createCallCounts(storage: Storage): CallCounts {
  const untilOf = (page: string) => Date.parse(page.slice(0, DAY_LENGTH)) + DAY_MS + COUNTS_KEPT_MS
  const tally = createTally({ storage, keyOf: countsKey, untilOf })
  const add = (place: string, count: number) => {
    const [page = '', name = ''] = place.split('/')
    tally.add(page, name, count)
  }

  return {
    noted(before, after) {
      const [old, now] = [placesOf(before), placesOf(after)]
      for (const place of now) if (!old.includes(place)) add(place, 1)
      for (const place of old) if (!now.includes(place)) add(place, -1)
    },
    refused(at) {
      for (const place of placesOf({ begun: { at, refused: 'not recorded' } })) add(place, 1)
    },
    write: tally.write,
  }
}

/** Whole hours in UTC: when the first one begins and the last one ends, in milliseconds since 1970. */
export interface HourRange {
  readonly from: number
  readonly to: number
}

export async function readHours(storage: Storage, { from, to }: HourRange): Promise<readonly HourOfCalls[]> {
  const days = spread(Math.floor(from / DAY_MS) * DAY_MS, to, DAY_MS).map(dayOf)
  const found = await readCounts(
    storage,
    days.map((day) => countsKey(hoursOf(day))),
  )
  const pages = new Map(days.map((day, i) => [day, found[i]]))
  return spread(from, to, HOUR_MS).map((at) => {
    const counts = pages.get(dayOf(at)) as Counts
    const countOf = (name: string) => countIn(counts, `${hourOf(at)}.${name}`)
    return { at, began: countOf('began'), outcomes: outcomeCounts(countOf) }
  })
}

/** The moments from one on and before another, with a step between them. */
function spread(from: number, to: number, step: number): readonly number[] {
  return Array.from({ length: Math.ceil((to - from) / step) }, (_, i) => from + i * step)
}

export function outcomeCounts(countOf: (outcome: CallOutcome) => number): OutcomeCounts {
  return Object.fromEntries(CALL_OUTCOMES.map((outcome) => [outcome, countOf(outcome)])) as OutcomeCounts
}

/** How each masking number was used on the day of a moment, in milliseconds since 1970. */
export async function readNumberUses(storage: Storage, at: number): Promise<NumbersOfDay> {
  const [counts = {}] = await readCounts(storage, [countsKey(numbersOf(dayOf(at)))])
  const numbers = new Set(Object.keys(counts).map((name) => name.replace(/\..*/, '')))
  const usesOf = (number: string) => ({
    dialled: countIn(counts, `${number}.dialled`),
    shown: countIn(counts, `${number}.shown`),
  })
  return new Map([...numbers].map((number) => [number, usesOf(number)]))
}

/** Where a call is counted: the page and the name of each count. */
function placesOf(facts: CallFacts): readonly string[] {
  const { begun, pinAsked, pinUsed } = facts
  if (!begun) return []
  const { outcome, refused } = summaryOf(facts)
  const [day, hour] = [dayOf(begun.at), hourOf(begun.at)]
  const places = [`${hoursOf(day)}/${hour}.began`]
  if (outcome) places.push(`${hoursOf(day)}/${hour}.${outcome}`)
  if (refused !== undefined || (pinAsked && !pinUsed)) return places
  const { maskingNumber, shown } = begun
  if (maskingNumber) places.push(`${numbersOf(day)}/${maskingNumber}.dialled`)
  if (shown) places.push(`${numbersOf(day)}/${shown}.shown`)
  return places
}

/** What was lost with a server may leave a count below zero. */
function countIn(counts: Counts, name: string): number {
  return Math.max(0, counts[name] ?? 0)
}

function countsKey(page: string): Key {
  return { kind: CALL_COUNTS_KIND, id: page }
}

/** Characters of a day: `2100-01-31`, in UTC. */
const DAY_LENGTH = 10

function hoursOf(day: string): string {
  return `${day}.hours`
}
function numbersOf(day: string): string {
  return `${day}.numbers`
}
function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, DAY_LENGTH)
}
function hourOf(at: number): string {
  return new Date(at).toISOString().slice(DAY_LENGTH + 1, DAY_LENGTH + 3)
}
