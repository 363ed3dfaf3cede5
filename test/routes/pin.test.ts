import { test } from 'tap'
import { EVENTS_INTERVAL_MS } from '../../plugins/events.js'
import { PIN_TOKEN_LIFE_MS } from '../../src/calls/call-tokens.js'
import { CALLER_LOCK, MAX_PIN_TRIES, MAX_WRONG_A_DAY, NUMBER_LOCK } from '../../src/calls/pin-tries.js'
import { OWN_MS } from '../../src/events/relay.js'
import { MAX_PHONES } from '../../src/masking/session.js'
import { StoreUnavailableError } from '../../src/masking/storage.js'
import { signatureHeaders } from '../../src/vobiz/signature.js'
import { documentCheckOnce } from '../documented.js'
import { APOLOGY, DECLARATION, lines, PAIR, REFUSAL, webhook } from '../fixtures.js'
import { API, build } from '../helper.js'
import {
  actionIn,
  BORROWED,
  DRIVER,
  kept,
  type PinService,
  PUBLIC,
  phoneCall,
  RIDER,
  settled,
  withoutToken,
  withPins,
  wrong,
} from '../pin-callers.js'
import { judge } from '../vobiz-verbs.js'

const QUESTION = `${DECLARATION}<Response><Gather action="${PUBLIC}/answer/pin/TOKEN" inputType="dtmf" numDigits="4" finishOnKey="#" executionTimeout="15" log="false"><Speak>Please enter your PIN.</Speak></Gather><Speak>No PIN was entered. Goodbye.</Speak><Hangup/></Response>`
const reaches = (number: string) => `<Number>+${number}</Number>`

test('a call that a PIN opens is to be recorded where its session says so', async (t) => {
  const service = await withPins(t)
  const record = { announcement: 'This call is recorded.' }
  const [plain, recorded] = [await service.open(), await service.open({ call: { record } })]
  for (const [{ participants }, asked] of [
    [plain, undefined],
    [recorded, true],
  ] as const) {
    const [{ masking_number: number, pin }] = participants
    const call = phoneCall(service, BORROWED, number)
    await call.dial()
    await call.enter(pin)
    await settled()
    t.match(await service.app.calls.find(call.id), { pinUsed: true })
    t.equal((await service.app.calls.find(call.id))?.recordingAsked, asked)
  }
})

test('a phone that the masking number does not know is asked for a PIN, and connected by the right one', async (t) => {
  const service = await withPins(t)
  const { id, participants } = await service.open()
  const [{ masking_number: number, pin }, { masking_number: shown }] = participants
  t.match([pin, participants[1].pin], [/^\d{4}$/, /^\d{4}$/])
  const call = phoneCall(service, BORROWED, number)
  const question = await call.dial()
  t.equal(withoutToken(question), QUESTION)
  t.same(judge(question), [], 'the platform takes it')

  const document = await call.enter(pin)
  t.match(
    document,
    `<Dial callerId="${shown}" timeout="30" timeLimit="3600" action="${PUBLIC}/answer/dialled/`,
  )
  t.match(document, reaches(DRIVER))
  t.match(lines(service.logged()), [
    { msg: 'call', outcome: 'ask', reason: 'unknown-caller', caller: '01', pin: undefined },
    { msg: 'call', outcome: 'connect', sessionId: id, maskingNumber: number, pin: true, caller: '01' },
  ])

  await settled()
  const record = (await service.api('GET', `/v1/calls/${call.id}`)).json()
  t.match(record, {
    session_id: id,
    caller: 0,
    called: 1,
    pin_used: true,
    masking_number: number,
    outcome: null,
  })
  const { calls } = (await service.api('GET', `/v1/sessions/${id}/calls`)).json()
  t.match(calls, [{ id: call.id }], 'it is among the calls of the session')
  await service.app.inject(
    webhook({
      Event: 'Hangup',
      CallUUID: call.id,
      HangupCauseCode: '4000',
      AnswerTime: '2100-01-01 05:30:00',
      Duration: '9',
    }),
  )
  t.match((await service.api('GET', `/v1/calls/${call.id}`)).json(), { pin_used: true, outcome: 'talked' })
})

test('the other participant’s PIN connects as the other participant', async (t) => {
  const service = await withPins(t)
  const { participants } = await service.open()
  const call = phoneCall(service, BORROWED, participants[1].masking_number)
  await call.dial()
  t.match(await call.enter(`${participants[1].pin}#`), reaches(RIDER))
})

