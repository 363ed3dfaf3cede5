import { test } from 'tap'
import { andThen } from '../../src/maybe-promise.js'

test('what is there goes on at once, and what comes later when it is there', async (t) => {
  const twice = (value: number) => 2 * value
  t.equal(andThen(1, twice), 2)
  const later = andThen(Promise.resolve(1), twice)
  t.type(later, Promise)
  t.equal(await later, 2)
  await t.rejects(async () => andThen(Promise.reject(new Error('lost')), twice), { message: 'lost' })
})
