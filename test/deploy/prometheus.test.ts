import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Test, test } from 'tap'
import { PAIR, webhook } from '../fixtures.js'
import { API, build } from '../helper.js'
import { anchors, readPage, readRepositoryFile } from '../markdown.js'
import { startPrometheus, withPrometheus } from '../prometheus.js'
import { promtool, withPromtool } from '../promtool.js'

const ALERTS = 'deploy/prometheus/alerts.yaml'
const alerts = readRepositoryFile(ALERTS)

interface Dashboard {
  readonly panels: readonly Panel[]
}

interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly targets?: readonly { readonly expr: string }[]
}

const { panels }: Dashboard = JSON.parse(readRepositoryFile('deploy/grafana/callmask.json'))

/** The expressions of the panels, as Grafana would send them. */
const ofPanels = panels
  .flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
  .map((expr) => expr.replaceAll('$__rate_interval', '1m').replaceAll(/\$(instance|job)\b/g, '.*'))

/** Those of the alerts: on the line of their name, or in the lines below it. */
const ofAlerts = [...alerts.matchAll(/^( +)expr: (.+(?:\n\1 {2}.+)*)/gm)].map(([, , expr = '']) =>
  expr.replace(/^\|\n/, ''),
)

/** The names of metrics in an expression: what stands outside of braces and quotes, and has an underline in it. */
function namesIn(expr: string): string[] {
  const plain = expr
    .replaceAll(/\{[^}]*\}/g, '')
    .replaceAll(/\b(by|without|on) *\([^)]*\)/g, '')
    .replaceAll(/\[[^\]]*\]/g, '')
  return plain.match(/\b[a-z]\w*_\w+\b(?! *\()/g) ?? []
}

/** A running service of which everything was asked once. */
async function running(t: Test) {
  const { app } = await build(t, API.environment)
  await app.listen({ host: '127.0.0.1', port: 0 })
  await app.inject(webhook({ From: PAIR.FE, To: PAIR.M1 }))
  await app.inject(webhook({ From: PAIR.FE, To: PAIR.M2 }))
  await app.inject({ url: '/v1/status', headers: API.headers })
  await app.poolCounter.upkeep()
  const { port } = app.server.address() as AddressInfo
  return { app, target: `127.0.0.1:${port}` }
}

/** The names of the lines of a scrape, with those that its histograms have. */
function namesOf(scrape: string): Set<string> {
  const types = [...scrape.matchAll(/^# TYPE (\S+) (\S+)$/gm)]
  return new Set(
    types.flatMap(([, name, type]) =>
      type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [`${name}`],
    ),
  )
}

test('every metric that a panel or an alert names is there', async (t) => {
  const { app } = await running(t)
  const { body } = await app.inject({ url: '/metrics', headers: API.headers })
  const there = namesOf(body)
  const named = new Set([...ofPanels, ...ofAlerts].flatMap(namesIn))
  t.ok(ofPanels.length > 30)
  t.equal(ofAlerts.length, alerts.match(/- alert:/g)?.length)
  for (const name of named) t.ok(there.has(name), name)
  const unshown = [...there].filter((name) => !named.has(name) && !/_(sum|count)$/.test(name))
  t.same(unshown, [], 'and what is counted can be seen')
})

test('the panels are in rows, and each has an id and a place of its own', async (t) => {
  t.same(
    panels.filter(({ type }) => type === 'row').map(({ title }) => title),
    ['Calls', 'Pool', 'Store', 'Events', 'API', 'Process'],
  )
  t.equal(new Set(panels.map(({ id }) => id)).size, panels.length)
  const places = panels.map((panel) => JSON.stringify((panel as { gridPos?: object }).gridPos))
  t.equal(new Set(places).size, panels.length)
})

test('each alert leads to what is to be done', async (t) => {
  const headings = anchors(readPage('docs/operations.md'))
  const links = [...alerts.matchAll(/runbook_url: \S+\/(docs\/operations\.md)#(\S+)/g)]
  t.equal(links.length, ofAlerts.length, 'each has one')
  for (const [, , anchor = ''] of links) t.ok(headings.includes(anchor), anchor)
})

test('promtool finds nothing wrong with the alerts', withPromtool, async (t) => {
  t.equal(promtool(['check', 'rules', ALERTS]), '')
  const folder = mkdtempSync(join(tmpdir(), 'callmask-rules-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const broken = join(folder, 'alerts.yaml')
  writeFileSync(broken, alerts.replace('rate(', 'rat('))
  t.match(promtool(['check', 'rules', broken]), 'unknown function')
})

test('promtool finds nothing wrong with the metrics of a service', withPromtool, async (t) => {
  const { app } = await running(t)
  t.equal(
    promtool(['check', 'metrics'], (await app.inject({ url: '/metrics', headers: API.headers })).body),
    '',
  )
})

test(
  'Prometheus reads a service, and every question of a panel or an alert has an answer',
  withPrometheus,
  async (t) => {
    const { target } = await running(t)
    const { ask } = await startPrometheus(t, target, API.environment.API_KEYS)
    const query = (expr: string) => ask(`query?query=${encodeURIComponent(expr)}`)
    for (const expr of [...ofPanels, ...ofAlerts]) {
      const { status, error, data } = await query(expr)
      t.equal(status, 'success', `${expr}: ${error}`)
      t.ok(Array.isArray(data?.result))
    }
    t.match((await query('callmask_calls_total{outcome="connect"}')).data?.result, [{ value: [Number, '1'] }])
    t.match((await query('callmask_pool_head_room')).data?.result, [{ value: [Number, '3'] }])
    const { data } = await ask('rules')
    t.equal(data?.groups?.[0]?.rules.length, ofAlerts.length)
  },
)
