import { test } from 'tap'
import { CALLS_TO_TELL } from '../../../src/calls/calls.js'
import { createDeliveries } from '../../../src/events/deliveries.js'
import { ALL_EVENTS, ALL_WEBHOOKS, eventKey, FAILING } from '../../../src/events/event-keys.js'
import { EVENT_SCAN } from '../../../src/events/outbox.js'
import { RELAY_STEP } from '../../../src/events/relay.js'
import { createWebhooks } from '../../../src/events/webhooks.js'
import { recordKey, SESSION_ENDS, SESSIONS_TO_TELL } from '../../../src/masking/keys.js'
import { recordValue } from '../../../src/masking/record.js'
import { createRecords } from '../../../src/masking/records.js'
import { createSessionEnds, UNREADABLE_MS } from '../../../src/masking/session-ends.js'
import { type Key, type Storage, StoreUnavailableError } from '../../../src/masking/storage.js'
import { UNWRITTEN_MS } from '../../../src/masking/to-tell.js'
import { testClock } from '../../clocks.js'
import { eventCalled } from '../../delivering.js'
import { draft, sessionIn, standing } from '../../drafts.js'
import { HOUR } from '../../session-store-contract.js'
import { spiedOn } from '../../spied-storage.js'
import { memoryStorage, storeOver } from '../../store-under-test.js'
import { EVENT_RETENTION_MS, toldOver } from '../../told.js'

const DAY = 24 * 60 * 60 * 1_000
const WHOLE_LIST = { order: 'oldest first', limit: 1_000 } as const

function inMemory() {
  const clock = testClock()
  const storage = memoryStorage(clock.now)
  return { clock, storage, ...toldOver(storage) }
}

/** A storage in which what stands under some keys cannot be read. */
function unreadableAt(storage: Storage, isBad: (key: Key) => boolean): Storage {
  return {
    ...storage,
    read: async (keys) =>
      (await storage.read(keys)).map((kept, i) =>
        kept && isBad(keys[i] as Key)
          ? { value: undefined, unreadable: 'unknown-key' as const, version: kept.version }
          : kept,
      ),
  }
}

test('an event that is put in twice stands there once, since the first time', async (t) => {
  const { clock, outbox, events } = inMemory()
  await outbox.add([eventCalled('s_1/1', 5)])
  const since = clock.time
  clock.time += 1_000
  const keys = await outbox.add([eventCalled('s_1/1', 6)])
  t.match(await events(), [{ at: 5, listedAt: since }])
  t.ok(keys.some((key) => key.kind === 'event'))
})

test('a page looks at a bounded number of events, and the next one goes on', async (t) => {
  const { clock, storage, outbox } = inMemory()
  for (let i = 0; i <= EVENT_SCAN; i += 1)
    await storage.enlist(ALL_EVENTS, { id: `evt_${i}`, at: clock.time + i }, Infinity)
  await outbox.add([eventCalled('s_1/1', 5)])
  const query = { order: 'newest first', limit: 10 } as const
  const first = await outbox.list(query)
  t.same(first.events, [])
  t.match((await outbox.list({ ...query, cursor: first.next })).events, [{ sessionId: 's_1' }])

  const deliveries = createDeliveries(storage, EVENT_RETENTION_MS)
  for (let i = 0; i <= EVENT_SCAN; i += 1)
    await storage.enlist(FAILING, { id: `wh_a.evt_${i}`, at: clock.time + i }, Infinity)
  const page = await deliveries.list({ limit: 10 })
  t.same(page.deliveries, [])
  t.same(await deliveries.list({ limit: 10, cursor: page.next }), { deliveries: [] })
})

test('events of a session that are forgotten do not come back', async (t) => {
  const { storage, outbox, events } = inMemory()
  await outbox.add([eventCalled('s_1/1', 5), eventCalled('s_2/1', 5)])
  t.equal(await outbox.forget('s_1'), 1)
  await outbox.add([eventCalled('s_1/1', 5), eventCalled('s_1/2', 5)])
  t.match(await events(), [{ sessionId: 's_2' }])
  // What is in the list alone is no event.
  await storage.enlist({ kind: 'events-of', id: 's_2' }, { id: 'evt_none', at: 1 }, Infinity)
  t.equal(await outbox.forget('s_2'), 1)
})

