import { test } from 'tap'
import { smallestEnough } from '../../../src/capacity/search.js'

test('the smallest number is found from any guess, in few tries', async (t) => {
  for (const smallest of [1, 2, 3, 17, 40, 1_000]) {
    for (const guess of [0, 1, 2, 16, 17, 18, 39, 41, 999, 1_001, 5_000]) {
      let tries = 0
      const isEnough = async (count: number) => {
        tries += 1
        return count >= smallest
      }
      t.equal(await smallestEnough(isEnough, guess), smallest, `${smallest} from ${guess}`)
      t.ok(
        tries <= 2 * Math.log2(Math.max(smallest, guess, 2)) + 3,
        `${tries} tries for ${smallest} from ${guess}`,
      )
    }
  }
})

test('a right guess takes two tries', async (t) => {
  const tried: number[] = []
  await smallestEnough(async (count) => tried.push(count) > 0 && count >= 40, 40)
  t.same(tried, [40, 39])
})
