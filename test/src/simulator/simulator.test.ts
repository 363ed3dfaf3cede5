import { test } from 'tap'
import { createAdmission } from '../../../src/calls/admission.js'
import { createCalls } from '../../../src/calls/calls.js'
import { ALL_SESSIONS, KINDS, pastOf } from '../../../src/masking/keys.js'
import { createLivePool } from '../../../src/masking/live-pool.js'
import { splitNumber } from '../../../src/masking/phone-number.js'
import type { Session, Side } from '../../../src/masking/session.js'
import type { Storage } from '../../../src/masking/storage.js'
import { createSimulator, type Simulate, type SimulatorOptions } from '../../../src/simulator/simulator.js'
import { draft, sessionIn } from '../../drafts.js'
import { onEveryStorage } from '../../every-storage.js'
import { DAY, HOUR, POOL, person, START, whole } from '../../session-store-contract.js'
import { spiedOn } from '../../spied-storage.js'
import { memoryStorage, storeOver } from '../../store-under-test.js'

const WHOLE = { order: 'oldest first', limit: 1_000 } as const
const REST_MS = DAY
const PIN_LENGTH = 4

/** A simulator over a storage, with the pool of the tests. */
async function simulatorOver(storage: Storage, more: Partial<SimulatorOptions> = {}): Promise<Simulate> {
  const pool = createLivePool({
    storage,
    forCalls: storage,
    now: () => storage.now(),
    configured: [],
    onDifference: () => undefined,
    onUnreadable: () => undefined,
  })
  await pool.look()
  return createSimulator({
    storage,
    numbers: [],
    pool,
    fixed: [],
    restMs: REST_MS,
    defaults: { ringTimeout: 30 },
    answerFirst: 'off',
    hasUrls: true,
    rejection: 'No.',
    closed: 'Over.',
    ...more,
  })
}

/** Everything that is kept. */
async function keptIn(storage: Storage, people: readonly string[], sessions: readonly Session[]) {
  const kept: unknown[] = []
  for (const kind of KINDS) {
    for await (const found of storage.all(kind)) kept.push(...found)
  }
  const lists = [
    ALL_SESSIONS,
    { kind: 'calls', id: 'all' },
    ...people.map(pastOf),
    ...sessions.map(({ id }) => ({ kind: 'calls-of', id })),
  ]
  const entries = await Promise.all(lists.map((list) => storage.entries(list, WHOLE)))
  return { kept, entries }
}

/** A participant calls the number that is theirs. */
function callIn({ participants }: Session, side: Side) {
  const { number, maskingNumber } = participants[side]
  return { from: `+${number}`, to: `+${maskingNumber}` }
}

onEveryStorage('simulations of all kinds write nothing, and tell no real number', async (t, make) => {
  const world = { time: START }
  const storage = await make(() => world.time)
  const options = { now: () => world.time, pool: POOL, restMs: REST_MS, fixed: [], pinLength: PIN_LENGTH }
  const store = await storeOver(storage, options)
  const kinds = [
    {},
    { greeting: 'Hello.', whisper: 'A call.', record: { announcement: 'Recorded.' } },
    { hours: { days: ['mon'], from: '09:00', to: '21:00', timeZone: 'UTC' } },
    { maxCalls: 2 },
    { forcePin: true },
    { afterEnd: { say: 'Over.' } },
    { afterEnd: { dial: '+911140000099' } },
  ] as const
  const sessions: Session[] = []
  for (const [i, call] of kinds.entries())
    sessions.push(sessionIn(await store.create(draft(2 * i + 1, 2 * i + 2, { call }))))
  const limited = sessions[3] as Session
  const admission = createAdmission({ storage, defaults: {}, keptMs: DAY })
  const leg = {
    destination: '',
    callerIdShown: '',
    sessionId: limited.id,
    side: 0,
    call: limited.call,
  } as const
  t.equal(await admission.refusalOf(leg, 'a call'), undefined)
  const calls = createCalls({ storage, retentionMs: DAY, onUnreadable: () => undefined })
  await calls.note('a call', { begun: { at: START, sessionId: limited.id, side: 0 } })
  await store.close(String(sessions[1]?.id))
  await store.close(String(sessions[6]?.id))

  const people = sessions.flatMap(({ participants }) => participants.map(({ number }) => number))
  const before = await keptIn(storage, people, sessions)
  t.ok(before.kept.length > 20)
  const [asked, told] = [new Set<string>(), [] as string[]]
  const spied = spiedOn(storage, async (operation, run) => {
    asked.add(String(operation.split(' ')[0]))
    return run()
  })
  for (const pinLength of [undefined, PIN_LENGTH]) {
    const simulate = await simulatorOver(spied, { pinLength })
    for (const aheadMs of [0, HOUR, 30 * DAY, 31 * DAY, 366 * DAY]) {
      for (const named of sessions) {
        for (const side of [0, 1] as const) {
          for (const to of [`+${named.participants[side].maskingNumber}`, ...POOL, '+919000000099']) {
            told.push(JSON.stringify(await simulate({ ...callIn(named, side), to, aheadMs, named })))
          }
        }
      }
      await simulate({ from: whole(person(99)), to: String(POOL[0]), aheadMs })
      await simulate({ from: 'anonymous', to: String(POOL[0]), aheadMs })
    }
  }
  t.same([...asked], ['read'], 'the storage was asked for nothing but what stands there')
  t.same(await keptIn(storage, people, sessions), before)
  for (const number of [...people, '911140000099']) t.notMatch(told.join(), number.slice(2))
})

