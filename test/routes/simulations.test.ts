import { type Test, test } from 'tap'
import { MAX_REFUSALS } from '../../src/access/call-limits.js'
import { MAX_AHEAD_SECONDS } from '../../src/api/simulation-schemas.js'
import type { Environment } from '../../src/config/environment.js'
import { KINDS } from '../../src/masking/keys.js'
import { documentCheck } from '../documented.js'
import { lines, PAIR, REFUSAL } from '../fixtures.js'
import { API } from '../helper.js'
import {
  BORROWED,
  DRIVER,
  kept,
  type Opened,
  type PinService,
  PUBLIC,
  phoneCall,
  RIDER,
  settled,
  withPins,
  wrong,
} from '../pin-callers.js'

const SUPPORT = '911140000099'
const STRANGER = '919700000002'
const REAL = [RIDER, DRIVER, BORROWED, PAIR.FE, PAIR.CUSTOMER, STRANGER, SUPPORT]

/** A service whose simulations are held against its description. */
async function service(t: Test, environment: Environment = {}) {
  const built = await withPins(t, environment)
  const undocumented = await documentCheck(built.app)
  return {
    ...built,
    async simulate(payload: object) {
      const request = { method: 'POST', url: '/v1/simulations', headers: API.headers, payload } as const
      const reply = await built.app.inject(request)
      t.equal(undocumented(request, reply), undefined)
      for (const number of REAL) t.notMatch(reply.body, number.slice(2), 'no real number')
      return reply.json()
    },
  }
}

/** A document without what a simulation may not tell. */
function hidden(document: string): string {
  return document
    .replace(/<Number>[^<]*(\d\d)<\/Number>/g, '<Number>…$1</Number>')
    .replace(/https:\/\/mask\.example\.com\/answer\/(\w+)\/[\w-]+/g, 'https://…/answer/$1/…')
}

/** What the carrier gets now for the call of a participant. */
async function answered(built: PinService, from: string, to: string): Promise<string> {
  return hidden(await phoneCall(built, from, to).dial())
}

test('the document of a simulation is what the carrier gets for the same call', async (t) => {
  const kinds: readonly [what: string, more: object, environment?: Environment][] = [
    ['plain', {}],
    ['a greeting', { call: { greeting: 'You & <your> driver.', language: 'en-IN', voice: 'MAN' } }],
    ['a whisper', { call: { whisper: 'https://audio.example.com/whisper.mp3' } }],
    ['recorded', { call: { record: { announcement: 'This call is recorded.' }, time_limit: 600 } }],
    ['recorded in silence', { call: { record: { announce: false } } }],
    ['hours', { call: { hours: { days: ['mon'], from: '09:00', to: '10:00', time_zone: 'UTC' } } }],
    ['some calls', { call: { max_calls: 1 } }],
    ['a PIN', { call: { force_pin: true } }],
    ['words at the end', { call: { after_end: { say: 'The ride is over.' } } }],
    ['a support line', { call: { after_end: { number: SUPPORT } } }],
    ['picked up first', {}, { ANSWER_FIRST: 'wait', CALL_GREETING: '', CLOSED_MESSAGE: 'It is over.' }],
    ['without PINs', {}, { PIN_LENGTH: '', SUPPORT_NUMBER: SUPPORT, CALL_WHISPER: 'A call of yours.' }],
    ['without URLs', {}, { PIN_LENGTH: '', PUBLIC_BASE_URL: '' }],
  ]
  for (const [what, more, environment = {}] of kinds) {
    t.test(what, async (t) => {
      const settings = Object.entries(environment).map(([name, value]) => [name, value || undefined])
      const built = await service(t, Object.fromEntries(settings))
      const { id, participants } = await built.open(more)
      const [{ masking_number: own }, { masking_number: others }] = participants
      const calls = [
        [{ session_id: id, caller: 0 }, RIDER, own],
        [{ session_id: id, caller: 1 }, DRIVER, others],
        [{ from: `0${RIDER.slice(2)}`, to: own }, RIDER, own],
        [{ session_id: id, caller: 0, to: others }, RIDER, others],
        [{ from: BORROWED, to: own }, BORROWED, own],
        [{ from: 'anonymous', to: own }, 'anonymous', own],
        [{ from: PAIR.FE, to: PAIR.M1 }, PAIR.FE, PAIR.M1],
        [{ from: RIDER, to: '+919999999999' }, RIDER, '+919999999999'],
      ] as const
      const compare = async (moment: string) => {
        for (const [asked, from, to] of calls) {
          const { document } = await built.simulate(asked)
          t.equal(document, await answered(built, from, to), `${moment}: ${JSON.stringify(asked)}`)
        }
      }
      await compare('open')
      await settled()
      await compare('after some calls')

      // Into the next Monday, when its end has come.
      const ahead = 3 * 24 * 3_600 + 9 * 3_600 + 1_800
      const later = await Promise.all(
        calls.map(([asked]) => built.simulate({ ...asked, ahead_seconds: ahead })),
      )
      built.clock.time += ahead * 1_000
      for (const [i, [asked, from, to]] of calls.entries())
        t.equal(later[i].document, await answered(built, from, to), `ahead: ${JSON.stringify(asked)}`)
    })
  }
})

