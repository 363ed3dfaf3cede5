import { test } from 'tap'
import { secondsIn } from '../../../src/cli/duration.js'

test('a duration is a count and a unit', async (t) => {
  t.same(['90d', '12h', '30m', '3600s', '0s'].map(secondsIn), [7_776_000, 43_200, 1_800, 3_600, 0])
  for (const text of ['', '12', 'd', '1.5h', '-1h', '1w', '1h30m', '1234567890s'])
    t.ok(Number.isNaN(secondsIn(text)), text)
})
