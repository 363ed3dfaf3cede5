import { test } from 'tap'
import {
  arrivalsOf,
  daysToShow,
  expectedHeld,
  expectedSessions,
  type Load,
  mostWithin,
} from '../../../src/capacity/load.js'

const LOAD: Load = {
  people: 50,
  sessionsPerDay: 20,
  sessionLength: 7_200,
  rest: 86_400,
  days: 4,
  seed: 1,
}
const DAY = 24 * 60 * 60 * 1_000

test('the same seed makes the same sessions, and another one others', async (t) => {
  const arrivals = arrivalsOf(LOAD)
  t.same(arrivalsOf(LOAD), arrivals)
  t.notSame(arrivalsOf({ ...LOAD, seed: 2 }), arrivals)
})

test('sessions come in the order of time, and about as many as said', async (t) => {
  const arrivals = arrivalsOf(LOAD)
  t.equal(expectedSessions(LOAD), 4_000)
  t.ok(Math.abs(arrivals.length - 4_000) < 4 * Math.sqrt(4_000), `${arrivals.length} sessions`)
  t.ok(arrivals.every(({ at }, i) => i === 0 || at >= Number(arrivals[i - 1]?.at)))
  t.ok(arrivals.every(({ at }) => Number.isInteger(at) && at >= 0 && at < 4 * DAY))
  t.equal(new Set(arrivals.map(({ person }) => person)).size, LOAD.people)
})

test('chance spreads the gaps between sessions as it does those of people', async (t) => {
  const times = arrivalsOf({ ...LOAD, people: 1, days: 200 }).map(({ at }) => at)
  const gaps = times.slice(1).map((at, i) => at - Number(times[i]))
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length
  const short = gaps.filter((gap) => gap < mean).length / gaps.length
  t.ok(Math.abs(short - (1 - 1 / Math.E)) < 0.05, `${short} of the gaps are shorter than the mean`)
})

test('the days are enough for the numbers of the first one to be free again', async (t) => {
  t.equal(daysToShow(LOAD), 3)
  t.equal(daysToShow({ sessionLength: 86_400, rest: 0 }), 2)
  t.equal(daysToShow({ sessionLength: 60, rest: 0 }), 2)
})

test('what one person holds on average is told', async (t) => {
  t.equal(expectedHeld(LOAD), (20 * 26) / 24)
})

test('the most of one person within some time is found', async (t) => {
  const arrivals = [
    { at: 0, person: 0 },
    { at: 5, person: 1 },
    { at: 9, person: 0 },
    { at: 10, person: 0 },
    { at: 10, person: 1 },
  ]
  t.equal(mostWithin(arrivals, 10), 2)
  t.equal(mostWithin(arrivals, 11), 3)
  t.equal(mostWithin(arrivals, 1), 1)
  t.equal(mostWithin([], 10), 0)
})