test('a session within its hours, of a participant whose PIN alone connects them, and one that was closed', async (t) => {
  const built = await service(t, { MASKING_NUMBERS: '919000000011' })
  const { clock, simulate } = built
  const open = (more: object = {}) => built.open(more)
  const compare = async ({ id, participants }: Opened, what: string) => {
    for (const caller of [0, 1] as const) {
      const { document } = await simulate({ session_id: id, caller })
      const from = [RIDER, DRIVER][caller] as string
      t.equal(document, await answered(built, from, participants[caller].masking_number), what)
    }
  }
  const hours = { days: ['mon'], from: '09:00', to: '10:00', time_zone: 'UTC' }
  const first = await open({ call: { hours }, expires_in: 4 * 24 * 3_600 })
  const later = await simulate({ session_id: first.id, caller: 0, ahead_seconds: (3 * 24 + 9) * 3_600 })
  t.match(later, { at: '2100-01-04T09:00:00.000Z', outcome: 'connect', document: /<Dial / })
  await compare(first, 'outside its hours')
  clock.time += (3 * 24 + 9) * 3_600_000
  await compare(first, 'within its hours')
  t.equal((await simulate({ session_id: first.id, caller: 0 })).document, later.document)
  await built.api('POST', `/v1/sessions/${first.id}/close`)
  await compare(first, 'closed')

  const stranger = { number: '+919800000003' }
  const pinOnly = (
    await built.api('POST', '/v1/sessions', {
      participants: [{ number: RIDER }, stranger],
      on_exhausted: 'pin',
    })
  ).json()
  t.equal(pinOnly.participants[0].pin_only, true)
  const { document } = await simulate({ session_id: pinOnly.id, caller: 0 })
  t.match(document, '<Gather ')
  t.equal(document, await answered(built, RIDER, pinOnly.participants[0].masking_number))
})

