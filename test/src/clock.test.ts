import { test } from 'tap'
import { systemClock } from '../../src/clock.js'

test('the system clock tells the time, repeats until stopped, and waits unless cancelled', async (t) => {
  const before = Date.now()
  t.ok(systemClock.now() >= before && systemClock.now() <= Date.now())

  let [runs, stop] = [0, () => {}]
  const keepAlive = setInterval(() => {}, 1_000)
  await new Promise<void>((resolve) => {
    stop = systemClock.every(1, () => {
      runs += 1
      if (runs === 2) resolve()
    })
  })
  stop()
  await new Promise<void>((resolve) => {
    systemClock.after(1, () => t.fail('it was cancelled'))()
    systemClock.after(2, resolve)
  })
  clearInterval(keepAlive)
  t.equal(runs, 2)
})
