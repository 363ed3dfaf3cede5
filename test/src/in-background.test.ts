import { test } from 'tap'
import { inBackground } from '../../src/in-background.js'
import { StoreUnavailableError } from '../../src/masking/storage.js'
import { testClock } from '../clocks.js'

test('work is repeated one at a time, goes on after an error, and can be stopped', async (t) => {
  const clock = testClock()
  const errors: unknown[] = []
  const ends: (() => void)[] = []
  let begun = 0
  let fails: Error | undefined
  const stop = inBackground({
    clock,
    ms: 1_000,
    async work() {
      begun += 1
      if (fails) throw fails
      await new Promise<void>((end) => ends.push(end))
    },
    onError: (error) => errors.push(error),
  })
  t.same(clock.intervals(), [1_000])
  const first = clock.tick()
  await clock.tick()
  t.equal(begun, 1, 'the first turn lasts')
  ends[0]?.()
  await first

  fails = new Error('a mistake')
  await clock.tick()
  t.same(errors, [fails])
  fails = new StoreUnavailableError()
  await clock.tick()
  t.equal(begun, 3)
  t.equal(errors.length, 1, 'a store that fails is told of elsewhere')
  stop()
  t.same(clock.intervals(), [])
})
