import { test } from 'tap'
import { COUNTERS, READINGS, TIMINGS } from '../../../src/telemetry/catalogue.js'
import { createMeter, MAX_SERIES, noMeter } from '../../../src/telemetry/meter.js'
import { valuesOf } from '../../meters.js'

test('what happens is counted by its labels', async (t) => {
  const meter = createMeter()
  meter.count('calls', 'connect')
  meter.count('calls', 'refuse', 'unknown-caller')
  meter.count('calls', 'refuse', 'unknown-caller')
  meter.count('webhookRetries')
  const families = meter.families()
  t.same(valuesOf(families, 'callmask_calls_total'), { 'connect none': 1, 'refuse unknown-caller': 2 })
  t.same(valuesOf(families, 'callmask_webhook_retries_total'), { '': 1 })
})

test('what may never have happened is there from the start, at 0', async (t) => {
  const families = createMeter().families()
  const samples = (name: string) => families.find((family) => family.name === name)?.samples
  t.same(samples('callmask_webhook_retries_total'), [{ labels: {}, value: 0 }])
  t.match(samples('callmask_call_troubles_total')?.[0], { labels: { trouble: 'out_of_credit' }, value: 0 })
  t.same(
    families.map(({ name }) => name).sort(),
    [COUNTERS, TIMINGS, READINGS].flatMap((specs) => Object.values(specs).map(({ name }) => name)).sort(),
    'and each metric is',
  )
})

test('how long something took falls into all buckets that are as large', async (t) => {
  const meter = createMeter()
  for (const seconds of [0.0005, 0.001, 0.3, 5]) meter.time('answers', seconds)
  const values = valuesOf(meter.families(), 'callmask_answer_duration_seconds')
  t.match(values, {
    '_bucket 0.001': 2,
    '_bucket 0.25': 2,
    '_bucket 0.5': 3,
    '_bucket 3': 3,
    '_bucket +Inf': 4,
    _count: 4,
  })
  t.ok(Math.abs((values._sum ?? 0) - 5.3015) < 1e-9)
  meter.time('storeOperations', 0.002, 'read')
  t.match(valuesOf(meter.families(), 'callmask_store_operation_duration_seconds'), {
    '_bucket read 0.0025': 1,
    '_bucket read +Inf': 1,
  })
})

test('something is looked at when somebody asks', async (t) => {
  const meter = createMeter()
  let nonces: number | undefined
  meter.watch('nonces', () => nonces)
  t.same(meter.families().find(({ name }) => name === 'callmask_nonces')?.samples, [])
  nonces = 3
  t.same(valuesOf(meter.families(), 'callmask_nonces'), { '': 3 })
  meter.watch('poolNumbers', () => [{ labels: { state: 'active' }, value: 2 }])
  t.same(valuesOf(meter.families(), 'callmask_pool_numbers'), { active: 2 })
})

test('a metric has a bounded number of label values', async (t) => {
  const meter = createMeter()
  for (let i = 0; i < MAX_SERIES + 5; i += 1) meter.count('apiRequests', 'anything', String(i))
  const family = meter.families().find(({ name }) => name === 'callmask_api_requests_total')
  t.equal(family?.samples.length, MAX_SERIES + 1)
  t.equal(valuesOf(meter.families(), 'callmask_api_requests_total')['other other'], 5)
})

test('without metrics nothing is counted', async (t) => {
  noMeter.count('calls', 'connect')
  noMeter.time('answers', 1)
  noMeter.watch('nonces', () => 1)
  t.same(noMeter.families(), [])
})

test('names and labels are as Prometheus wants them', async (t) => {
  const specs = [...Object.values(COUNTERS), ...Object.values(TIMINGS), ...Object.values(READINGS)]
  t.equal(new Set(specs.map(({ name }) => name)).size, specs.length, 'each name is there once')
  for (const spec of specs) {
    t.match(spec.name, /^(callmask|process|nodejs)_[a-z_]+$/)
    t.match(spec.help, /\.$/, `${spec.name} is explained in sentences`)
    const isCounter = !('buckets' in spec) && (!('type' in spec) || spec.type === 'counter')
    t.equal(spec.name.endsWith('_total'), isCounter, spec.name)
    for (const label of 'labels' in spec ? spec.labels : []) t.match(label, /^[a-z]+$/)
  }
  for (const { buckets } of Object.values(TIMINGS))
    t.same(
      [...buckets].sort((a, b) => a - b),
      buckets,
    )
})
