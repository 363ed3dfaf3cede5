import { test } from 'tap'
import { hasMetrics } from '../../../src/config/metrics.js'

test('there are metrics where somebody can ask for them', async (t) => {
  const API_KEYS = 'a-key-of-the-tests-0000'
  t.equal(hasMetrics({ METRICS: 'key', API_KEYS }), true)
  t.equal(hasMetrics({ METRICS: 'key' }), false)
  t.equal(hasMetrics({ METRICS: 'public' }), true)
  t.equal(hasMetrics({ METRICS: 'off', API_KEYS }), false)
})
