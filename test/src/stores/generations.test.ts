import { test } from 'tap'
import { createGenerations } from '../../../src/stores/generations.js'

test('remembers for its time, and twice as long at most', async (t) => {
  let now = 0
  const values = createGenerations<number>({ now: () => now, lifeMs: 10, capacity: 100 })
  now = 9
  values.set('a', 1)
  now = 19
  t.equal(values.get('a'), 1)
  now = 20
  t.equal(values.get('a'), undefined)
  values.set('b', 2)
  now = 60
  t.equal(values.get('b'), undefined, 'also where nobody asked in between')
})

test('forgets the older half when it is full', async (t) => {
  const values = createGenerations<number>({ now: () => 0, lifeMs: 10, capacity: 4 })
  for (const key of ['a', 'b', 'c', 'd', 'e']) values.set(key, 1)
  t.equal(values.get('b'), undefined)
  for (const key of ['c', 'd', 'e']) t.equal(values.get(key), 1, key)
})
