import { test } from 'tap'
import { createMeter } from '../../../src/telemetry/meter.js'
import { expose } from '../../../src/telemetry/metrics.js'
import { promtool, withPromtool } from '../../promtool.js'

function someFamilies() {
  const meter = createMeter()
  meter.count('calls', 'connect')
  meter.count('webhookMistakes', 'a "name"\\')
  meter.time('answers', 0.003)
  meter.watch('build', () => [{ labels: { version: '1', node: 'v20' }, value: 1 }])
  return meter.families()
}

const OPEN_METRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8'
const TEXT = 'text/plain; version=0.0.4; charset=utf-8'

test('it is the text format of Prometheus', async (t) => {
  const { type, body } = await expose(someFamilies(), undefined)
  t.equal(type, TEXT)
  t.match(
    body,
    '# TYPE callmask_calls_total counter\ncallmask_calls_total{outcome="connect",reason="none"} 1\n',
  )
  t.match(body, 'callmask_webhook_mistakes_total{mistake="a \\"name\\"\\\\"} 1\n')
  t.match(body, 'callmask_answer_duration_seconds_bucket{le="0.005"} 1\n')
  t.match(body, 'callmask_answer_duration_seconds_sum 0.003\n')
  t.match(body, 'callmask_build_info{version="1",node="v20"} 1\n')
})

test('OpenMetrics is for those who would rather have it', async (t) => {
  const accepts = {
    [OPEN_METRICS]: OPEN_METRICS,
    'application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.4,*/*;q=0.1': OPEN_METRICS,
    'application/openmetrics-text;version=1.0.0;q=0.2,text/plain;version=0.0.4;q=0.4': TEXT,
    '*/*': TEXT,
    'text/html': TEXT,
    '': TEXT,
  }
  for (const [accept, type] of Object.entries(accepts))
    t.equal((await expose(someFamilies(), accept)).type, type, accept)
  const { body } = await expose(someFamilies(), OPEN_METRICS)
  t.match(body, '# TYPE callmask_calls counter\ncallmask_calls_total{outcome="connect",reason="none"} 1\n')
  t.match(body, /\n# EOF\n$/)
})

test('one form does not change the other, also when both are asked for at once', async (t) => {
  const families = someFamilies()
  const before = await expose(families, TEXT)
  const [text, open] = await Promise.all([expose(families, TEXT), expose(families, OPEN_METRICS)])
  t.same(text, before)
  t.not(text.body, open.body)
})

test('promtool finds nothing wrong with it', withPromtool, async (t) => {
  const { body } = await expose(someFamilies(), undefined)
  t.equal(promtool(['check', 'metrics'], body), '')
  t.match(promtool(['check', 'metrics'], body.replace('_total{', '{')), /./)
})
