import { test } from 'tap'
import { capacityView } from '../../../src/api/capacity-view.js'
import type { KnownNumber } from '../../../src/masking/live-pool.js'
import type { Holders } from '../../../src/masking/usage.js'
import { START } from '../../session-store-contract.js'

const number = (i: number, more: Partial<KnownNumber> = {}): KnownNumber => ({
  number: `91900000001${i}`,
  state: 'active',
  country: 'IN',
  split: { countryCode: '91', national: `900000001${i}`, dialable: `+91900000001${i}` },
  ...more,
})

/** What is told of nine numbers of which people hold so many. */
function viewOf(
  all: Holders,
  numbers: readonly KnownNumber[] = Array.from({ length: 9 }, (_, i) => number(i)),
) {
  const holders = { all, countries: { IN: all } }
  const counts = { countedAt: START, openLegsOf: () => 0, headRoom: 0, openSessions: 0, holders }
  return capacityView({ numbers, counts, days: [], now: START, rest: 0, sessionLength: 60 }, {})
}

test('99 in 100 people are told by what they hold', async (t) => {
  const held = (holders: Holders) => viewOf(holders).all.held_by_99_in_100
  t.equal(held({}), 0)
  t.equal(held({ 1: 99, 5: 1 }), 1)
  t.equal(held({ 1: 98, 5: 2 }), 5)
  t.equal(held({ 1: 1, 5: 1 }), 5)
  t.equal(held({ 2: 1_089, 9: 11 }), 2)
})

test('the five largest holdings are shown, the largest first', async (t) => {
  const { all } = viewOf({ 1: 60, 2: 50, 3: 40, 4: 30, 5: 20, 9: 1 })
  t.same(
    all.busiest.map(({ numbers, people }) => [numbers, people]),
    [
      [9, 1],
      [5, 20],
      [4, 30],
      [3, 40],
      [2, 50],
    ],
  )
  t.equal(all.people, 201)
})

test('a number that left the pool since the count makes no head-room below 0', async (t) => {
  t.equal(
    viewOf({ 9: 1 }, [number(1), number(2, { state: 'draining', drainingSince: START })]).all.head_room,
    0,
  )
})

test('a count of an older version tells nothing of people', async (t) => {
  const counts = { countedAt: START, openLegsOf: () => 0, headRoom: 0, openSessions: 0, holders: undefined }
  const facts = { numbers: [number(1)], counts, days: [], now: START, rest: 0, sessionLength: 60 }
  t.match(capacityView(facts, {}), { counted_at: null, all: { numbers: 1, people: null, head_room: null } })
})

test('the trend of a country is made of the days on which it had numbers', async (t) => {
  const use = (held: number) => ({ numbers: 9, held, room: 9 - held })
  const days = [1, 2, 3, 4].map((i) => ({
    day: `2099-12-${27 + i}`,
    all: use(i),
    countries: i === 1 ? {} : { IN: use(2 * i) },
  }))
  const facts = { numbers: [number(1)], counts: undefined, days, now: START, rest: 0, sessionLength: 60 }
  const { all, countries } = capacityView(facts, {})
  t.match(all.trend, { days: 4, per_day: 1 })
  t.match(countries, [{ country: 'IN', trend: { days: 3, per_day: 2 } }])
})
