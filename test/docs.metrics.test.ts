import { test } from 'tap'
import { COUNTERS, READINGS, TIMINGS } from '../src/telemetry/catalogue.js'
import { codeSpans, readPage, tableRows } from './markdown.js'

const { prose } = readPage('docs/metrics.md')
const rows = tableRows(prose).map((row) => {
  const [, names = '', labels = ''] = row.split('|')
  return { names: codeSpans(names), labels: codeSpans(labels) }
})

test('docs/metrics.md has every metric and no other', async (t) => {
  const specs = [COUNTERS, TIMINGS, READINGS].flatMap((kind) => Object.values(kind))
  t.same(rows.flatMap(({ names }) => names).sort(), specs.map(({ name }) => name).sort())
})

test('docs/metrics.md has the labels of what is counted and timed', async (t) => {
  for (const { name, labels } of [...Object.values(COUNTERS), ...Object.values(TIMINGS)])
    t.same(rows.find(({ names }) => names.includes(name))?.labels, labels, name)
})