test('however often a phone enters the right PIN, none of them counts as a wrong one', async (t) => {
  const service = await withPins(t)
  const [{ masking_number: number, pin }] = (await service.open()).participants
  for (let i = 0; i < CALLER_LOCK.free + 2; i += 1) {
    const call = phoneCall(service, BORROWED, number)
    await call.dial()
    t.match(await call.enter(pin), reaches(DRIVER))
  }
})

test('PINs are shown once, by the reply that opened the session', async (t) => {
  const service = await withPins(t)
  const draft = { participants: [{ number: RIDER }, { number: DRIVER }], external_id: 'ride' }
  const created = await service.api('POST', '/v1/sessions', draft)
  const { id, participants } = created.json()
  t.match([created.statusCode, participants], [201, [{ pin: /^\d{4}$/ }, { pin: /^\d{4}$/ }]])
  const later = [
    await service.api('POST', '/v1/sessions', draft),
    await service.api('GET', `/v1/sessions/${id}`),
    await service.api('GET', '/v1/sessions'),
    await service.api('PATCH', `/v1/sessions/${id}`, { expires_in: 600 }),
    await service.api('POST', `/v1/sessions/${id}/close`),
  ]
  for (const { statusCode, body } of later) {
    t.equal(statusCode, 200)
    t.notMatch(body, /"pin"/)
  }
})

test('without PIN_LENGTH, or where a call has no id, a stranger is refused as before', async (t) => {
  const without = await withPins(t, { PIN_LENGTH: undefined })
  const { participants } = await without.open()
  t.equal(participants[0].pin, undefined)
  t.equal(await phoneCall(without, BORROWED, participants[0].masking_number).dial(), REFUSAL)

  const service = await withPins(t)
  const [{ masking_number: number }] = (await service.open()).participants
  for (const id of ['', 'no-uuid']) t.equal(await phoneCall(service, BORROWED, number, id).dial(), REFUSAL)
  t.equal(await phoneCall(service, BORROWED, '+919099999999').dial(), REFUSAL, 'a number that is not ours')
})

test('PIN_LENGTH needs PUBLIC_BASE_URL', async (t) => {
  await t.rejects(build(t, { PIN_LENGTH: '4' }), /PUBLIC_BASE_URL is missing/)
})

test('PIN_LENGTH decides how many digits a PIN has', async (t) => {
  const service = await withPins(t, { PIN_LENGTH: '8' })
  const [{ masking_number: number, pin }] = (await service.open()).participants
  t.match(pin, /^\d{8}$/)
  const call = phoneCall(service, BORROWED, number)
  t.match(await call.dial(), 'numDigits="8"')
  t.match(await call.enter(pin), reaches(DRIVER))
})

test('a caller who hides their number is asked too', async (t) => {
  for (const from of ['', 'anonymous', '266696687']) {
    const service = await withPins(t)
    const [{ masking_number: number, pin }] = (await service.open()).participants
    const call = phoneCall(service, from, number)
    t.equal(withoutToken(await call.dial()), QUESTION)
    t.match(await call.enter(pin), reaches(DRIVER), `“${from}”`)
    t.match(lines(service.logged())[0], { outcome: 'ask', reason: 'withheld-caller' })
  }
})

test('who is asked again hears the same, and after the last time what a stranger hears', async (t) => {
  const service = await withPins(t)
  const [{ masking_number: number, pin }] = (await service.open()).participants
  const call = phoneCall(service, BORROWED, number)
  await call.dial()
  for (let tries = 1; tries < MAX_PIN_TRIES; tries += 1)
    t.equal(withoutToken(await call.enter(wrong(pin))), QUESTION)
  t.equal(new Set(call.documents.map(actionIn)).size, MAX_PIN_TRIES, 'each question has a token of its own')
  t.equal(await call.enter(wrong(pin)), REFUSAL)
  t.match(lines(service.logged()).at(-1), {
    msg: 'call',
    outcome: 'refuse',
    reason: 'wrong-pin',
    sessionId: undefined,
  })
  await settled()
  const record = (await service.api('GET', `/v1/calls/${call.id}`)).json()
  t.match(record, { outcome: 'refused', refused_because: 'wrong_pin', pin_used: false, session_id: null })
})

