import { test } from 'tap'
import { QUEUES_INTERVAL_MS } from '../../plugins/event-watch.js'
import { StoreUnavailableError } from '../../src/masking/storage.js'
import { testClock } from '../clocks.js'
import { lines } from '../fixtures.js'
import { API, build } from '../helper.js'
import { valuesOf } from '../meters.js'

const SECOND = 1_000
const METRICS = [
  'callmask_events_waiting',
  'callmask_events_oldest_waiting_seconds',
  'callmask_event_endpoints',
]

test('the metrics tell what waits for an endpoint, and how it is', async (t) => {
  const clock = testClock()
  const post = async () => ({ status: 500 })
  const { app } = await build(t, API.environment, clock, undefined, post)
  const ask = (url: string, payload: object) =>
    app.inject({ method: 'POST', url, payload, headers: API.headers })
  const shown = () => Object.fromEntries(METRICS.map((name) => [name, valuesOf(app.meter.families(), name)]))
  t.match(shown(), { callmask_events_waiting: {} }, 'nothing is known before it is looked at')
  await clock.tick(QUEUES_INTERVAL_MS)
  t.same(shown(), Object.fromEntries(METRICS.map((name) => [name, {}])), 'all are 0')

  await ask('/v1/webhooks', { url: 'https://example.com/hook' })
  const participants = [{ number: '+919800000001' }, { number: '+919800000002' }]
  await ask('/v1/sessions', { participants })
  await clock.tick()
  await app.deliveries.deliverer.deliver()
  t.match(valuesOf(app.meter.families(), 'callmask_event_deliveries_total'), { retrying: 1 })
  clock.time += 60 * SECOND
  await clock.tick(QUEUES_INTERVAL_MS)
  t.match(shown(), {
    callmask_events_waiting: { to_deliver: 1 },
    callmask_event_endpoints: { failing: 1 },
  })
  const { to_deliver: age } = valuesOf(app.meter.families(), 'callmask_events_oldest_waiting_seconds')
  t.ok(Number(age) > 50 && Number(age) <= 55, `it was due 5 to 6 seconds after it failed: ${age}`)
})

test('a store that fails is told of elsewhere, and anything else in the log', async (t) => {
  const clock = testClock()
  const { app, logged } = await build(t, API.environment, clock)
  const failures = [new StoreUnavailableError(), new Error('a mistake')]
  Object.assign(app.webhooks, { all: () => Promise.reject(failures.shift()) })
  await clock.tick(QUEUES_INTERVAL_MS)
  t.same(
    lines(logged()).filter(({ level }) => level === 'error'),
    [],
  )
  await clock.tick(QUEUES_INTERVAL_MS)
  t.match(
    lines(logged()).filter(({ level }) => level === 'error'),
    [{ msg: 'looking at what waits to be told failed' }],
  )
})

test('without an API, or without metrics, nobody looks', async (t) => {
  for (const environment of [{ API_KEYS: undefined, MASKING_NUMBERS: undefined }, { METRICS: 'off' }]) {
    const clock = testClock()
    const { app } = await build(t, { ...API.environment, ...environment }, clock)
    t.notOk(clock.intervals().includes(QUEUES_INTERVAL_MS))
    t.ok(app)
  }
})
