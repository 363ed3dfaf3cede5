import { test } from 'tap'
import { drainDelayMs } from '../../src/drain-delay.js'

test('drainDelayMs is as configured, by default five seconds, or none at a terminal', async (t) => {
  t.equal(drainDelayMs({ configured: undefined, stdin: {} }), 5_000, 'five seconds by default')
  t.equal(drainDelayMs({ configured: undefined, stdin: { isTTY: true } }), 0, 'none at a terminal')
  t.equal(drainDelayMs({ configured: 7, stdin: { isTTY: true } }), 7_000, 'as configured, everywhere')
  t.equal(drainDelayMs({ configured: 0, stdin: {} }), 0)
})