test('the last try may be the right one', async (t) => {
  const service = await withPins(t)
  const [{ masking_number: number, pin }] = (await service.open()).participants
  const call = phoneCall(service, BORROWED, number)
  await call.dial()
  for (let tries = 1; tries < MAX_PIN_TRIES; tries += 1) await call.enter(wrong(pin))
  t.match(await call.enter(pin), reaches(DRIVER))
})

test('whoever enters nothing is asked again where the platform says so, and hears a goodbye where it goes on', async (t) => {
  const service = await withPins(t)
  const [{ masking_number: number, pin }] = (await service.open()).participants
  const call = phoneCall(service, BORROWED, number)
  // What follows the question is what a platform comes to that does not ask us.
  t.match(await call.dial(), '</Gather><Speak>No PIN was entered. Goodbye.</Speak><Hangup/></Response>')
  for (const nothing of ['', '12']) t.equal(withoutToken(await call.enter(nothing)), QUESTION)
  t.equal(await call.enter('12345'), REFUSAL, 'three times in a call')
  t.notMatch(await kept(service, ['pin-caller', 'pin-number', 'pin-call']), 'version', 'nothing was tried')

  const silent = phoneCall(service, BORROWED, number)
  await silent.dial()
  await service.app.inject({
    ...webhook({ Event: 'Redirect', CallUUID: silent.id, From: BORROWED, To: `0${number.slice(3)}` }),
    url: actionIn(String(silent.documents[0])),
  })
  t.match(await silent.enter(pin), reaches(DRIVER), 'no Digits at all')
})

test('who hangs up before the right PIN was not connected', async (t) => {
  const service = await withPins(t)
  const [{ masking_number: number }] = (await service.open()).participants
  const call = phoneCall(service, BORROWED, number)
  await call.dial()
  await settled()
  const record = async () => (await service.api('GET', `/v1/calls/${call.id}`)).json()
  t.match(await record(), { outcome: null, state: 'in_progress' })
  await service.app.inject(
    webhook({
      Event: 'Hangup',
      CallUUID: call.id,
      HangupCauseCode: '4000',
      AnswerTime: '2100-01-01 05:30:00',
      Duration: '9',
    }),
  )
  t.match(await record(), { outcome: 'refused', refused_because: 'no_pin', talk_seconds: 0 })
})

test('a token is for one call, for PINs, and for some minutes', async (t) => {
  const service = await withPins(t)
  const [{ masking_number: number, pin }] = (await service.open()).participants
  const [call, other] = [phoneCall(service, BORROWED, number), phoneCall(service, BORROWED, number)]
  await call.dial()
  const path = actionIn(String(call.documents[0]))
  const enter = async (url: string, CallUUID: string) => {
    const fields = { CallUUID, From: BORROWED, To: `0${number.slice(3)}`, Digits: pin }
    return (await service.app.inject({ ...webhook(fields), url })).statusCode
  }
  t.equal(await enter(path, other.id), 403)
  t.equal(await enter(path, 'no-uuid'), 403)
  t.equal(await enter(path.replace('/pin/', '/leg/'), call.id), 403)
  t.equal(await enter(`${path}x`, call.id), 403)
  service.clock.time += PIN_TOKEN_LIFE_MS
  t.equal(await enter(path, call.id), 403)
  t.match(service.logged(), /wrong-token/)
})

test('a number that is none of ours has no PINs', async (t) => {
  const service = await withPins(t)
  const { participants } = await service.open()
  const call = phoneCall(service, BORROWED, participants[0].masking_number)
  await call.dial()
  for (const To of ['', '09099999999', 'nobody']) {
    const fields = { CallUUID: call.id, From: BORROWED, To, Digits: participants[0].pin }
    const url = actionIn(String(call.documents[0]))
    t.equal(withoutToken((await service.app.inject({ ...webhook(fields), url })).body), QUESTION)
  }
})

