import { test } from 'tap'
import { everyAlone } from '../../src/every-alone.js'
import { StoreUnavailableError } from '../../src/masking/storage.js'
import { testClock } from '../clocks.js'

test('work is repeated, never beside itself, until it is called off', async (t) => {
  const clock = testClock()
  let begun = 0
  let finish: () => void = () => undefined
  const work = () => {
    begun += 1
    return new Promise<void>((resolve) => {
      finish = resolve
    })
  }
  const stop = everyAlone(clock, 1_000, work, () => t.fail('nothing fails'))
  const first = clock.tick(1_000)
  await clock.tick(1_000)
  t.equal(begun, 1)
  finish()
  await first
  void clock.tick(1_000)
  t.equal(begun, 2)
  finish()
  stop()
  t.same(clock.intervals(), [])
})

test('a mistake in the work is told, and a store that is down is not', async (t) => {
  const clock = testClock()
  const errors: unknown[] = []
  const failures = [new StoreUnavailableError(), new TypeError('a mistake of ours')]
  everyAlone(
    clock,
    1_000,
    () => Promise.reject(failures.shift()),
    (error) => errors.push(error),
  )
  await clock.tick(1_000)
  t.same(errors, [])
  await clock.tick(1_000)
  t.match(errors, [TypeError])
})
