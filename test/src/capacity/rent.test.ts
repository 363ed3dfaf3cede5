import { test } from 'tap'
import { type Demand, numbersNeeded } from '../../../src/capacity/rent.js'
import { draft, sessionIn, standing } from '../../drafts.js'
import { DAY, HOUR, SECOND } from '../../session-store-contract.js'
import { memoryStorage, storeOver } from '../../store-under-test.js'

const MINUTE = 60 * SECOND
/** A busy day of one person: when each session begins, and for how long it lasts, in milliseconds. */
type Day = readonly (readonly [at: number, ms: number])[]

/** Whether everybody gets a number, by the rules themselves. */
async function isEnough(numbers: number, rest: number, day: Day): Promise<boolean> {
  const pool = Array.from({ length: numbers }, (_, i) => String(919_100_000_000 + i))
  const world = standing({ pool, restMs: rest * SECOND })
  const store = await storeOver(memoryStorage(world.options.now), world.options)
  const begun = world.time
  for (const [i, [at, ms]] of day.entries()) {
    world.time = begun + at
    const outcome = await store.create(draft(1, 100 + i, { expiresAt: world.time + ms }))
    if (outcome.kind === 'exhausted') return false
    sessionIn(outcome)
  }
  return true
}

/** How many numbers these sessions really need. */
async function smallest(rest: number, day: Day): Promise<number> {
  let numbers = 1
  while (!(await isEnough(numbers, rest, day))) numbers += 1
  return numbers
}

test('without a rest the sessions that are open at once are all that counts', async (t) => {
  const demand: Demand = { openAtOnce: 3, rest: 0, sessionLength: 3_600 }
  t.same(numbersNeeded(demand), { always: 3, evenly: undefined })
  t.same(numbersNeeded({ ...demand, sessionsPerDay: 100 }), { always: 3, evenly: 3 })
  const day: Day = Array.from({ length: 30 }, (_, i) => [i * 20 * MINUTE, HOUR])
  t.equal(await smallest(0, day), 3)
})

test('sessions without a pause between them need what the formula says, and not less', async (t) => {
  for (const [rest, minutes, needed] of [
    [3_600, 25, 8],
    [3_600, 30, 6],
    [3_600, 60, 4],
    [3_600, 90, 4],
    [7_200, 29, 12],
  ] as const) {
    const day: Day = Array.from({ length: 24 }, (_, i): [number, number] => [
      Math.floor(i / 2) * minutes * MINUTE + (i % 2),
      minutes * MINUTE,
    ])
    const demand = { openAtOnce: 2, rest, sessionLength: minutes * 60 }
    t.equal(numbersNeeded(demand).always, needed)
    t.equal(await smallest(rest, day), needed, `${rest} s, ${minutes} min`)
  }
})

test('the worst sessions of a day need what the formula says, and not less', async (t) => {
  const rest = 30 * 3_600
  const five = (at: number): Day => Array.from({ length: 5 }, (_, i) => [at + i * MINUTE, MINUTE])
  const day: Day = [...five(0), ...five(DAY), [29 * HOUR, HOUR], [29 * HOUR + 1, HOUR]]
  const demand = { openAtOnce: 2, rest, sessionsPerDay: 5, sessionLength: 60 }
  t.same(numbersNeeded(demand), { always: 12, evenly: 9 })
  t.equal(await smallest(rest, day), 12)
})

test('sessions that end evenly need what the formula says of them, and not less', async (t) => {
  const rest = 12 * 3_600
  const pause = DAY / 5
  const day: Day = Array.from({ length: 30 }, (_, i) => [i * pause, pause])
  const demand = { openAtOnce: 1, rest, sessionsPerDay: 5, sessionLength: 60 }
  t.same(numbersNeeded(demand), { always: 6, evenly: 4 })
  t.equal(await smallest(rest, day), 4)
})