test('a simulation tells what each of the two hears, from the first word to the last', async (t) => {
  const built = await service(t)
  const { id, participants } = await built.open({
    call: {
      greeting: 'https://audio.example.com/hello.mp3?a=1&b=2',
      whisper: 'Your rider.',
      record: { announcement: 'This call is recorded.' },
    },
  })
  const [{ masking_number: own }, { masking_number: shown }] = participants
  const told = await built.simulate({ session_id: id, caller: 0 })
  t.match(told.document, `<Dial callerId="${shown}" `)
  t.same(told, {
    at: '2100-01-01T00:00:00.000Z',
    outcome: 'connect',
    rule: 'session',
    explanation: told.explanation,
    masking_number: own,
    session_id: id,
    dial_instead: [],
    asks_for_pin: false,
    document: told.document,
    caller_hears: ['https://audio.example.com/hello.mp3?a=1&b=2', 'This call is recorded.'],
    recorded: true,
    called: { participant: 1, hint: '…02', shows: shown, hears: ['This call is recorded.', 'Your rider.'] },
    endings: {
      talked: { caller_hears: [] },
      busy: { caller_hears: ['The person whom you are calling is busy. Please try again later.'] },
      no_answer: {
        caller_hears: ['The person whom you are calling does not answer. Please try again later.'],
      },
      failed: { caller_hears: ['Your call could not be connected. Please try again later.'] },
    },
  })
  const pair = await built.simulate({ from: PAIR.CUSTOMER, to: PAIR.M2 })
  t.match(pair, {
    rule: 'static_pair',
    called: { participant: 0, hint: '…01', shows: `+${PAIR.M1}`, hears: { length: 0 } },
    endings: { busy: { caller_hears: { length: 0 } } },
  })
  t.notOk('session_id' in pair)
  const elsewhere = await built.simulate({ session_id: id, caller: 0, to: shown })
  t.match(elsewhere, { outcome: 'refuse', rule: 'unknown_caller', dial_instead: [own], asks_for_pin: true })
  t.notOk('called' in elsewhere || 'endings' in elsewhere || 'after_pin' in elsewhere)
  t.same(elsewhere.caller_hears, ['Please enter your PIN.', 'No PIN was entered. Goodbye.'])
})

test('what follows the right PIN is played too', async (t) => {
  const built = await service(t)
  const { id, participants } = await built.open({
    call: { force_pin: true, max_calls: 1, greeting: 'Hello.' },
  })
  const [{ masking_number: own, pin }, { masking_number: shown }] = participants
  const told = await built.simulate({ session_id: id, caller: 0 })
  t.match(told, {
    outcome: 'connect',
    rule: 'pin_needed',
    asks_for_pin: true,
    recorded: false,
    after_pin: {
      caller_hears: ['Hello.'],
      recorded: false,
      called: { participant: 1, hint: '…02', shows: shown },
      endings: { busy: { caller_hears: [/busy/] } },
    },
  })
  t.notOk('called' in told)
  const call = phoneCall(built, RIDER, own)
  t.equal(hidden(await call.dial()), told.document)
  t.equal(hidden(await call.enter(pin)), told.after_pin.document)
  const another = await built.simulate({ session_id: id, caller: 0 })
  t.match(another, { outcome: 'refuse', rule: 'too_many_calls', asks_for_pin: true })
  t.same(another.after_pin, {
    document: another.after_pin.document,
    caller_hears: ['No more calls can be made with this number.'],
    recorded: false,
  })
})

