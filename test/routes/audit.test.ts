import { spawnSync } from 'node:child_process'
import { closeSync, constants, openSync } from 'node:fs'
import { join } from 'node:path'
import { type Test, test } from 'tap'
import type { AuditReader } from '../../src/access/audit-reader.js'
import { BATCH_MS } from '../../src/logging/bounded-stream.js'
import { testClock } from '../clocks.js'
import { documentCheckOnce } from '../documented.js'
import { API, build } from '../helper.js'
import { until } from '../redis-server.js'

const REAL_NUMBER = '8888800001'
const checkOf = documentCheckOnce()

async function serve(t: Test, environment: Record<string, string> = {}) {
  const clock = testClock()
  const { app, logged } = await build(t, { ...API.environment, ...environment }, clock)
  const undocumented = await checkOf(app)
  const ask = async (query = '') => {
    const request = { url: `/v1/audit${query}`, headers: API.headers }
    const reply = await app.inject(request)
    t.equal(undocumented(request, reply), undefined)
    t.notMatch(reply.body + logged(), REAL_NUMBER)
    return reply.json()
  }
  return { app, ask, clock }
}

const operationsOf = ({ entries }: { entries: readonly { operation: string | null; event: string }[] }) =>
  entries.map(({ operation, event }) => operation ?? event)

test('the audit trail of an instance is shown, and asking for it leaves an entry', async (t) => {
  const { app, ask } = await serve(t)
  const payload = { from: `+91${REAL_NUMBER}`, to: '+919000000011' }
  await app.inject({ method: 'POST', url: '/v1/explain', headers: API.headers, payload })
  const first = await ask()
  t.match(first, { covers: 'instance', next_cursor: null })
  t.same(operationsOf(first), ['explainCall', 'start'])
  t.match(first.entries[0], {
    time: '2100-01-01T00:00:00.000Z',
    event: 'request',
    key: 'environment-1',
    source: '127.0.0.1',
    session: null,
    target: null,
    status: 200,
    code: null,
    count: null,
  })
  t.same(operationsOf(await ask()), ['listAudit', 'explainCall', 'start'])
  t.same(operationsOf(await ask('?operation=explainCall&key=environment-1')), ['explainCall'])
  t.same(operationsOf(await ask('?event=start&session_id=s_1')), [])
  t.same(operationsOf(await ask('?from=2100-01-02T00:00:00Z')), [])
  t.same(operationsOf(await ask('?to=2100-01-01T00:00:00Z')), [])

  const page = await ask('?limit=2')
  t.same(operationsOf(await ask(`?cursor=${page.next_cursor}&event=start`)), ['start'])
})

test('with a file, the lines of all instances that share it are shown', async (t) => {
  const AUDIT_LOG = join(t.testdir(), 'audit.log')
  const [one, other] = [await serve(t, { AUDIT_LOG }), await serve(t, { AUDIT_LOG })]
  await one.app.inject({ url: '/v1/status', headers: API.headers })
  await other.app.inject({ url: '/v1/me', headers: API.headers })
  let operations: string[] = []
  await until('all is written', async () => {
    for (const { clock } of [one, other]) clock.runOut(BATCH_MS)
    const page = await one.ask()
    t.equal(page.covers, 'file')
    operations = operationsOf(page)
    return operations.includes('getStatus') && operations.includes('showKey')
  })
  t.equal(operations.filter((event) => event === 'start').length, 2)
})

test('what goes to a pipe is kept, and with off there is nothing', async (t) => {
  const AUDIT_LOG = join(t.testdir(), 'pipe')
  spawnSync('mkfifo', [AUDIT_LOG])
  const reader = openSync(AUDIT_LOG, constants.O_RDONLY | constants.O_NONBLOCK)
  t.teardown(() => closeSync(reader))
  t.match(await (await serve(t, { AUDIT_LOG })).ask(), { covers: 'instance', entries: [{ event: 'start' }] })

  const off = await serve(t, { AUDIT_LOG: 'off' })
  t.same(await off.ask(), { covers: 'nothing', entries: [], next_cursor: null })
})

test('a cursor of what is not read now is refused, and a filter may not be a number', async (t) => {
  const { ask } = await serve(t)
  t.match(await ask('?cursor=7.another-instance'), {
    code: 'invalid_request',
    errors: [{ field: 'cursor', message: /begin again without it/ }],
  })
  for (const query of [
    `?key=${REAL_NUMBER}`,
    `?operation=${REAL_NUMBER}`,
    '?cursor=x',
    '?event=x',
    '?limit=201',
  ])
    t.equal((await ask(query)).code, 'invalid_request', query)
})

test('any other failure is one of the service', async (t) => {
  const { app, ask } = await serve(t)
  const readAudit: AuditReader = async () => {
    throw new Error('the disk is gone')
  }
  Object.assign(app.access, { readAudit })
  t.equal((await ask()).code, 'internal_error')
})