test('the same request again counts once and gets the same, and another PIN in its place nothing', async (t) => {
  const service = await withPins(t)
  const [{ masking_number: number, pin }] = (await service.open()).participants
  const call = phoneCall(service, BORROWED, number)
  await call.dial()
  const url = actionIn(String(call.documents[0]))
  const enter = async (Digits: string) => {
    const fields = { CallUUID: call.id, From: BORROWED, To: `0${number.slice(3)}`, Digits }
    return withoutToken((await service.app.inject({ ...webhook(fields), url })).body)
  }
  for (let i = 0; i < 10; i += 1) t.equal(await enter(wrong(pin)), QUESTION)
  t.equal(await enter(pin), QUESTION, 'a second PIN for the same question')
  t.match(await kept(service, ['pin-caller']), '"times":1')
  call.documents.push(await phoneCall(service, BORROWED, number, call.id).dial())
  t.equal(withoutToken(await call.enter(pin)), QUESTION, 'nor by asking the same call anew')
  t.match(await call.enter(pin), reaches(DRIVER), 'but for the next question')
  call.documents.pop()
  t.match(await call.enter(pin), reaches(DRIVER), 'and again')
})

test('a signed request that comes again gets the same, and a captured one nothing', async (t) => {
  const service = await withPins(t, { VOBIZ_AUTH_TOKEN: 'a_token', WEBHOOK_AUTH: 'required' })
  const { id, participants } = await service.open()
  const [{ masking_number: number, pin }] = participants
  const fields = {
    CallUUID: '8b1f3c52-7a44-4a0f-9d5e-2f6a1c0e7b93',
    From: BORROWED,
    To: `0${number.slice(3)}`,
  }
  const signed = (url: string, more: object) => {
    const call = webhook({ ...fields, ...more })
    return { ...call, url, headers: { ...call.headers, ...signatureHeaders(`${PUBLIC}${url}`, 'a_token') } }
  }
  const url = actionIn((await service.app.inject(signed('/answer', {}))).body)
  const request = signed(url, { Digits: pin })
  for (let i = 0; i < 2; i += 1) t.match((await service.app.inject(request)).body, reaches(DRIVER))
  await service.api('POST', `/v1/sessions/${id}/close`)
  t.equal(withoutToken((await service.app.inject(request)).body), QUESTION, 'it is not true any more')
  service.clock.time += 3 * 60_000
  const late = await service.app.inject(request)
  t.match([late.statusCode, late.body], [403, ''])
})

test('what a caller hears and what the store is asked do not tell why a PIN opens nothing', async (t) => {
  const service = await withPins(t)
  const { id, participants } = await service.open()
  const [{ masking_number: number, pin }] = participants
  const asked: string[] = []
  const { storage } = service.app.storages
  for (const name of ['read', 'swap', 'nameOf'] as const) {
    const run = storage[name].bind(storage) as (...args: unknown[]) => unknown
    Object.assign(storage, {
      [name]: (...args: unknown[]) => {
        asked.push(name)
        return run(...args)
      },
    })
  }
  const hears = async (from: string, to: string, digits: string) => {
    const call = phoneCall(service, from, to)
    await call.dial()
    await settled()
    asked.length = 0
    const document = withoutToken(await call.enter(digits))
    const work = asked.join(' ')
    return { document, work }
  }
  const wrongPin = await hears(BORROWED, number, wrong(pin))
  t.equal(wrongPin.document, QUESTION)
  t.equal(wrongPin.work.split(' ').length, 11)
  t.same(await hears(BORROWED, PAIR.M1, pin), wrongPin, 'a number of nobody')
  t.same(await hears('anonymous', number, wrong(pin)), wrongPin, 'a hidden number')
  for (let i = 0; i < 5; i += 1) await hears(BORROWED, number, wrong(pin))
  t.same(await hears(BORROWED, number, pin), wrongPin, 'the right PIN of a locked caller')
  t.match((await hears('919700000002', number, pin)).document, reaches(DRIVER), 'who is the only one')
  for (let n = 10; n < 40; n += 1) await hears(`9197000000${n}`, number, wrong(pin))
  t.same(await hears('919700000099', number, pin), wrongPin, 'a locked number')
  await service.api('POST', `/v1/sessions/${id}/close`)
  t.same(await hears('919700000098', number, pin), wrongPin, 'a session that is over')
})

/** What the API tells of locks, the oldest first. */
async function lockEvents(service: PinService) {
  await settled()
  service.clock.time += OWN_MS
  await service.clock.tick(EVENTS_INTERVAL_MS)
  await settled()
  return (await service.api('GET', '/v1/events?type=pin.locked&order=oldest')).json().events
}