test('with time ahead a session ends, a rest is over, and hours begin', async (t) => {
  const world = { time: START }
  const storage = memoryStorage(() => world.time)
  const store = await storeOver(storage, { now: () => world.time, pool: POOL, restMs: REST_MS, fixed: [] })
  const hours = { days: ['sat'], from: '09:00', to: '10:00', timeZone: 'UTC' } as const
  const [plain, timed] = [
    sessionIn(await store.create(draft(1, 2, { expiresAt: START + HOUR }))),
    sessionIn(await store.create(draft(3, 4, { call: { hours } }))),
  ]
  const simulate = await simulatorOver(storage)
  const ruleAt = async (session: Session, aheadMs: number) => {
    const { at, rule } = await simulate({ ...callIn(session, 0), aheadMs })
    t.equal(at, START + aheadMs)
    return rule
  }
  t.equal(await ruleAt(plain, 0), 'session')
  t.equal(await ruleAt(plain, HOUR - 1), 'session')
  t.equal(await ruleAt(plain, HOUR), 'session-ended')
  t.equal(await ruleAt(plain, HOUR + REST_MS - 1), 'session-ended')
  t.equal(await ruleAt(plain, HOUR + REST_MS), 'unknown-caller')
  t.equal(await ruleAt(plain, 0), 'session', 'and now it is open as before')

  t.equal(new Date(START).getUTCDay(), 5, 'it is a Friday')
  t.equal(await ruleAt(timed, 9 * HOUR), 'outside-hours')
  t.equal(await ruleAt(timed, DAY + 9 * HOUR), 'session')
  t.equal(await ruleAt(timed, DAY + 10 * HOUR), 'outside-hours')
})

test('who needs a PIN where nobody can be asked is refused', async (t) => {
  const storage = memoryStorage(() => START)
  const store = await storeOver(storage, { now: () => START, pool: POOL, restMs: REST_MS, fixed: [] })
  const session = sessionIn(await store.create(draft(1, 2, { call: { forcePin: true } })))
  const simulate = await simulatorOver(storage)
  t.match(await simulate({ ...callIn(session, 0), aheadMs: 0 }), {
    outcome: 'refuse',
    rule: 'pin-needed',
    asksForPin: false,
    callerHears: ['No.'],
    called: undefined,
  })
})

test('without URLs nobody is asked anything once a call is connected', async (t) => {
  const storage = memoryStorage(() => START)
  const store = await storeOver(storage, { now: () => START, pool: POOL, restMs: REST_MS, fixed: [] })
  const session = sessionIn(await store.create(draft(1, 2, { call: { greeting: 'Hello.' } })))
  const simulate = await simulatorOver(storage, { hasUrls: false })
  t.match(await simulate({ ...callIn(session, 1), aheadMs: 0 }), {
    callerHears: ['Hello.'],
    isRecorded: false,
    called: { side: 0, hint: '…01', shows: `+${session.participants[0].maskingNumber}`, hears: [] },
    endings: { talked: [], busy: [], no_answer: [], failed: [] },
  })
})

test('the number that is rung after the end is hidden, also where it is that of the service', async (t) => {
  const storage = memoryStorage(() => START)
  const store = await storeOver(storage, { now: () => START, pool: POOL, restMs: REST_MS, fixed: [] })
  const session = sessionIn(await store.create(draft(1, 2)))
  await store.close(session.id)
  const simulate = await simulatorOver(storage, {
    defaults: { ringTimeout: 30, afterEnd: { dial: '+911140000099' } },
  })
  const simulation = await simulate({ ...callIn(session, 0), aheadMs: 0 })
  t.match(simulation, {
    rule: 'session-ended',
    called: { side: undefined, hint: '…99', shows: `+${session.participants[0].maskingNumber}`, hears: [] },
    endings: { talked: [], busy: [], no_answer: [], failed: [] },
  })
  t.notMatch(JSON.stringify(simulation), '1140000099')
})

test('a number of the static pair needs no pool', async (t) => {
  const storage = memoryStorage(() => START)
  const [m1, m2] = [splitNumber('919000000001'), splitNumber('919000000002')]
  const [fe, customer] = [person(1), person(2)]
  const simulate = await simulatorOver(storage, {
    numbers: [m1, m2],
    fixed: [
      { caller: fe, dialled: m1, destination: customer.dialable, callerIdShown: m2.dialable, side: 0 },
      { caller: customer, dialled: m2, destination: fe.dialable, callerIdShown: m1.dialable, side: 1 },
    ],
  })
  const simulation = await simulate({ from: whole(fe), to: '09000000001', aheadMs: 366 * DAY })
  t.match(simulation, {
    outcome: 'connect',
    rule: 'static-pair',
    called: { side: 1, hint: '…02', shows: '+919000000002' },
  })
  t.notOk('sessionId' in simulation)
})
