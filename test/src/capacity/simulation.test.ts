import { test } from 'tap'
import { arrivalsOf, type Load, mostWithin } from '../../../src/capacity/load.js'
import { numbersNeeded } from '../../../src/capacity/rent.js'
import { refusedWith, simulate } from '../../../src/capacity/simulation.js'

const LOAD: Load = { people: 8, sessionsPerDay: 24, sessionLength: 3_600, rest: 7_200, days: 3, seed: 7 }

test('the smallest pool refuses nobody, and one number less refuses somebody', async (t) => {
  for (const load of [LOAD, { ...LOAD, rest: 0 }, { ...LOAD, sessionLength: 60 }, { ...LOAD, seed: 8 }]) {
    const { smallestPool, busiest } = await simulate(load)
    t.same(await refusedWith(smallestPool, load), { sessions: 0, people: 0 })
    const { sessions, people } = await refusedWith(smallestPool - 1, load)
    t.ok(sessions >= 1 && people >= 1 && people <= sessions, `${sessions} of ${people}`)

    const { openAtOnce, sessionsPerDay } = busiest
    const { always } = numbersNeeded({ openAtOnce, sessionsPerDay, rest: load.rest, sessionLength: 1 })
    t.ok(smallestPool <= always, `${smallestPool} numbers, and at most ${always} by the formula`)
  }
})

test('the smallest pool is what one person holds at most: sessions that are open, or ended within the rest', async (t) => {
  for (const rest of [0, 600, 7_200, 86_400]) {
    const load = { ...LOAD, rest }
    const { smallestPool } = await simulate(load)
    t.equal(smallestPool, mostWithin(arrivalsOf(load), (load.sessionLength + rest) * 1_000), `${rest} s`)
  }
})

test('without a rest the smallest pool is what is open at once', async (t) => {
  const { smallestPool, busiest } = await simulate({ ...LOAD, rest: 0 })
  t.equal(smallestPool, busiest.openAtOnce)
})

test('the same seed gives the same result', async (t) => {
  t.same(await simulate(LOAD), await simulate(LOAD))
  t.same(await refusedWith(3, LOAD), await refusedWith(3, LOAD))
})

test('more people need no more numbers than chance brings', async (t) => {
  const few = await simulate({ ...LOAD, people: 4 })
  const many = await simulate({ ...LOAD, people: 40 })
  t.ok(many.sessions > 8 * few.sessions)
  t.ok(many.smallestPool < few.smallestPool + 8, `${few.smallestPool}, and then ${many.smallestPool}`)
})

test('a pool without numbers refuses everybody, and where nobody comes one number does', async (t) => {
  const { sessions } = await simulate(LOAD)
  t.same(await refusedWith(0, LOAD), { sessions, people: LOAD.people })
  t.match(await simulate({ ...LOAD, people: 0 }), { sessions: 0, smallestPool: 1 })
})
