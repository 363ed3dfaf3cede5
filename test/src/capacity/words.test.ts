import { test } from 'tap'
import { counted, timeOf } from '../../../src/capacity/words.js'

test('a count has the right noun', async (t) => {
  t.same([counted(0, 'day'), counted(1, 'day'), counted(2, 'day')], ['0 days', '1 day', '2 days'])
  t.same([counted(1, 'person', 'people'), counted(2, 'person', 'people')], ['1 person', '2 people'])
})

test('a time is told in the largest unit that fits', async (t) => {
  t.same([0, 1, 90, 120, 3_600, 90_000, 86_400, 604_800].map(timeOf), [
    '0 seconds',
    '1 second',
    '90 seconds',
    '2 minutes',
    '1 hour',
    '25 hours',
    '1 day',
    '7 days',
  ])
})