test('an event that cannot be read is passed over, and told of', async (t) => {
  const { storage, outbox } = inMemory()
  await outbox.add([eventCalled('s_1/1', 5), eventCalled('s_2/1', 5)])
  const [, bad] = [eventCalled('s_1/1', 5), eventCalled('s_2/1', 5)]
  const other = toldOver(unreadableAt(storage, (key) => 'id' in key && key.id === bad?.id))
  t.match(await other.events(), [{ sessionId: 's_1' }])
  t.same(other.errors, ['unknown-key'])
  await other.outbox.add([eventCalled('s_2/1', 5)])
  t.equal(await other.outbox.find(eventKey('evt_none').kind), undefined)
})

test('records that tell nothing leave the list: at once where they are no more, else in time', async (t) => {
  const { clock, storage, relay, events, errors } = inMemory()
  const enlist = (list: Key, id: string) => storage.enlist(list, { id: `${id} a`, at: clock.time }, Infinity)
  const tombstone = { key: recordKey('s_2'), was: undefined, value: recordValue({ kind: 'erased' }) }
  await storage.swap({ ...tombstone, until: Infinity })
  for (const id of ['s_1', 's_2']) await enlist(SESSIONS_TO_TELL, id)
  for (const id of ['c_1', 'c_2']) await enlist(CALLS_TO_TELL, id)
  const value = { forgotten: true }
  await storage.swap({ key: { kind: 'call', id: 'c_2' }, was: undefined, value, until: Infinity })
  clock.time += 2_000
  await relay.upkeep()
  const left = async (list: Key) => (await storage.entries(list, WHOLE_LIST)).map(({ id }) => id)
  t.same(await left(SESSIONS_TO_TELL), ['s_1 a'])
  t.same(await left(CALLS_TO_TELL), ['c_1 a'])
  clock.time += UNWRITTEN_MS
  await relay.upkeep()
  t.same([await left(SESSIONS_TO_TELL), await left(CALLS_TO_TELL)], [[], []])
  t.same([await events(), errors], [[], []])
})

test('a record that cannot be read is left to whoever has its key, for a day', async (t) => {
  const world = standing()
  const storage = memoryStorage(world.options.now)
  const { sessionsToTell } = toldOver(storage)
  const tells = { toTell: sessionsToTell, nearMs: 0 }
  const store = await storeOver(storage, { ...world.options, tells })
  const { id } = sessionIn(await store.create(draft(1, 2, { expiresAt: world.time + HOUR })))
  const other = toldOver(unreadableAt(storage, (key) => key.kind === 'session'))
  const waiting = async () => (await storage.entries(SESSIONS_TO_TELL, WHOLE_LIST)).length
  world.time += 2_000
  await other.relay.upkeep()
  t.same([other.errors, await waiting()], [['unknown-key'], 1])

  const blind = unreadableAt(storage, (key) => key.kind === 'session')
  const records = createRecords({ storage: blind, rememberedUntil: (at) => at + DAY })
  const ends = createSessionEnds({ storage: blind, records, nearMs: 0 })
  const listed = async () => (await storage.entries(SESSION_ENDS, WHOLE_LIST)).length
  world.time += HOUR
  await ends.upkeep()
  world.time += DAY
  await ends.upkeep()
  await other.relay.upkeep()
  t.same([await listed(), await waiting()], [1, 0], 'the end is told once somebody can read it')
  world.time += UNREADABLE_MS
  await store.upkeep()
  t.equal(await listed(), 0)
  t.equal((await store.find(id))?.id, id)
})

test('while what was told may still be lost, it is not forgotten that it is to be told', async (t) => {
  const clock = testClock()
  const storage = memoryStorage(clock.now)
  let isSafe = false
  const unsafe: Storage = { ...storage, confirm: async () => isSafe }
  const { relay, callsToTell, events } = toldOver(unsafe)
  const facts = { begun: { at: clock.time, sessionId: 's_1', side: 0 } }
  const key: Key = { kind: 'call', id: 'c_1' }
  const news = ['call.started']
  await callsToTell.through({ id: 'c_1', news }, () =>
    storage.swap({ key, was: undefined, value: facts, until: Infinity }),
  )
  const waiting = async () => (await storage.entries(CALLS_TO_TELL, WHOLE_LIST)).length
  for (let i = 0; i < 2; i += 1) {
    clock.time += 2_000
    await relay.upkeep()
    t.equal(await waiting(), 1)
    t.equal((await events()).length, 1)
  }
  isSafe = true
  await relay.upkeep()
  t.equal(await waiting(), 0)
})

