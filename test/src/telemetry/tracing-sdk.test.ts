import { test } from 'tap'
import { hasTracingSdk } from '../../../src/telemetry/tracing-sdk.js'
import { tracingStandIn } from '../../tracing-stand-in.js'

test('a tracing SDK is seen once it has registered', async (t) => {
  t.equal(hasTracingSdk(), false)
  t.test('while it is there', async (t) => {
    tracingStandIn(t)
    t.equal(hasTracingSdk(), true)
  })
  t.test('and afterwards', async (t) => t.equal(hasTracingSdk(), false))
})
