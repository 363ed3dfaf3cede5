import { randomUUID } from 'node:crypto'
import { type Test, test } from 'tap'
import { CALL_COUNTS_MS } from '../../plugins/call-counts.js'
import { noCallCounts } from '../../src/calls/call-counts.js'
import { CALL_COUNTS_KIND } from '../../src/masking/keys.js'
import { type Key, StoreUnavailableError } from '../../src/masking/storage.js'
import { signatureHeaders } from '../../src/vobiz/signature.js'
import { BASE, callService, DRIVER, RIDER, tellsNumber } from '../call-service.js'
import { testClock } from '../clocks.js'
import { lines, PAIR } from '../fixtures.js'
import { API, build } from '../helper.js'

const BUSY = { Event: 'Hangup', HangupCauseCode: '3010', Duration: '0' }

async function service(t: Test, environment: Readonly<Record<string, string>> = {}) {
  const served = await callService(t, environment)
  const { app, clock } = served
  return {
    ...served,
    /** Replies of the API as they are once all is written. */
    async counted() {
      await new Promise(setImmediate)
      await clock.tick(CALL_COUNTS_MS)
      return (await app.inject({ url: '/v1/calls/summary', headers: API.headers })).json()
    },
  }
}

/** Lets no count be read while there is an error. */
function failing({ app }: Awaited<ReturnType<typeof service>>) {
  const { storage } = app.storages
  const { read } = storage
  const state: { error: Error | undefined } = { error: undefined }
  storage.read = (keys: readonly Key[]) =>
    state.error && keys.some(({ kind }) => kind === CALL_COUNTS_KIND)
      ? Promise.reject(state.error)
      : read(keys)
  return state
}

test('calls are counted by what became of them, and by both of their masking numbers', async (t) => {
  const { dial, send, open, counted, logged, audited } = await service(t)
  const { dialled, shown } = await open()
  for (let i = 0; i < 3; i += 1) {
    const CallUUID = randomUUID()
    await dial(RIDER, dialled, { CallUUID })
    // The carrier asks and tells again, and it is one call all the same.
    await dial(RIDER, dialled, { CallUUID })
    await new Promise(setImmediate)
    for (let n = 0; i > 0 && n < 2; n += 1) await send('/answer', { ...BUSY, CallUUID })
  }
  const stranger = { CallUUID: randomUUID() }
  await dial(DRIVER, dialled, stranger)
  await send('/answer', { ...BUSY, ...stranger })
  const reply = await counted()
  t.match(reply, { total: 4, outcomes: { talked: 0, busy: 2, refused: 1 } })
  t.same(
    reply.numbers.map(({ number, today }: { number: string; today: object }) => ({ number, ...today })),
    [
      { number: `+${dialled}`, dialled: 3, shown: 0 },
      { number: `+${shown}`, dialled: 0, shown: 3 },
    ].sort((one, other) => (one.number < other.number ? -1 : 1)),
  )
  t.notOk(tellsNumber(JSON.stringify(reply) + logged() + audited().join('')))
})

test('refused calls that are not written down are counted', async (t) => {
  const { app, dial, counted } = await service(t)
  while (app.mayRecordRefusal());
  for (const from of [DRIVER, RIDER]) await dial(from, PAIR.M1, { CallUUID: randomUUID() })
  t.match(await counted(), { total: 2, outcomes: { refused: 2 } })
  t.same((await app.calls.list({ limit: 9 })).calls, [])
})

test('calls that are refused by a limit are counted, once for each signed request', async (t) => {
  const { clock, counted, send } = await service(t, { CALLS_PER_NUMBER: '1', VOBIZ_AUTH_TOKEN: 'token' })
  const dial = (CallUUID: string, headers = {}) =>
    send('/answer', { Event: 'StartApp', CallUUID, From: PAIR.FE, To: PAIR.M1 }, headers)
  await dial(randomUUID())
  await dial(randomUUID())
  const [again, headers] = [randomUUID(), signatureHeaders(`${BASE}/answer`, 'token')]
  for (let i = 0; i < 3; i += 1) {
    clock.time += 1_000
    t.equal((await dial(again, headers)).statusCode, 200)
  }
  t.match(await counted(), { total: 3, outcomes: { refused: 2 } })
})

test('what becomes of a caller who is asked for a PIN is not counted before it is known', async (t) => {
  const { app, dial, counted } = await service(t, { PIN_LENGTH: '4' })
  while (app.mayRecordRefusal());
  await dial(DRIVER, PAIR.M1, { CallUUID: randomUUID() })
  t.match(await counted(), { total: 0 })
})

test('while the store is down the counts wait', async (t) => {
  const served = await service(t)
  const { dial, counted, clock, logged } = served
  const store = failing(served)
  store.error = new StoreUnavailableError()
  await dial(PAIR.FE, PAIR.M1)
  await new Promise(setImmediate)
  await clock.tick(CALL_COUNTS_MS)
  t.match(await counted(), { code: 'store_unavailable' })
  store.error = new TypeError('a mistake of ours')
  await clock.tick(CALL_COUNTS_MS)
  store.error = undefined
  t.match(await counted(), { total: 1 })
  t.match(
    lines(logged()).filter(({ msg }) => msg === 'calls cannot be counted'),
    [{ level: 'error', 'exception.type': 'TypeError' }],
  )
})

test('what was counted last is written when the service ends, or it is told that it is lost', async (t) => {
  const kept = await service(t)
  await kept.dial(PAIR.FE, PAIR.M1)
  await new Promise(setImmediate)
  await kept.app.close()
  const pages: unknown[] = []
  for await (const found of kept.app.storages.storage.all(CALL_COUNTS_KIND)) pages.push(...found)
  t.match(pages, [{ value: { counts: { '00.began': 1 } } }, { name: '2100-01-01.numbers' }])

  const lost = await service(t)
  await lost.dial(PAIR.FE, PAIR.M1)
  await new Promise(setImmediate)
  failing(lost).error = new StoreUnavailableError()
  await lost.app.close()
  t.match(
    lines(lost.logged()).filter(({ msg }) => msg === 'the last counts of calls are lost'),
    [{ level: 'warn' }],
  )
  t.notOk(tellsNumber(lost.logged()))
})

test('without an API nothing is counted, because nobody could read it', async (t) => {
  const { app } = await build(t, {}, testClock())
  t.equal(app.callCounts, noCallCounts)
  app.callCounts.noted({}, { begun: { at: 0 } })
  app.callCounts.refused(0)
  await app.callCounts.write()
  for await (const found of app.storages.storage.all(CALL_COUNTS_KIND)) t.same(found, [])
})
