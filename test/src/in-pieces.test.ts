import { test } from 'tap'
import { inPieces } from '../../src/in-pieces.js'

test('each is done once, and few at once', async (t) => {
  const done: number[] = []
  let [now, most] = [0, 0]
  await inPieces([1, 2, 3, 4, 5], 2, async (item) => {
    now += 1
    most = Math.max(most, now)
    await new Promise(setImmediate)
    now -= 1
    done.push(item)
  })
  t.same(done, [1, 2, 3, 4, 5])
  t.equal(most, 2)
})
