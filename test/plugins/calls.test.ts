import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { CALLS_UPKEEP_MS, MEMORY_RETENTION_MS, REFUSAL_RATE } from '../../plugins/calls.js'
import { callKey } from '../../src/calls/calls.js'
import { UNKNOWN_MS } from '../../src/calls/recorder.js'
import { type Entry, type Key, StoreUnavailableError } from '../../src/masking/storage.js'
import { callService, DRIVER, ID, OTHER_ID, RIDER, tellsNumber, urlsIn } from '../call-service.js'
import { testClock } from '../clocks.js'
import { lines, PAIR, webhook } from '../fixtures.js'
import { API, build } from '../helper.js'
import { STORE_KEY } from '../redis-store.js'
import { DAY } from '../session-store-contract.js'
import { IN_MEMORY, temporaryFolder } from '../src/stores/file/folders.js'

const HANGUP = {
  Event: 'Hangup',
  HangupCause: 'NORMAL_CLEARING',
  HangupCauseCode: '4000',
  HangupSource: 'Caller',
  Duration: '20',
  StartTime: '2026-09-01 12:00:00',
  AnswerTime: '2026-09-01 12:00:07',
}

/** Whether it is the list of all calls. Other work looks into lists of its own. */
function isOfCalls(list: Key): boolean {
  return list.kind === 'calls' && 'id' in list && list.id === 'all'
}

test('the end of a call is one line in the log, without a number', async (t) => {
  const { dial, send, open, find, logged } = await callService(t)
  const { id, dialled } = await open()
  await dial(RIDER, dialled)
  await find()
  const numbers = { From: RIDER, To: dialled, DialBLegTo: DRIVER, CallerName: `+${RIDER}` }
  for (let i = 0; i < 2; i += 1) await send('/answer', { ...HANGUP, ...numbers })
  const [begin, end, ...more] = lines(logged())
  t.match(begin, { msg: 'call', callUuid: ID, sessionId: id })
  t.match(end, {
    level: 'info',
    msg: 'call ended',
    callUuid: ID,
    sessionId: id,
    outcome: 'talked',
    talk: 20,
    ring: 7,
    endedBy: 'caller',
    code: '4000',
  })
  t.same(more, [])
  t.notOk(tellsNumber(logged()))
})

test('the record of a refusal says why, and not who called', async (t) => {
  const { dial, open, find, app, clock } = await callService(t)
  const { id, dialled } = await open()
  await dial(DRIVER, dialled)
  t.same(await find(), { begun: { at: clock.time, maskingNumber: dialled, refused: 'unknown-caller' } })
  await app.sessions.close(id)
  await dial(RIDER, dialled, { CallUUID: OTHER_ID })
  t.same(await find(OTHER_ID), {
    begun: { at: clock.time, sessionId: id, maskingNumber: dialled, refused: 'session-ended' },
  })
  const other = randomUUID()
  await dial(RIDER, '919000000099', { CallUUID: other })
  t.same(
    await find(other),
    { begun: { at: clock.time, refused: 'not-a-masking-number' } },
    'nor what they dialled',
  )
})

