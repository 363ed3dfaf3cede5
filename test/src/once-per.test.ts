import { test } from 'tap'
import { oncePer } from '../../src/once-per.js'

test('oncePer makes a value once for each object', async (t) => {
  let made = 0
  const nth = oncePer((_key: object) => ++made)
  const [a, b] = [{}, {}]
  t.same([nth(a), nth(b), nth(a), nth(b)], [1, 2, 1, 2])
})
