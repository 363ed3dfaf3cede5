import { test } from 'tap'
import { DELIVERIES_INTERVAL_MS } from '../../plugins/deliveries.js'
import { EVENTS_INTERVAL_MS } from '../../plugins/events.js'
import { CALLS_TO_TELL } from '../../src/calls/calls.js'
import { COUNT_STEP, MAX_EVENTS_IN_MEMORY } from '../../src/events/event-bound.js'
import { ALL_EVENTS, ALL_WEBHOOKS } from '../../src/events/event-keys.js'
import { recordKey } from '../../src/masking/keys.js'
import type { Storage } from '../../src/masking/storage.js'
import { testClock } from '../clocks.js'
import { lines } from '../fixtures.js'
import { API, build } from '../helper.js'
import { STORE_KEY } from '../redis-store.js'
import { IN_MEMORY, temporaryFolder } from '../src/stores/file/folders.js'

const DAY = 24 * 60 * 60 * 1_000

test('without an API nobody is told, and nothing of it is there', async (t) => {
  const { app } = await build(t, {}, testClock())
  t.same([app.toTell.sessions, app.toTell.calls], [undefined, undefined])
  for (const name of ['webhooks', 'events', 'deliveries', 'people', 'callWork'])
    t.equal(app.hasDecorator(name), false, name)
  t.doesNotThrow(() => app.toTell.noteTrouble('out_of_credit'))
})

test('events are kept for EVENT_RETENTION, and in memory for a day at most', async (t) => {
  const environment = { ...API.environment, EVENT_RETENTION: String((3 * DAY) / 1_000) }
  t.equal((await build(t, environment, testClock())).app.events.retentionMs, DAY)
  const lasting = { ...environment, STORE_URL: `file:${temporaryFolder(t, IN_MEMORY)}`, STORE_KEY }
  t.equal((await build(t, lasting, testClock())).app.events.retentionMs, 3 * DAY)
})

test('what cannot be read is told of, and so are mistakes of ours', async (t) => {
  const clock = testClock()
  const { app, logged } = await build(t, API.environment, clock)
  const { storage } = app.storages
  const { entries, read } = storage
  await storage.enlist(CALLS_TO_TELL, { id: 'c_1.a', at: clock.time }, Infinity)
  storage.read = async (keys) =>
    keys.map(({ kind }) =>
      kind === 'call' ? { value: undefined, unreadable: 'altered', version: '' } : undefined,
    )
  clock.time += 2_000
  await clock.tick(EVENTS_INTERVAL_MS)
  storage.read = read
  storage.entries = () => Promise.reject(new TypeError('a mistake of ours'))
  await clock.tick(DELIVERIES_INTERVAL_MS)
  storage.entries = entries
  const said = lines(logged()).map(({ msg }) => msg)
  for (const msg of [
    'what cannot be read is not told to the business',
    'telling the business failed',
    'sending events failed',
  ])
    t.ok(said.includes(msg), msg)
})

test('a record of another instance that cannot be read does not stop the telling of others', async (t) => {
  const clock = testClock()
  const { app } = await build(t, API.environment, clock)
  const { storage } = app.storages
  const toTell = app.toTell.calls
  const facts = { begun: { at: clock.time, sessionId: 's_1', side: 0 } }
  const swap = (id: string) => () =>
    storage.swap({ key: { kind: 'call', id }, was: undefined, value: facts, until: Infinity })
  await toTell?.through({ id: 'c_1', news: ['call.started'] }, swap('c_1'))
  await new Promise((resolve) => setImmediate(resolve))
  clock.time += 2_000
  await clock.tick(EVENTS_INTERVAL_MS)
  const { events } = await app.events.outbox.list({ order: 'newest first', limit: 9 })
  t.match(events, [{ type: 'call.started' }])
  t.same(await storage.read([recordKey('s_none')]), [undefined])
})

test('more events than are kept go before their time, which the log and the counts say', async (t) => {
  const clock = testClock()
  const { app, logged } = await build(t, API.environment, clock)
  const { storage } = app.storages
  for (let i = 0; i < MAX_EVENTS_IN_MEMORY + 3; i += 1)
    await storage.enlist(ALL_EVENTS, { id: `evt_${i}`, at: clock.time }, Infinity)
  for (let i = 0; i < MAX_EVENTS_IN_MEMORY / COUNT_STEP + 2; i += 1) await clock.tick(EVENTS_INTERVAL_MS)
  t.same(app.events.stats(), { counted: MAX_EVENTS_IN_MEMORY + 3, dropped: 3 })
  t.match(logged(), /"which":"oldest","inAll":3/)
})

test('what is sent is counted by how it ended, and something that can be allowed reaches its end', async (t) => {
  const clock = testClock()
  const { app } = await build(t, API.environment, clock, undefined, async () => ({ status: 204 }))
  const ask = (url: string, payload: object) =>
    app.inject({ method: 'POST', url, headers: API.headers, payload })
  await ask('/v1/webhooks', { url: 'https://a.example.com/' })
  await ask('/v1/sessions', { participants: [{ number: '918888800011' }, { number: '918888800012' }] })
  await new Promise((resolve) => setImmediate(resolve))
  clock.time += 2_000
  for (const _ of [1, 2]) await clock.tick(1_000)
  t.same(app.deliveries.counts, { delivered: 1, retrying: 0, failed: 0, dropped: 0 })
  t.ok((await (app.storages.storage as Storage).read([ALL_WEBHOOKS]))[0])
})

test('while the shared store does not answer, nothing is told and nothing is logged of it', async (t) => {
  const clock = testClock()
  const environment = { ...API.environment, STORE_URL: 'redis://127.0.0.1:1', STORE_KEY }
  const { app, logged } = await build(t, environment, clock)
  await clock.tick(EVENTS_INTERVAL_MS)
  t.equal(app.sharedStore?.isUp, false)
  t.notMatch(logged(), 'telling the business failed')
})

test('a service of its own sends to public addresses alone', async (t) => {
  const { app } = await build(t, { ...API.environment, EVENT_ALLOWED_NETWORKS: '10.0.0.0/8' }, testClock())
  const webhook = { id: 'wh_a', url: 'https://127.0.0.1:1/', events: ['*'], createdAt: 0, secrets: [] }
  t.same(await app.deliveries.deliverer.send(webhook, 'evt_1', '{}'), { why: 'forbidden_address' })
})
