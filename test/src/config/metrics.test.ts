import { test } from 'tap'
import { hasMetrics } from '../../../src/config/metrics.js'

test('there are metrics where somebody can ask for them', async (t) => {
  const API_KEYS = 'a-key-of-the-tests-0000'
  t.equal(hasMetrics({ CONSOLE: 'on', METRICS: 'key', API_KEYS }), true)
  t.equal(hasMetrics({ CONSOLE: 'on', METRICS: 'key' }), false)
  t.equal(hasMetrics({ CONSOLE: 'on', METRICS: 'public' }), true)
  t.equal(hasMetrics({ CONSOLE: 'on', METRICS: 'off', API_KEYS }), false)
})