test('the business is told once that a caller of a session is locked, and not where a stranger is', async (t) => {
  const service = await withPins(t)
  const { id, participants } = await service.open({ call: { force_pin: true } })
  const [{ masking_number: number, pin }] = participants
  const now = service.clock.time
  const calls = [RIDER, RIDER, BORROWED, BORROWED].map((from) => phoneCall(service, from, number))
  for (const call of calls) {
    await call.dial()
    for (let i = 0; i < MAX_PIN_TRIES; i += 1) {
      const said = await call.enter(wrong(pin))
      t.equal(withoutToken(said), i + 1 < MAX_PIN_TRIES ? QUESTION : REFUSAL, 'nobody hears of it')
      call.documents.pop()
      t.equal(withoutToken(await call.enter(wrong(pin))), withoutToken(said), 'the same request again')
    }
  }
  const events = await lockEvents(service)
  t.match(events, [
    {
      type: 'pin.locked',
      session_id: id,
      data: {
        call_id: calls[1]?.id,
        session_id: id,
        caller: 0,
        locked: 'caller',
        locked_until: new Date(now + CALLER_LOCK.firstMs).toISOString(),
      },
    },
  ])
  t.equal(events.length, 1)
})

test('the business is told that a masking number is locked, whoever called, and by no number', async (t) => {
  const service = await withPins(t)
  const [{ masking_number: number, pin }] = (await service.open()).participants
  while (service.app.mayRecordRefusal());
  const calls = Array.from({ length: NUMBER_LOCK.free + 3 }, (_, n) =>
    phoneCall(service, `9197000001${n + 10}`, number),
  )
  for (const call of calls) {
    await call.dial()
    await call.enter(wrong(pin))
  }
  const events = await lockEvents(service)
  const call_id = calls[NUMBER_LOCK.free - 1]?.id
  t.match(events, [{ session_id: null, data: { call_id, session_id: null, caller: null, locked: 'number' } }])
  t.equal(events.length, 1)
  t.notMatch(JSON.stringify(events), /9197|9190/)
  t.match(
    (await service.api('GET', `/v1/calls/${call_id}`)).json(),
    { masking_number: number },
    'the call tells it',
  )
})

test('callers who force their way are kept below the stated chance', async (t) => {
  const service = await withPins(t, { LOG_LEVEL: 'silent', CALLS_PER_NUMBER: '1000000' })
  const [{ masking_number: number, pin }] = (await service.open()).participants
  let [tried, judged, before, connected] = [0, 0, 0, 0]
  // A day and a half, a new number and three PINs each two minutes, in turn all that there are.
  for (let minute = 0; minute < 36 * 60; minute += 2) {
    service.clock.time += 2 * 60_000
    const call = phoneCall(service, `9196${String(minute).padStart(8, '0')}`, number)
    await call.dial()
    for (let i = 0; i < MAX_PIN_TRIES; i += 1) {
      const guess = String(tried).padStart(4, '0')
      tried = (tried + 1) % 10_000
      if (guess === pin) continue
      const document = await call.enter(guess)
      if (document.includes('<Number>')) connected += 1
    }
    const [, times = '0'] = /"times":(\d+)/.exec(await kept(service, ['pin-number'])) ?? []
    judged += Math.max(0, Number(times) - before)
    before = Number(times)
    if (minute === 24 * 60 - 2) {
      t.ok(judged >= 20, 'some are judged')
      t.ok(judged <= MAX_WRONG_A_DAY, `${judged} wrong PINs were judged in a day`)
      // So of one session on a number, whose PIN has four digits, a day finds one in 200 at most.
      t.ok(judged / 10 ** 4 <= 0.005)
    }
  }
  t.ok(tried > 3_000, 'of thousands')
  t.ok(judged <= 2 * MAX_WRONG_A_DAY)
  t.equal(connected, 0)
})

test('whoever guesses at once, from many phones, is judged no more often', async (t) => {
  const service = await withPins(t)
  const [{ masking_number: number, pin }] = (await service.open()).participants
  const calls = Array.from({ length: 60 }, (_, n) => phoneCall(service, `9197000001${n + 10}`, number))
  await Promise.all(calls.map((call) => call.dial()))
  await Promise.all(calls.map((call) => call.enter(wrong(pin))))
  t.match(await kept(service, ['pin-number']), '"times":20')
})

