import { test } from 'tap'
import { createTally, TELL_INTERVAL_MS } from '../../src/tally.js'

test('a tally tells of each kind once in a while, and counts them all', async (t) => {
  let time = 5_000
  const told: string[] = []
  const note = createTally<'a' | 'b'>({
    now: () => time,
    tell: (kind, count) => told.push(`${kind} ${count}`),
  })
  for (let i = 0; i < 3; i++) note('a')
  note('b')
  t.same(told, ['a 1', 'b 1'])
  time += TELL_INTERVAL_MS - 1
  note('a')
  t.same(told.length, 2)
  time += 1
  note('a')
  t.same(told.at(-1), 'a 5')
  time -= 60_000
  note('a')
  t.same(told.at(-1), 'a 6', 'also when the clock was set back')
})
