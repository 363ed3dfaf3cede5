import { test } from 'tap'
import { readScrape } from '../../../src/cli/scrape.js'
import { viewOf } from '../../../src/cli/top-view.js'

const url = 'http://127.0.0.1:8002'

function watched(before: string | undefined, now: string | undefined) {
  return { url, before: before === undefined ? undefined : readScrape(before), now: now && readScrape(now) }
}

const calls = (connect: number, refuse: number) =>
  `callmask_calls_total{outcome="connect",reason="none"} ${connect}\ncallmask_calls_total{outcome="refuse",reason="x"} ${refuse}`

test('rates are of all instances together, and one that began anew counts from there', async (t) => {
  const { calls: seen } = viewOf(
    [
      { ...watched(calls(10, 0), undefined), now: readScrape(calls(14, 1)) },
      { ...watched(calls(100, 5), undefined), now: readScrape(calls(2, 0)) },
    ],
    2,
  )
  t.match(seen, { per_second: 3.5, outcomes: { connect: 3, refuse: 0.5 }, refusals: { x: 0.5 } })
})

test('an instance that did not answer is told, and counts for nothing', async (t) => {
  const view = viewOf(
    [
      { url, before: readScrape(calls(1, 1)), now: undefined },
      { url, before: undefined, now: readScrape(`${calls(5, 5)}\ncallmask_build_info{version="1.2.3"} 1`) },
    ],
    1,
  )
  t.match(view, {
    instances: [
      { up: false, version: null },
      { up: true, version: '1.2.3' },
    ],
    calls: { per_second: 0, outcomes: {}, answer_ms: { p50: null, p99: null } },
    pool: { head_room: null, sessions_open: null, active: null, draining: null },
    store: { kind: null, up: false },
  })
})

test('what is the same on all instances is told once', async (t) => {
  const now = [
    'callmask_pool_head_room 2',
    'callmask_sessions_open 7',
    'callmask_pool_numbers{state="active"} 3',
    'callmask_pool_numbers{state="draining"} 1',
    'callmask_store_up{kind="sentinel"} 1',
    'process_resident_memory_bytes 100',
  ].join('\n')
  const one = { url, before: [], now: readScrape(now) }
  const other = { url, before: [], now: readScrape(now.replace('kind="sentinel"} 1', 'kind="sentinel"} 0')) }
  t.match(viewOf([one, one], 1), {
    pool: { head_room: 2, sessions_open: 7, active: 3, draining: 1 },
    store: { kind: 'sentinel', up: true },
    process: { memory_bytes: 200 },
  })
  t.match(viewOf([one, other], 1), { store: { up: false } })
})

test('what waits to be told is of all instances, and the deliveries are theirs together', async (t) => {
  const now = (waiting: number, delivered: number) =>
    readScrape(`callmask_events_waiting{stage="to_tell"} ${waiting}
callmask_events_waiting{stage="to_deliver"} 12
callmask_events_oldest_waiting_seconds{stage="to_tell"} 0
callmask_events_oldest_waiting_seconds{stage="to_deliver"} 61.5
callmask_event_deliveries_total{result="delivered"} ${delivered}
callmask_event_deliveries_total{result="failed"} 0
callmask_event_endpoints{state="on"} 2
callmask_event_endpoints{state="failing"} 1
callmask_event_endpoints{state="off"} 0
callmask_events_dropped_total 3
callmask_store_unconfirmed_changes 4`)
  const instances = [
    { url, before: now(0, 0), now: now(3, 10) },
    { url, before: now(0, 5), now: now(2, 15) },
  ]
  const { events, store } = viewOf(instances, 2)
  t.same(events, {
    to_tell: 3,
    to_deliver: 12,
    oldest_waiting_seconds: 61.5,
    deliveries: { delivered: 10 },
    endpoints_on: 2,
    endpoints_failing: 1,
    endpoints_off: 0,
    dropped: 6,
  })
  t.equal(store.unconfirmed, 8)
})

test('quantiles come from the buckets, as Prometheus takes them', async (t) => {
  const buckets = (...counts: number[]) =>
    ['0.1', '0.2', '+Inf']
      .map((le, i) => `callmask_answer_duration_seconds_bucket{le="${le}"} ${counts[i]}`)
      .join('\n')
  const quantiles = (...counts: number[]) =>
    viewOf([{ url, before: readScrape(buckets(0, 0, 0)), now: readScrape(buckets(...counts)) }], 1).calls
      .answer_ms
  t.same(quantiles(0, 0, 0), { p50: null, p99: null })
  t.same(quantiles(10, 10, 10), { p50: 50, p99: 99 })
  t.same(quantiles(0, 10, 10), { p50: 150, p99: 199 })
  t.same(quantiles(5, 5, 10), { p50: 100, p99: 200 }, 'above all of them the largest is known')
})
