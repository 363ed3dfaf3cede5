import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Test, test } from 'tap'
import { CALL_WORK_INTERVAL_MS } from '../../plugins/call-work.js'
import { EVENTS_INTERVAL_MS } from '../../plugins/events.js'
import { LOOK_INTERVAL_MS } from '../../plugins/secrets.js'
import { summaryOf } from '../../src/calls/call-summary.js'
import { COST_DELAY_MS } from '../../src/calls/costs.js'
import { UNCOSTED } from '../../src/calls/work-lists.js'
import { TROUBLE_MS } from '../../src/events/carrier-news.js'
import { OWN_MS } from '../../src/events/relay.js'
import { StoreUnavailableError } from '../../src/masking/storage.js'
import { testClock } from '../clocks.js'
import { API, build as buildService } from '../helper.js'
import { legRecord, standInRecording, startStandIn } from '../vobiz-stand-in.js'

const CALL = '6d0f4d2e-1c3b-4a59-8e7f-90a1b2c3d4e5'
const LEG = 'aaaaaaaa-1c3b-4a59-8e7f-90a1b2c3d4e5'
const RECORDING = 'bbbbbbbb-1c3b-4a59-8e7f-90a1b2c3d4e5'
const DAY = 24 * 60 * 60
const REAL_NUMBERS = /8888800001|8888800002/

async function build(t: Test, environment: Record<string, string> = {}) {
  const standIn = await startStandIn()
  t.teardown(() => standIn.close())
  const account = {
    VOBIZ_API_BASE: standIn.base,
    VOBIZ_AUTH_ID: standIn.authId,
    ...(!environment.VOBIZ_AUTH_TOKEN_FILE && { VOBIZ_AUTH_TOKEN: standIn.authToken }),
    PUBLIC_BASE_URL: 'https://mask.example.com',
  }
  const clock = testClock()
  const built = await buildService(t, { ...API.environment, ...account, ...environment }, clock)
  const { app } = built
  await app.calls.note(CALL, {
    begun: { at: clock.time, sessionId: 's_1', side: 0 },
    legs: { [LEG]: { connected: true } },
    recordings: { [RECORDING]: { ready: true } },
    dialled: 'talked',
  })
  standIn.recordings.set(RECORDING, standInRecording(RECORDING, CALL, Buffer.from('')))
  standIn.cdrs.set(CALL, legRecord(CALL, { bridge_uuid: LEG }))
  standIn.cdrs.set(LEG, legRecord(LEG, { bridge_uuid: CALL, total_cost: '0.45000', billsec: 54 }))
  async function later(ms: number): Promise<void> {
    clock.time += ms
    await clock.tick(CALL_WORK_INTERVAL_MS)
  }
  return { ...built, standIn, clock, later }
}

test('a call learns its cost and its exact length after its end, and no number', async (t) => {
  const { app, later, standIn, logged } = await build(t)
  await later(COST_DELAY_MS)
  const facts = await app.calls.find(CALL)
  t.match(facts && summaryOf(facts), { talk: 54, ring: 7, cost: { amount: '1.35', currency: 'INR' } })
  t.same(standIn.violations, [])
  t.notMatch(JSON.stringify(facts) + logged(), REAL_NUMBERS)
})

test('a recording is deleted when RECORDING_RETENTION is over', async (t) => {
  const { app, later, standIn, logged } = await build(t, { RECORDING_RETENTION: String(DAY) })
  await later(DAY * 1_000 - 1)
  t.equal(standIn.recordings.size, 1)
  await later(1)
  t.equal(standIn.recordings.size, 0)
  t.equal(await app.calls.find(CALL), undefined, 'also where the call is forgotten by then, as in memory')
  t.same(standIn.violations, [])
  t.notMatch(logged(), REAL_NUMBERS)
})