test('a simulation changes nothing that is kept, counted or told', async (t) => {
  const built = await service(t, { EXPLAIN_RATE: '100' })
  const { app, audited, logged, simulate, api } = built
  const { id, participants } = await built.open({ call: { max_calls: 1, force_pin: true } })
  const { id: plain } = await built.open({ participants: [{ number: BORROWED }, { number: DRIVER }] })
  await phoneCall(built, BORROWED, participants[0].masking_number).dial()
  const entered = phoneCall(built, RIDER, participants[0].masking_number)
  await entered.dial()
  await entered.enter(wrong(participants[0].pin))
  await settled()
  await built.clock.tick()
  await settled()

  const kinds = [...KINDS, 'pin-tries', 'nonce', 'event', 'limit', 'webhook']
  const told = async () => ({
    kept: await kept(built, kinds),
    calls: (await api('GET', '/v1/calls')).json(),
    sessions: (await api('GET', '/v1/sessions')).json(),
    events: (await api('GET', '/v1/events')).json(),
    // Of what is asked here these alone grow, with the questions.
    metrics: (await api('GET', '/metrics')).body
      .split('\n')
      .filter(
        (line) =>
          /^callmask_/.test(line) && !/api_requests|store_|event_loop|process|heap|_seconds/.test(line),
      ),
  })
  const before = await told()
  t.match(before.metrics.join(), 'callmask_calls_total')
  t.ok(before.events.events.length > 0)
  const [log, trail] = [logged(), audited().length]
  const written: string[] = []
  for (const storage of [app.storages.storage, app.storages.forCalls]) {
    for (const name of ['swap', 'enlist', 'delist', 'confirm'] as const) {
      const real = storage[name].bind(storage) as (...written: readonly unknown[]) => Promise<never>
      Object.assign(storage, {
        [name](...what: readonly unknown[]) {
          written.push(name)
          return real(...what)
        },
      })
    }
  }
  for (const ahead_seconds of [0, 3_600, 40 * 24 * 3_600, MAX_AHEAD_SECONDS]) {
    for (const session_id of [id, plain]) {
      for (const caller of [0, 1]) await simulate({ session_id, caller, ahead_seconds })
    }
    await simulate({ from: BORROWED, to: participants[0].masking_number, ahead_seconds })
    await simulate({ from: PAIR.FE, to: PAIR.M1, ahead_seconds })
  }
  for (let i = 0; i < MAX_REFUSALS; i += 1)
    await simulate({ from: STRANGER, to: participants[0].masking_number })
  t.same(written, [])
  t.same(await told(), before)
  t.equal(logged(), log, 'nothing is logged')

  const lined = lines(audited().slice(trail).join('\n')).filter(
    ({ operation }) => operation === 'simulateCall',
  )
  t.equal(lined.length, 24 + MAX_REFUSALS, 'each leaves a line in the audit trail')
  t.match(lined[0], { session: id, status: 200 })
  for (const number of REAL) t.notMatch(audited().join(), number.slice(2))
  t.match(await answered(built, STRANGER, participants[0].masking_number), '<Gather ', 'no limit has counted')
})

test('what is secret in URLs is not told', async (t) => {
  const secret = 'a-path-that-nobody-knows-0000'
  const built = await service(t, { WEBHOOK_PATH_SECRET: secret })
  const { id } = await built.open({ call: { whisper: 'A call.', record: { announce: false } } })
  const told = JSON.stringify(await built.simulate({ session_id: id, caller: 0 }))
  t.notMatch(told, secret)
  t.notMatch(told, PUBLIC)
  for (const path of ['dialled', 'leg', 'whisper', 'recording', 'recorded'])
    t.match(told, `https://…/answer/${path}/…\\"`)
})

test('a simulation needs a caller and a number, in one of two ways', async (t) => {
  const built = await service(t, { EXPLAIN_RATE: '100' })
  const { id, participants } = await built.open()
  const [from, to] = [RIDER, participants[0].masking_number]
  const wrongs = [
    {},
    { from },
    { to },
    { session_id: id },
    { caller: 0 },
    { caller: 0, to },
    { session_id: id, from },
    { session_id: id, to },
    { from, to, caller: 0 },
    { from, session_id: id, caller: 0 },
    { from, to, caller: 1, session_id: id },
    { session_id: id, caller: 0, to: '+919000000099' },
    { session_id: id, caller: 2 },
    { session_id: id, caller: 0, ahead_seconds: -1 },
    { session_id: id, caller: 0, ahead_seconds: MAX_AHEAD_SECONDS + 1 },
    { session_id: id, caller: 0, from: 9800000001 },
    { from, to, more: from },
  ]
  for (const body of wrongs)
    t.match(await built.simulate(body), { status: 400, code: 'invalid_request' }, JSON.stringify(body))
  t.match((await built.simulate({})).detail, 'the body must say either who calls whom (from and to)')
  t.match(await built.simulate({ session_id: 's_nobodyhasthissession00', caller: 0 }), {
    status: 404,
    code: 'session_not_found',
  })
  t.match(await built.simulate({ from, to: participants[1].masking_number, session_id: id }), {
    dial_instead: [to],
  })
  t.match(await built.simulate({ from, to: participants[1].masking_number }), { dial_instead: { length: 0 } })
  t.match(await built.simulate({ from: '', to: '' }), { rule: 'not_a_masking_number', document: REFUSAL })
})