test('force_pin: the registered phone is asked too, and only by their own PIN connected', async (t) => {
  const service = await withPins(t)
  const { id, participants } = await service.open({ call: { force_pin: true } })
  const [rider, driver] = participants
  const other = await service.open({ participants: [{ number: '919800000003' }, { number: '919800000004' }] })
  const call = phoneCall(service, RIDER, rider.masking_number)
  t.equal(withoutToken(await call.dial()), QUESTION)
  t.match(lines(service.logged()).at(-1), { outcome: 'ask', sessionId: id, reason: undefined })
  const shared = other.participants.find(({ masking_number }) => masking_number === rider.masking_number)
  for (const pin of [driver.pin, shared?.pin ?? wrong(rider.pin)].filter((pin) => pin !== rider.pin))
    t.equal(withoutToken(await call.enter(pin)), QUESTION)
  t.match(await call.enter(rider.pin), reaches(DRIVER))
  await settled()
  t.match((await service.api('GET', `/v1/calls/${call.id}`)).json(), {
    session_id: id,
    caller: 0,
    pin_used: true,
  })
  t.match((await service.api('GET', `/v1/sessions/${id}`)).json(), { call: { force_pin: true } })
})

test('force_pin: whoever forges a number cannot lock out others, and a known number of another session’s PIN opens nothing', async (t) => {
  const service = await withPins(t, { MASKING_NUMBERS: '919000000011,919000000012' })
  const one = await service.open({ call: { force_pin: true } })
  const other = await service.open({ participants: [{ number: '919800000003' }, { number: '919800000004' }] })
  const [rider] = one.participants
  const stranger = other.participants.find(({ masking_number }) => masking_number === rider.masking_number)
  const call = phoneCall(service, RIDER, rider.masking_number)
  await call.dial()
  t.equal(withoutToken(await call.enter(String(stranger?.pin))), QUESTION, 'a right PIN, of somebody else')
  for (let i = 0; i < 20; i += 1) {
    const forged = phoneCall(service, RIDER, rider.masking_number)
    await forged.dial()
    await forged.enter(wrong(rider.pin))
  }
  t.match(await kept(service, ['pin-number']), '"times":0')
  const borrowed = phoneCall(service, BORROWED, rider.masking_number)
  await borrowed.dial()
  t.match(await borrowed.enter(rider.pin), reaches(DRIVER))
})

test('force_pin: of a session on one number, each side has a PIN of its own', async (t) => {
  const service = await withPins(t, { MASKING_NUMBERS: '919000000011' })
  const [rider, driver] = (await service.open({ call: { force_pin: true } })).participants
  t.equal(rider.masking_number, driver.masking_number)
  const call = phoneCall(service, RIDER, rider.masking_number)
  await call.dial()
  t.equal(withoutToken(await call.enter(driver.pin)), QUESTION)
  t.match(await call.enter(rider.pin), reaches(DRIVER))
})

test('force_pin: hours and the number of calls hold once the PIN is right', async (t) => {
  const service = await withPins(t)
  const { id, participants } = await service.open({ call: { force_pin: true, max_calls: 1 } })
  const [{ masking_number: number, pin }] = participants
  const connect = async (from: string, entered: string) => {
    const call = phoneCall(service, from, number)
    await call.dial()
    await call.enter(entered)
    return call
  }
  await connect(RIDER, wrong(pin))
  t.match(
    (await connect(RIDER, pin)).documents.at(-1),
    reaches(DRIVER),
    'whoever was only asked does not count',
  )
  const last = await connect(BORROWED, pin)
  t.match(last.documents.at(-1), 'No more calls can be made with this number.')
  await settled()
  t.match((await service.api('GET', `/v1/calls/${last.id}`)).json(), {
    outcome: 'refused',
    refused_because: 'too_many_calls',
    pin_used: true,
    session_id: id,
  })
})

test('force_pin: who cannot be asked is refused', async (t) => {
  const service = await withPins(t)
  const { id, participants } = await service.open({ call: { force_pin: true } })
  t.equal(await phoneCall(service, RIDER, participants[0].masking_number, '').dial(), REFUSAL)
  t.match(lines(service.logged()).at(-1), { outcome: 'refuse', reason: 'pin-needed', sessionId: id })
  const explained = await service.api('POST', '/v1/explain', {
    from: RIDER,
    to: participants[0].masking_number,
  })
  t.match(explained.json(), { outcome: 'connect', rule: 'pin_needed' })
})

