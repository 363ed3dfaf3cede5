import { test } from 'tap'
import { MAX_AHEAD_DAYS, MIN_TREND_DAYS, trendOf } from '../../../src/capacity/trend.js'

/** Days of March, each with what the busiest person held. */
const march = (held: Record<number, number>) =>
  Object.entries(held).map(([day, held]) => ({ day: `2100-03-${day.padStart(2, '0')}`, held }))
const on = (day: number, numbers = 20) => ({ numbers, today: `2100-03-${String(day).padStart(2, '0')}` })

test('a trend needs some whole days, and today is none', async (t) => {
  const days = march({ 1: 4, 2: 5, 3: 6 })
  t.equal(days.length, MIN_TREND_DAYS)
  t.equal(trendOf(days, on(3)), undefined)
  t.same(trendOf(days, on(4)), { days: 3, perDay: 1, goneInDays: 13 })
  t.equal(trendOf([], on(4)), undefined)
})

test('a trend is the line through the days, also where some of them are missing', async (t) => {
  t.same(trendOf(march({ 1: 10, 11: 13, 21: 16 }), on(21)), undefined)
  t.same(trendOf(march({ 1: 10, 11: 13, 21: 16 }), on(22)), { days: 3, perDay: 0.3, goneInDays: 13 })
  t.same(trendOf(march({ 1: 1, 2: 2, 3: 4 }), on(4)), { days: 3, perDay: 1.5, goneInDays: 10 })
})

test('what is held today already counts, where it is more', async (t) => {
  t.match(trendOf(march({ 1: 4, 2: 5, 3: 6, 4: 3 }), on(4)), { perDay: 1, goneInDays: 13 })
  t.match(trendOf(march({ 1: 4, 2: 5, 3: 6, 4: 17 }), on(4)), { perDay: 1, goneInDays: 3 })
  t.match(trendOf(march({ 1: 4, 2: 5, 3: 6, 4: 20 }), on(4)), { goneInDays: 0 })
  t.match(trendOf(march({ 1: 4, 2: 5, 3: 6 }), on(4, 2)), { goneInDays: 0 }, 'numbers were removed')
})

test('a pool that is used the same or less is never gone', async (t) => {
  t.same(trendOf(march({ 1: 4, 2: 4, 3: 4 }), on(4)), { days: 3, perDay: 0, goneInDays: undefined })
  t.same(trendOf(march({ 1: 6, 2: 5, 3: 4 }), on(4)), { days: 3, perDay: -1, goneInDays: undefined })
})

test('nothing is told of what is too far ahead', async (t) => {
  const days = march({ 1: 4, 2: 5, 3: 6 })
  t.equal(trendOf(days, on(4, 7 + MAX_AHEAD_DAYS))?.goneInDays, MAX_AHEAD_DAYS)
  t.equal(trendOf(days, on(4, 8 + MAX_AHEAD_DAYS))?.goneInDays, undefined)
})
