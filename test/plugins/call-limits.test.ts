import { test } from 'tap'
import { LIMITED_LOG_MS } from '../../plugins/call-limits.js'
import { MAX_REFUSALS } from '../../src/access/call-limits.js'
import { testClock } from '../clocks.js'
import { FE_REACHES_CUSTOMER, lines, PAIR, REFUSAL, webhook } from '../fixtures.js'
import { API, build } from '../helper.js'

const POOL = API.environment.MASKING_NUMBERS.split(',') as [string, string]

test('a caller who is refused again and again costs no look-up, and one log line a second', async (t) => {
  const clock = testClock()
  const { app, logged } = await build(t, API.environment, clock)
  let lookups = 0
  const { findLeg } = app.lookup
  app.lookup.findLeg = (...args) => {
    lookups += 1
    return findLeg(...args)
  }
  const stranger = webhook({ From: '919800000009', To: POOL[0] })
  for (let i = 0; i < MAX_REFUSALS; i += 1) await app.inject(stranger)
  t.equal(lookups, MAX_REFUSALS)
  t.equal(lines(logged()).length, MAX_REFUSALS)

  for (let i = 0; i < 50; i += 1) t.equal((await app.inject(stranger)).body, REFUSAL)
  t.equal(lookups, MAX_REFUSALS)
  t.equal(lines(logged()).length, MAX_REFUSALS, 'no line for each')
  await clock.tick(LIMITED_LOG_MS)
  await clock.tick(LIMITED_LOG_MS)
  const told = lines(logged()).slice(MAX_REFUSALS)
  t.match(told, { length: 1, 0: { reason: 'caller-limit', count: 50, msg: 'calls refused by a limit' } })
  t.notMatch(logged(), '9800000009')

  await app.inject({ ...stranger, payload: `From=919800000009&To=${POOL[1]}` })
  t.equal(lookups, MAX_REFUSALS + 1, 'on another number they are looked up')
})

test('CALLS_PER_NUMBER', async (t) => {
  const clock = testClock()
  const { app, logged } = await build(t, { CALLS_PER_NUMBER: '2' }, clock)
  const call = webhook({ From: PAIR.FE, To: PAIR.M1 })
  for (let i = 0; i < 2; i += 1) t.equal((await app.inject(call)).body, FE_REACHES_CUSTOMER)
  t.equal((await app.inject(call)).body, REFUSAL)
  t.match((await app.inject(webhook({ From: PAIR.CUSTOMER, To: PAIR.M2 }))).body, '<Dial')
  clock.time += 60_000
  t.equal((await app.inject(call)).body, FE_REACHES_CUSTOMER)
  await app.close()
  t.match(lines(logged()).at(-1), { reason: 'number-limit', count: 1 }, 'told of at the end too')
})

test('a retry of a call that was let in is not refused by the limit', async (t) => {
  const { app } = await build(t, { CALLS_PER_NUMBER: '1' }, testClock())
  const call = (CallUUID: string) => webhook({ From: PAIR.FE, To: PAIR.M1, CallUUID })
  const [one, another] = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002']
  for (const _ of [1, 2]) t.equal((await app.inject(call(one))).body, FE_REACHES_CUSTOMER)
  t.equal((await app.inject(call(another))).body, REFUSAL)
  t.equal((await app.inject(call(another))).body, REFUSAL, 'nor is one let in that was refused')
})