test('what needs PINs is refused where there are none', async (t) => {
  const service = await withPins(t, { PIN_LENGTH: undefined })
  const draft = { participants: [{ number: RIDER }, { number: DRIVER }] }
  const forced = await service.api('POST', '/v1/sessions', { ...draft, call: { force_pin: true } })
  t.match([forced.statusCode, forced.json()], [422, { code: 'invalid_call_option', field: 'call.force_pin' }])
  const pinOnly = await service.api('POST', '/v1/sessions', { ...draft, on_exhausted: 'pin' })
  t.match([pinOnly.statusCode, pinOnly.json()], [422, { code: 'pins_off' }])
})

test('remember_phone: a phone that entered the right PIN needs none after that', async (t) => {
  const service = await withPins(t)
  const { id, participants } = await service.open({ call: { remember_phone: true } })
  const [{ masking_number: number, pin }, { masking_number: others }] = participants
  const call = phoneCall(service, BORROWED, number)
  await call.dial()
  await call.enter(pin)
  await settled()
  t.match(await phoneCall(service, BORROWED, number).dial(), reaches(DRIVER))
  t.equal(
    withoutToken(await phoneCall(service, BORROWED, others).dial()),
    QUESTION,
    'on their own number alone',
  )
  for (const path of [`/v1/sessions/${id}`, '/v1/sessions', `/v1/sessions/${id}/calls`])
    t.notMatch((await service.api('GET', path)).body, BORROWED)
  const found = await service.api('POST', '/v1/sessions/search', { number: `+${BORROWED}` })
  t.match(found.json(), { sessions: [{ id }] })
  t.notMatch(service.logged() + service.audited().join(), BORROWED)

  await service.api('POST', `/v1/sessions/${id}/close`)
  t.equal(await phoneCall(service, BORROWED, number).dial(), REFUSAL, 'closed is closed')
})

test('remember_phone: who cannot be remembered goes on to be asked', async (t) => {
  const service = await withPins(t)
  const { participants } = await service.open({ call: { remember_phone: true } })
  const [{ masking_number: number, pin }] = participants
  const enters = async (from: string) => {
    const call = phoneCall(service, from, number)
    await call.dial()
    t.match(await call.enter(pin), reaches(DRIVER), from)
    await settled()
    return phoneCall(service, from, number).dial()
  }
  for (const from of ['anonymous', '266696687', '12345', PAIR.M1, `00${PAIR.M2}`, '+911800123456'])
    t.equal(withoutToken(await enters(from)), QUESTION, from)
  for (let n = 1; n <= MAX_PHONES; n += 1) t.match(await enters(`91970000010${n}`), reaches(DRIVER))
  t.equal(withoutToken(await enters('919700000109')), QUESTION, 'too many')
})

test('remember_phone: a store that fails is passed over, and any other error told', async (t) => {
  const service = await withPins(t)
  const { participants } = await service.open({ call: { remember_phone: true } })
  const [{ masking_number: number, pin }] = participants
  for (const error of [new StoreUnavailableError(), new Error('a mistake of ours')]) {
    service.app.sessions.remember = () => Promise.reject(error)
    const call = phoneCall(service, BORROWED, number)
    await call.dial()
    t.match(await call.enter(pin), reaches(DRIVER))
    await settled()
  }
  const errors = lines(service.logged()).filter(({ level }) => level === 'error')
  t.match(errors, [{ msg: 'a phone cannot be remembered' }])
  t.equal(errors.length, 1)
})

test('a participant who is replaced takes their PIN along, and the new one gets another', async (t) => {
  const service = await withPins(t)
  const { id, participants } = await service.open()
  const [, { masking_number: number, pin }] = participants
  const changed = await service.api('PATCH', `/v1/sessions/${id}`, {
    participants: [{}, { number: '919800000003' }],
  })
  const [first, second] = changed.json().participants
  t.match([first.pin, second.pin], [undefined, /^\d{4}$/])
  const enters = async (entered: string) => {
    const call = phoneCall(service, BORROWED, number)
    await call.dial()
    return call.enter(entered)
  }
  t.match(await enters(second.pin), reaches(RIDER))
  if (pin !== second.pin) t.equal(withoutToken(await enters(pin)), QUESTION)
})