test('a carrier that fails is told of in the log, without what it says', async (t) => {
  const { later, standIn, logged } = await build(t, { RECORDING_RETENTION: String(DAY) })
  standIn.fault = () => ({ status: 401, body: { error: 'stand-in-token of +918888800001' } })
  await later(COST_DELAY_MS)
  await later(DAY * 1_000)
  const warnings = logged()
    .split('\n')
    .filter((line) => line.includes('the API of the carrier failed'))
  t.match(warnings.join('\n'), /"what":"cost","count":1,"http.response.status_code":401/)
  t.match(warnings.join('\n'), /"what":"recording","count":1,"http.response.status_code":401/)
  t.notMatch(logged(), /8888800001|stand-in-token/)
  standIn.fault = undefined
  await later(DAY * 1_000)
  t.equal(standIn.recordings.size, 0)
})

test('that the carrier wants no more without credit is told once an hour, with that of calls', async (t) => {
  const { app, clock, later, standIn } = await build(t)
  const events = async () => {
    await clock.tick(EVENTS_INTERVAL_MS)
    return (await app.events.outbox.list({ type: 'carrier.trouble', order: 'oldest first', limit: 9 })).events
  }
  standIn.fault = () => ({ status: 402, body: { error: 'Insufficient balance' } })
  for (let i = 0; i < 3; i += 1) await later(COST_DELAY_MS)
  t.match(await events(), [{ type: 'carrier.trouble', data: { trouble: 'out_of_credit', call_id: null } }])
  await app.calls.note(LEG, { begun: { at: clock.time, sessionId: 's_1', side: 0 }, ended: { code: '1010' } })
  clock.time += OWN_MS
  t.equal((await events()).length, 1)
  await later(TROUBLE_MS)
  t.equal((await events()).length, 2)
})

test('work is not begun again while it goes on, and a store that is down is no error', async (t) => {
  const { app, clock, later, logged } = await build(t)
  const { storage } = app.storages
  const { entries } = storage
  let asked = 0
  let answer: (error: Error) => void = () => undefined
  storage.entries = async (list, piece) => {
    if (list !== UNCOSTED) return entries(list, piece)
    asked += 1
    return new Promise((_, reject) => {
      answer = reject
    })
  }
  for (const [error, isLogged] of [
    [new StoreUnavailableError(), false],
    [new TypeError('a bug'), true],
  ] as const) {
    asked = 0
    const first = later(1)
    const second = clock.tick(CALL_WORK_INTERVAL_MS)
    await new Promise(setImmediate)
    t.equal(asked, 1)
    answer(error)
    await Promise.all([first, second])
    t.equal(/work on calls failed/.test(logged()), isLogged)
  }
})

test('a store that is down while a recording is deleted is no failure of the carrier', async (t) => {
  const { app, clock, logged } = await build(t, { RECORDING_RETENTION: String(DAY) })
  clock.time += DAY * 1_000
  app.calls.note = async () => {
    throw new StoreUnavailableError()
  }
  await clock.tick(CALL_WORK_INTERVAL_MS)
  t.notMatch(logged(), /failed/)
})

test('without an API of ours, and without an account, there is nothing to be done', async (t) => {
  const { app: silent } = await build(t, { API_KEYS: '', MASKING_NUMBERS: '' })
  t.equal(silent.hasDecorator('callWork'), false)
  const { app: alone } = await build(t, { VOBIZ_AUTH_ID: '' })
  t.same([alone.callWork, alone.carrierApi], [undefined, undefined])
})

test('the token follows a rotation', async (t) => {
  const file = join(t.testdir({ token: 'an-old-token' }), 'token')
  const { app, clock, standIn } = await build(t, { VOBIZ_AUTH_TOKEN_FILE: file })
  standIn.liveCalls.add(CALL)
  t.equal(await app.carrierApi?.later.hangUp(CALL).catch(({ status }) => status), 401)
  writeFileSync(file, standIn.authToken)
  for (const _ of [1, 2]) await clock.tick(LOOK_INTERVAL_MS)
  t.equal(await app.carrierApi?.now.hangUp(CALL), true)
})