test('one instance brings what others left, in pieces, and goes on behind what tells nothing', async (t) => {
  const clock = testClock()
  const storage = memoryStorage(clock.now)
  const [one, other] = [toldOver(storage), toldOver(storage)]
  for (let i = 0; i < RELAY_STEP + 5; i += 1)
    await storage.enlist(
      CALLS_TO_TELL,
      { id: `c_${String(i).padStart(4, '0')} a call.started`, at: clock.time },
      Infinity,
    )
  const facts = { begun: { at: clock.time } }
  await storage.swap({ key: { kind: 'call', id: 'c_0203' }, was: undefined, value: facts, until: Infinity })
  clock.time += 2_000
  await one.relay.upkeep()
  await other.relay.upkeep()
  t.equal((await one.events()).length, 1)
  t.equal((await storage.entries(CALLS_TO_TELL, WHOLE_LIST)).length, RELAY_STEP + 4)
})

test('a mistake of ours in telling is told, and a store that is down is not', async (t) => {
  const clock = testClock()
  let error: Error = new StoreUnavailableError()
  const storage = spiedOn(memoryStorage(clock.now), (operation, run) =>
    operation.startsWith('read') ? Promise.reject(error) : run(),
  )
  const { relay, callsToTell, errors } = toldOver(storage, { isPrompt: true })
  await callsToTell.through({ id: 'c_1' }, async () => true)
  await relay.idle()
  t.same(errors, [])
  error = new TypeError('a mistake of ours')
  await callsToTell.through({ id: 'c_1' }, async () => true)
  await relay.idle()
  t.match(errors, [TypeError])
})

test('endpoints that cannot be read are not written over', async (t) => {
  const { storage } = inMemory()
  await storage.swap({ key: ALL_WEBHOOKS, was: undefined, value: [], until: Infinity })
  const webhooks = createWebhooks(unreadableAt(storage, () => true))
  await t.rejects(webhooks.all(), StoreUnavailableError)
  await t.rejects(webhooks.remove('wh_a'), StoreUnavailableError)
})

test('of two who change the endpoints at once both are heard', async (t) => {
  const { storage, clock } = inMemory()
  const webhooks = createWebhooks(storage)
  const webhook = (id: string) => ({
    id,
    url: 'https://a.test/',
    events: ['*'],
    createdAt: clock.time,
    secrets: [],
  })
  t.same(await Promise.all([webhooks.add(webhook('wh_a')), webhooks.add(webhook('wh_b'))]), [true, true])
  t.equal((await webhooks.all()).length, 2)
})

test('of two who forget or send again at once neither is in the way of the other', async (t) => {
  const { clock, storage, outbox, events } = inMemory()
  await outbox.add([eventCalled('s_1/1', 5)])
  const [event] = await events()
  const deliveries = createDeliveries(storage, EVENT_RETENTION_MS)
  if (event) await Promise.all([deliveries.again('wh_a', event), deliveries.again('wh_a', event)])
  t.match(await deliveries.find(`wh_a.${event?.id}`), { attempts: 0, state: 'retrying' })
  const blind = createDeliveries(
    unreadableAt(storage, () => true),
    EVENT_RETENTION_MS,
  )
  t.equal(await blind.find(`wh_a.${event?.id}`), undefined)
  const counts = await Promise.all([outbox.forget('s_1'), outbox.forget('s_1')])
  t.equal(Math.max(...counts), 1)
  t.ok(clock)
})

test('an event that is forgotten just then is put in again', async (t) => {
  const clock = testClock()
  const storage = memoryStorage(clock.now)
  let isLost = true
  const losing: Storage = {
    ...storage,
    async swap(change) {
      if (change.key.kind !== 'event' || !isLost) return storage.swap(change)
      isLost = false
      return false
    },
  }
  const { outbox, events } = toldOver(losing)
  await outbox.add([eventCalled('s_1/1', 5)])
  t.equal((await events()).length, 1)
})

test('an event that somebody else changes just then is forgotten all the same', async (t) => {
  const clock = testClock()
  const storage = memoryStorage(clock.now)
  let isLost = true
  const losing: Storage = {
    ...storage,
    async swap(change) {
      if (change.value !== undefined || !isLost) return storage.swap(change)
      isLost = false
      return false
    },
  }
  const { outbox, events } = toldOver(losing)
  await outbox.add([eventCalled('s_1/1', 5)])
  t.equal(await outbox.forget('s_1'), 1)
  t.same([isLost, await events()], [false, []])
})