test('on_exhausted: a number that still rests is given, on which the PIN alone connects', async (t) => {
  const service = await withPins(t, { MASKING_NUMBERS: '919000000011' })
  const first = await service.open()
  await service.api('POST', `/v1/sessions/${first.id}/close`)
  const draft = { participants: [{ number: RIDER }, { number: '919800000003' }] }
  t.equal((await service.api('POST', '/v1/sessions', draft)).json().code, 'pool_exhausted')
  const { id, participants } = await service.open({ ...draft, on_exhausted: 'pin' })
  const [rider, driver] = participants
  t.match([rider.pin_only, driver.pin_only], [true, undefined])
  t.match((await service.api('GET', `/v1/sessions/${id}`)).json(), { participants: [{ pin_only: true }, {}] })

  const call = phoneCall(service, RIDER, rider.masking_number)
  t.equal(withoutToken(await call.dial()), QUESTION)
  t.match(await call.enter(rider.pin), reaches('919800000003'))
  t.match(await phoneCall(service, '919800000003', driver.masking_number).dial(), reaches(RIDER))
})

test('where almost all PINs of a number are taken, the reply says what to do', async (t) => {
  const service = await withPins(t)
  service.app.sessions.create = async () => ({ kind: 'pins-exhausted', side: 1 })
  service.app.sessions.change = async () => ({ kind: 'pins-exhausted', side: 0 })
  const draft = { participants: [{ number: RIDER }, { number: DRIVER }] }
  const replies = [
    await service.api('POST', '/v1/sessions', draft),
    await service.api('PATCH', '/v1/sessions/s_1', { expires_in: 600 }),
  ]
  t.match(
    replies.map((reply) => reply.json()),
    [
      { status: 409, code: 'pins_exhausted', participant: 1 },
      { status: 409, code: 'pins_exhausted', participant: 0 },
    ],
  )
})

test('what the API says of PINs is as it describes it', async (t) => {
  const service = await withPins(t)
  const undocumented = await documentCheckOnce()(service.app)
  const options = {
    method: 'POST' as const,
    url: '/v1/sessions',
    headers: API.headers,
    payload: {
      participants: [{ number: RIDER }, { number: DRIVER }],
      on_exhausted: 'pin',
      call: { force_pin: true, remember_phone: true },
    },
  }
  const reply = await service.app.inject(options)
  t.equal(reply.statusCode, 201)
  t.equal(undocumented(options, reply), undefined)
})

test('with the store down, whoever enters a PIN hears an apology', async (t) => {
  const service = await withPins(t)
  const [{ masking_number: number, pin }] = (await service.open()).participants
  const call = phoneCall(service, BORROWED, number)
  await call.dial()
  Object.assign(service.app.storages.storage, { swap: () => Promise.reject(new StoreUnavailableError()) })
  t.equal(await call.enter(pin), APOLOGY)
})

test('strangers make only so many records', async (t) => {
  const service = await withPins(t)
  const [{ masking_number: number, pin }] = (await service.open()).participants
  const tries = async () => {
    const call = phoneCall(service, BORROWED, number)
    await call.dial()
    for (let i = 0; i < MAX_PIN_TRIES; i += 1) await call.enter(wrong(pin))
    await settled()
    return (await service.api('GET', `/v1/calls/${call.id}`)).statusCode
  }
  t.equal(await tries(), 200)
  while (service.app.mayRecordRefusal());
  t.equal(await tries(), 404)
})

test('a PIN is in no log line, audit line, record or token', async (t) => {
  const service = await withPins(t, { PIN_LENGTH: '8' })
  const { participants } = await service.open({ external_id: 'ride', call: { remember_phone: true } })
  const [{ masking_number: number, pin }] = participants
  const call = phoneCall(service, BORROWED, number)
  await call.dial()
  await call.enter(wrong(pin))
  await call.enter(pin)
  await settled()
  const again = phoneCall(service, 'anonymous', number)
  await again.dial()
  for (let i = 0; i < MAX_PIN_TRIES; i += 1) await again.enter(wrong(pin))
  await settled()
  const secrets = [pin, participants[1].pin, wrong(pin)]
  const kinds = ['session', 'book', 'pin', 'pin-call', 'pin-caller', 'pin-number', 'call', 'name']
  for (const secret of secrets) {
    t.notMatch(service.logged(), secret, 'the log')
    t.notMatch(service.audited().join(), secret, 'the audit trail')
    t.notMatch(await kept(service, kinds), secret, 'what is kept')
  }
  for (const document of [...call.documents, ...again.documents]) {
    for (const secret of secrets) t.notMatch(document, secret)
  }
  for (const { id } of [call, again]) {
    const record = await service.api('GET', `/v1/calls/${id}`)
    for (const secret of secrets) t.notMatch(record.body, secret)
  }
})
