import { test } from 'tap'
import { createLagWatch, LAG_INTERVAL_MS } from '../../../src/telemetry/event-loop-lag.js'

test('a timer that is late tells for how long the process was held up', async (t) => {
  let time = 1_000
  const lag = createLagWatch(() => time)
  const after = (ms: number) => {
    time += ms
    return lag()
  }
  t.equal(after(LAG_INTERVAL_MS), 0)
  t.equal(after(LAG_INTERVAL_MS + 40), 40)
  t.equal(after(LAG_INTERVAL_MS - 30), 0, 'one that follows a late one may come early')
})
