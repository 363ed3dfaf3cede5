import { test } from 'tap'
import { readScrape } from '../../../src/cli/scrape.js'
import { createMeter } from '../../../src/telemetry/meter.js'
import { expose } from '../../../src/telemetry/metrics.js'

test('what an instance tells can be read', async (t) => {
  const meter = createMeter()
  meter.count('calls', 'refuse', 'unknown-caller')
  meter.time('answers', 0.002)
  const series = readScrape((await expose(meter.families(), undefined)).body)
  t.match(
    series.find(({ labels }) => labels.outcome === 'refuse'),
    {
      key: 'callmask_calls_total{outcome="refuse",reason="unknown-caller"}',
      name: 'callmask_calls_total',
      labels: { outcome: 'refuse', reason: 'unknown-caller' },
      value: 1,
    },
  )
  t.match(
    series.find(({ name }) => name === 'callmask_answer_duration_seconds_sum'),
    { labels: {}, value: 0.002 },
  )
})

test('what is no line of a metric is passed over', async (t) => {
  t.same(readScrape('# HELP a b\n\n<html>\na{b="c\\"d,e",f=""} 2\n'), [
    { key: 'a{b="c\\"d,e",f=""}', name: 'a', labels: { b: 'c\\"d,e', f: '' }, value: 2 },
  ])
})
