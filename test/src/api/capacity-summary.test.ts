import { test } from 'tap'
import type { CapacityView } from '../../../src/api/capacity-schemas.js'
import { capacitySummary } from '../../../src/api/capacity-summary.js'

const USE = {
  numbers: 20,
  draining: 0,
  people: 1_200,
  held_by_busiest: 14,
  held_by_99_in_100: 7,
  busiest: [],
  head_room: 6,
  trend: null,
}
const RENT = {
  sessions_per_person: 1,
  sessions_per_day: null,
  rest: 0,
  numbers: 1,
  numbers_if_even: null,
  to_rent: 0,
  countries: [],
}

const DAYS = ['2100-01-01', '2100-01-02'].map((day) => ({
  day,
  numbers: 20,
  held_by_busiest: 14,
  head_room: 6,
}))

/** The sentences of a pool. */
const told = (use: Partial<CapacityView['all']>, more: Partial<CapacityView> = {}) =>
  capacitySummary(
    {
      counted_at: null,
      open_sessions: null,
      all: { ...USE, ...use },
      countries: [],
      days: DAYS,
      rent: null,
      ...more,
    },
    '2100-01-02',
  )
const trend = (more: object) => ({
  trend: { days: 12, per_day: 0.25, gone_in_days: 24, gone_on: '2100-01-26', ...more },
})

test('numbers, people and days are told in plain words', async (t) => {
  t.same(told({}), [
    'New sessions can be given 20 numbers.',
    '1200 people have an open session. The busiest of them holds 14 of the numbers, open or at rest; 99 in 100 hold 7 or fewer.',
    'Head-room is 6: so many more sessions that person can have before one is refused.',
    'It is too early for a trend: there is 1 whole day of counts, and it takes 3.',
  ])
  t.equal(told({ numbers: 1, draining: 1 })[0], 'New sessions can be given 1 number, and 1 other drains.')
  t.match(told({ draining: 2 })[0], /and 2 others drain\.$/)
  t.match(told({ people: 1 })[1], /^1 person has an open session\. .* at rest\.$/)
  t.equal(told({ numbers: 0, people: 0 })[0], 'There is no number that new sessions can be given: rent some.')
})

test('a trend says what it leads to', async (t) => {
  const last = (more: object) => told(trend(more)).at(-1)
  t.match(
    last({}),
    /holds 0.25 more each day: at this rate the last number is gone on 2100-01-26, in 24 days\.$/,
  )
  t.match(last({ gone_in_days: 1 }), /in 1 day\.$/)
  t.match(last({ gone_in_days: 0 }), /is gone today\.$/)
  t.match(last({ gone_in_days: null, gone_on: null }), /last for more than 365 days\.$/)
  t.match(
    last({ per_day: -0.5 }),
    'By the last 12 days the busiest person does not hold more from day to day.',
  )
  t.match(told({ head_room: 0, ...trend({}) }).at(-1), /^Head-room is 0/, 'which needs no trend')
})

test('a country without numbers, or with room, is not talked about', async (t) => {
  const countries = [
    { country: 'DE', ...USE, numbers: 0, head_room: 0 },
    { country: 'IN', ...USE },
  ]
  t.same(told({}, { countries }), told({}))
})

test('what is to be rented is told with what it is for', async (t) => {
  const rent = (more: object) => told({}, { rent: { ...RENT, ...more } }).slice(4)
  t.same(rent({}), [
    'For 1 open session a person and a rest of 0 seconds 1 number is always enough: you have them.',
  ])
  t.match(rent({ sessions_per_day: 1, numbers: 2_001, numbers_if_even: 2_001, to_rent: 9 }), [
    /1 session a day .* rent 9 more\.$/,
    /^A pool has at most 2000/,
  ])
})
