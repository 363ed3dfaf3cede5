import { test } from 'tap'
import { VERSION } from '../../src/package-file.js'
import { LAG_INTERVAL_MS } from '../../src/telemetry/event-loop-lag.js'
import { noMeter } from '../../src/telemetry/meter.js'
import { patientClock, testClock } from '../clocks.js'
import { lines, webhook } from '../fixtures.js'
import { API, build, hasStore } from '../helper.js'
import { valuesOf } from '../meters.js'
import { startServer, until, withServer } from '../redis-server.js'
import { STORE_KEY } from '../redis-store.js'
import { IN_MEMORY, temporaryFolder } from '../src/stores/file/folders.js'

test('the service tells what it is and how its process is', async (t) => {
  const clock = testClock()
  const { app } = await build(t, API.environment, clock)
  const families = app.meter.families()
  t.same(valuesOf(families, 'callmask_build_info'), {
    [`${VERSION} ${process.version} two-way-client-hosted+session-pool`]: 1,
  })
  for (const name of [
    'process_cpu_seconds_total',
    'process_start_time_seconds',
    'process_resident_memory_bytes',
    'nodejs_heap_size_used_bytes',
  ])
    t.ok(Number(valuesOf(families, name)['']) > 0, name)
  t.same(valuesOf(families, 'callmask_log_lines_dropped_total'), {})
  t.same(valuesOf(families, 'callmask_store_up'), { memory: 1 })
  t.same(valuesOf(families, 'callmask_pool_numbers'), { active: 3 })
  t.same(valuesOf(families, 'callmask_draining'), {})
  app.drain.begin()
  t.same(valuesOf(app.meter.families(), 'callmask_draining'), { '': 1 })
})

test('the lag of the event loop is measured for as long as the service runs', async (t) => {
  const clock = testClock()
  const { app } = await build(t, API.environment, clock)
  await clock.tick(LAG_INTERVAL_MS)
  t.equal(valuesOf(app.meter.families(), 'callmask_event_loop_lag_seconds')._count, 1)
  await app.close()
  t.equal(clock.intervals().includes(LAG_INTERVAL_MS), false)
})

test('sessions and the room in the pool are told as they were counted, and nobody counts for it', async (t) => {
  const clock = testClock()
  const { app } = await build(t, API.environment, clock)
  t.same(valuesOf(app.meter.families(), 'callmask_sessions_open'), {})
  await app.inject({
    method: 'POST',
    url: '/v1/sessions',
    headers: API.headers,
    payload: { participants: [{ number: '9812300001' }, { number: '9812300002' }] },
  })
  await app.poolCounter.upkeep()
  const families = app.meter.families()
  t.same(valuesOf(families, 'callmask_sessions_open'), { '': 1 })
  t.same(valuesOf(families, 'callmask_pool_head_room'), { '': 2 })
  t.same(valuesOf(families, 'callmask_pool_counted_timestamp_seconds'), { '': clock.time / 1_000 })
})

test('nothing is counted where nobody can ask', async (t) => {
  for (const environment of [{}, { ...API.environment, METRICS: 'off' }]) {
    const clock = testClock()
    const { app } = await build(t, environment, clock)
    t.equal(app.meter, noMeter)
    t.equal(clock.intervals().includes(LAG_INTERVAL_MS), false)
    t.equal((await app.inject({ url: '/metrics', headers: API.headers })).statusCode, 404)
  }
})

test('public metrics on the port of the calls are warned of in production', async (t) => {
  const production = {
    METRICS: 'public',
    NODE_ENV: 'production',
    VOBIZ_AUTH_TOKEN: 'token',
    PUBLIC_BASE_URL: 'https://mask.example.com',
  }
  const warned = async (environment: Record<string, string>) =>
    lines((await build(t, environment)).startLog).filter(({ msg }) => String(msg).includes('METRICS'))
  t.match(await warned(production), [{ level: 'warn' }])
  t.same(await warned({ ...production, ADMIN_PORT: '0' }), [])
  t.same(await warned({ ...production, NODE_ENV: '' }), [])
  t.same(await warned({ ...production, METRICS: 'key' }), [])
})

test('the operations of a store in a folder are timed', async (t) => {
  const { app } = await build(t, {
    ...API.environment,
    STORE_URL: `file:${temporaryFolder(t, IN_MEMORY)}`,
    STORE_KEY,
  })
  await app.inject({
    method: 'POST',
    url: '/v1/sessions',
    headers: API.headers,
    payload: { participants: [{ number: '9812300001' }, { number: '9812300002' }] },
  })
  const families = app.meter.families()
  t.same(valuesOf(families, 'callmask_store_up'), { file: 1 })
  const timed = valuesOf(families, 'callmask_store_operation_duration_seconds')
  for (const operation of ['read', 'swap', 'enlist', 'confirm'])
    t.ok(Number(timed[`_count ${operation}`]) > 0, operation)
})

test('so are those of a shared store', withServer, async (t) => {
  const server = await startServer(t)
  const { app } = await build(t, { ...API.environment, STORE_URL: server.url, STORE_KEY }, patientClock)
  await until('the store is there', () => hasStore(app))
  await app.inject(webhook({ From: '919812300001', To: '919000000011' }))
  const families = app.meter.families()
  t.same(valuesOf(families, 'callmask_store_up'), { standalone: 1 })
  t.ok(Number(valuesOf(families, 'callmask_store_operation_duration_seconds')['_count read']) > 0)
})