test('strangers cannot fill the store with refusals', async (t) => {
  const { dial, app, clock, logged } = await callService(t)
  const { burst, perSecond } = REFUSAL_RATE
  const recorded = async () => (await app.calls.list({ limit: 10_000 })).calls.length
  let strangers = 0
  const call = async (count: number) => {
    for (let i = 0; i < count; i += 1) {
      strangers += 1
      await dial(`9198124${String(strangers).padStart(5, '0')}`, PAIR.M1, { CallUUID: randomUUID() })
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
  await call(burst + 50)
  t.equal(await recorded(), burst)
  clock.time += 2_000
  await call(50)
  t.equal(await recorded(), burst + 2 * perSecond)
  t.equal(
    lines(logged()).filter(({ reason }) => reason === 'unknown-caller').length,
    burst + 100,
    'all are logged',
  )
  await dial(PAIR.FE, PAIR.M1, { CallUUID: ID })
  await new Promise((resolve) => setImmediate(resolve))
  t.equal(await recorded(), burst + 2 * perSecond + 1, 'a call that is connected is always recorded')
})

test('in the memory of the process, calls are remembered for a day at most', async (t) => {
  const { app, dial, find, clock } = await callService(t)
  await dial(PAIR.FE, PAIR.M1)
  t.ok(await find())
  const listed = async () => (await app.calls.list({ limit: 9 })).calls.length
  clock.time += MEMORY_RETENTION_MS - 1
  await clock.tick()
  t.equal(await listed(), 1)
  clock.time += 1
  await clock.tick()
  t.equal(await listed(), 0)
})

test('in a store that lasts, calls are remembered for CALL_RETENTION', async (t) => {
  const folder = temporaryFolder(t, IN_MEMORY)
  const environment = { STORE_URL: `file:${folder}`, STORE_KEY, CALL_RETENTION: String((3 * DAY) / 1_000) }
  const { app, dial, clock } = await callService(t, environment)
  await dial(PAIR.FE, PAIR.M1)
  const listed = async () => (await app.calls.list({ limit: 9 })).calls.length
  while ((await listed()) === 0) await new Promise((resolve) => setImmediate(resolve))
  clock.time += 3 * DAY - 1
  await clock.tick(CALLS_UPKEEP_MS)
  t.equal(await listed(), 1)
  clock.time += 1
  await clock.tick(CALLS_UPKEEP_MS)
  t.equal(await listed(), 0)
})

test('without an API nothing is recorded, because nobody could read it', async (t) => {
  const { app, logged } = await build(t, {}, testClock())
  const call = { CallUUID: ID, From: PAIR.FE, To: PAIR.M1 }
  await app.inject(webhook({ ...call, Event: 'StartApp' }))
  t.equal((await app.inject(webhook({ ...call, ...HANGUP }))).statusCode, 200)
  await app.callRecorder.upkeep()
  t.equal(await app.calls.find(ID), undefined)
  t.match(lines(logged()), [{ msg: 'call' }])
  t.equal(lines(logged()).length, 1)
})

test('without a URL of its own, the service gives the carrier none', async (t) => {
  const { app } = await build(t, { ...API.environment, CALL_GREETING: 'Hello.' }, testClock())
  const { body } = await app.inject(webhook({ CallUUID: ID, From: PAIR.FE, To: PAIR.M1 }))
  t.match(body, '<Speak>Hello.</Speak><Dial')
  t.same(urlsIn(body), {})
})

test('what is lost of calls is told, with a count', async (t) => {
  const { app, send, clock, logged } = await callService(t)
  for (let i = 0; i < 3; i += 1) await send('/answer', { ...HANGUP, CallUUID: randomUUID() })
  clock.time += UNKNOWN_MS
  await clock.tick(CALLS_UPKEEP_MS)
  await app.close()
  const told = lines(logged()).filter(({ why }) => why)
  t.match(told, [
    { level: 'warn', why: 'unknown-call', count: 1, msg: 'what happened to calls is not recorded' },
    { why: 'unknown-call', count: 2 },
  ])
})

test('a record that cannot be read is told of, and so is a mistake of ours', async (t) => {
  const { app, dial, send, find, clock, logged } = await callService(t)
  await dial(PAIR.FE, PAIR.M1)
  await find()
  const { storage } = app.storages
  const { read, entries } = storage
  storage.read = (async () => [{ value: undefined, unreadable: 'altered', version: '' }]) as typeof read
  await app.calls.find(ID)
  storage.read = () => Promise.reject(new TypeError('a mistake of ours'))
  t.equal((await send('/answer', HANGUP)).statusCode, 200)
  storage.read = read
  const failing =
    (error: Error): typeof entries =>
    (list, piece) =>
      isOfCalls(list) ? Promise.reject(error) : entries(list, piece)
  storage.entries = failing(new StoreUnavailableError())
  await clock.tick(CALLS_UPKEEP_MS)
  storage.entries = failing(new TypeError('another mistake'))
  await clock.tick(CALLS_UPKEEP_MS)
  storage.entries = entries
  t.match(
    lines(logged()).filter(({ msg }) => msg !== 'call' && msg !== 'telling the business failed'),
    [
      {
        level: 'warn',
        reason: 'altered',
        count: 1,
        msg: 'a call whose record cannot be read is passed over',
      },
      { level: 'error', msg: 'a call cannot be recorded' },
      { msg: 'call ended' },
      { level: 'error', msg: 'the upkeep of calls failed' },
    ],
  )
})

test('an upkeep that takes long is not joined by another one', async (t) => {
  const { app, clock } = await callService(t)
  const { storage } = app.storages
  const { entries } = storage
  let asked = 0
  let finish: (entries: readonly Entry[]) => void = () => t.fail('nothing was asked')
  storage.entries = (list, piece) => {
    if (!isOfCalls(list)) return entries(list, piece)
    asked += 1
    return new Promise((resolve) => {
      finish = resolve
    })
  }
  const first = clock.tick(CALLS_UPKEEP_MS)
  await clock.tick(0)
  while (asked === 0) await new Promise((resolve) => setImmediate(resolve))
  await Promise.race([clock.tick(CALLS_UPKEEP_MS), new Promise((resolve) => setImmediate(resolve))])
  t.equal(asked, 1)
  storage.entries = entries
  finish([])
  await first
})

test('what waits for the store is tried once more when the service ends', async (t) => {
  const { app, dial, send, find, logged } = await callService(t)
  await dial(PAIR.FE, PAIR.M1)
  await find()
  const { storage } = app.storages
  const { swap } = storage
  storage.swap = () => Promise.reject(new StoreUnavailableError())
  await send('/answer', HANGUP)
  storage.swap = swap
  await app.close()
  t.match(lines(logged()).at(-1), { msg: 'call ended', callUuid: ID })
  const [kept] = await storage.read([callKey(ID)])
  t.match(kept?.value, { ended: { code: '4000' } })
})

test('URLs of calls that are under way hold while a secret is changed', async (t) => {
  const [old, young] = ['an-old-secret-of-128-bits', 'a-new-secret-of-128-bits-']
  const dir = t.testdir({ token: old })
  const { app, open, dial, send } = await callService(t, { VOBIZ_AUTH_TOKEN_FILE: join(dir, 'token') })
  const { dialled } = await open()
  const { leg = '' } = urlsIn((await dial(RIDER, dialled)).body)
  const change = (token: string) => {
    writeFileSync(join(dir, 'token'), token)
    app.secrets.reload()
  }
  change(`${young},${old}`)
  t.equal((await send(leg, {})).statusCode, 200)
  const { leg: next = '' } = urlsIn((await dial(RIDER, dialled)).body)
  change(young)
  t.equal((await send(leg, {})).statusCode, 403)
  t.equal((await send(next, {})).statusCode, 200)
})
