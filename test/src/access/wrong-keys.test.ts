import { test } from 'tap'
import {
  createWrongKeys,
  FIRST_PAUSE_MS,
  FORGIVEN_AFTER_MS,
  FREE_WRONG_KEYS,
  LONGEST_PAUSE_MS,
  MAX_SOURCES,
} from '../../../src/access/wrong-keys.js'

test('the pause grows with each wrong key, up to a bound', async (t) => {
  let now = 1_000_000
  const wrong = createWrongKeys(() => now)
  for (let i = 0; i < FREE_WRONG_KEYS; i++) t.equal(wrong.note('a'), 0)
  let expected = FIRST_PAUSE_MS
  for (let i = 0; i < 12; i++) {
    const pause = wrong.note('a')
    t.equal(pause, expected)
    now += pause / 2
    t.equal(wrong.note('a'), pause / 2, 'what was promised holds, however often somebody asks meanwhile')
    now += pause / 2
    expected = Math.min(LONGEST_PAUSE_MS, expected * 2)
  }
  t.equal(expected, LONGEST_PAUSE_MS)
  t.equal(wrong.note('b'), 0)

  now += FORGIVEN_AFTER_MS - 1
  t.equal(wrong.note('a'), LONGEST_PAUSE_MS, 'not forgotten yet')
  now += LONGEST_PAUSE_MS + FORGIVEN_AFTER_MS
  t.equal(wrong.note('a'), 0, 'forgotten')
})

test('a bounded number of sources is remembered', async (t) => {
  const wrong = createWrongKeys(() => 0)
  for (let i = 0; i <= FREE_WRONG_KEYS; i++) wrong.note('first')
  t.equal(wrong.note('first'), FIRST_PAUSE_MS)
  for (let i = 0; i < MAX_SOURCES; i++) wrong.note(`other ${i}`)
  t.equal(wrong.note('first'), 0)
})
