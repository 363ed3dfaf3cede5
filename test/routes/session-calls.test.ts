import { type Test, test } from 'tap'
import { testClock } from '../clocks.js'
import { documentCheck } from '../documented.js'
import { webhook } from '../fixtures.js'
import { API, build } from '../helper.js'

const CALL = '8b1f3c52-7a44-4a0f-9d5e-2f6a1c0e7b93'
const [RIDER, DRIVER] = ['918888800011', '918888800012']
const PUBLIC_BASE_URL = 'https://mask.example.com'

/** An instance with an API, whose replies are held against its description. */
async function service(t: Test, environment: Record<string, string> = {}) {
  const clock = testClock()
  const built = await build(t, { ...API.environment, PUBLIC_BASE_URL, ...environment }, clock)
  const undocumented = await documentCheck(built.app)
  async function ask(method: 'GET' | 'PATCH' | 'POST', url: string, payload?: object) {
    const request = { method, url: `/v1${url}`, headers: API.headers, ...(payload && { payload }) }
    const reply = await built.app.inject(request)
    t.equal(undocumented(request, reply), undefined)
    return reply
  }
  const open = (call?: object, more: object = {}) =>
    ask('POST', '/sessions', {
      participants: [{ number: RIDER }, { number: DRIVER }],
      ...(call && { call }),
      ...more,
    })
  /** What the rider gets who dials their number. */
  const dial = async (maskingNumber: string, CallUUID = CALL) =>
    (
      await built.app.inject(
        webhook({ Event: 'StartApp', CallUUID, From: RIDER, To: maskingNumber.replace('+91', '0') }),
      )
    ).body
  return { ...built, clock, ask, open, dial }
}

test('what a session says about its calls is shown again, and is in the document of a call', async (t) => {
  const { open, ask, dial } = await service(t)
  const call = {
    ring_timeout: 20,
    time_limit: 600,
    max_calls: 3,
    hours: { days: ['thu', 'fri'], from: '00:00', to: '23:00', time_zone: 'UTC' },
    greeting: 'Your driver is being called.',
    whisper: 'https://audio.example.com/whisper.mp3',
    language: 'en-IN',
    voice: 'MAN',
    record: { announcement: 'This call is recorded.' },
    after_end: { say: 'The ride is over.' },
  }
  const { id, participants, call: shown } = (await open(call)).json()
  t.same(shown, call)
  t.same((await ask('GET', `/sessions/${id}`)).json().call, call)
  const document = await dial(participants[0].masking_number)
  for (const part of [
    '<Speak voice="MAN" language="en-IN">Your driver is being called.</Speak>',
    '<Speak voice="MAN" language="en-IN">This call is recorded.</Speak><Record ',
    'timeout="20" timeLimit="600"',
    'confirmSound="https://mask.example.com/answer/whisper/',
  ])
    t.match(document, part)

  await ask('POST', `/sessions/${id}/close`)
  t.match(await dial(participants[0].masking_number), '>The ride is over.</Speak><Hangup/>')
})

test('PATCH puts other words in the place of all that was said', async (t) => {
  const { open, ask, dial } = await service(t)
  const { id, participants } = (await open({ greeting: 'One.', time_limit: 60 })).json()
  t.same((await ask('PATCH', `/sessions/${id}`, { call: { greeting: 'Two.' } })).json().call, {
    greeting: 'Two.',
  })
  t.match(await dial(participants[0].masking_number), '<Speak>Two.</Speak><Dial')
  t.same((await ask('PATCH', `/sessions/${id}`, { expires_in: 600 })).json().call, { greeting: 'Two.' })
  t.same((await ask('PATCH', `/sessions/${id}`, { call: {} })).json().call, {})
  t.equal((await ask('PATCH', '/sessions/s_none', { call: {} })).statusCode, 404)
})

test('a support line is reached after the end, and only its last digits are shown', async (t) => {
  const { open, ask, dial } = await service(t)
  const { id, participants, call } = (await open({ after_end: { number: '+91 1800 000 042' } })).json()
  t.same(call, { after_end: { number_hint: '…42' } })
  await ask('POST', `/sessions/${id}/close`)
  const own = participants[0].masking_number
  const document = await dial(own)
  t.match(document, `<Dial callerId="${own}" timeout="30" timeLimit="3600"><Number>+911800000042</Number>`)
  t.notMatch(document, DRIVER, 'never the other participant')
})

test('a support line costs nobody extra, is in an allowed country, and is neither a masking number nor a participant', async (t) => {
  const { open, ask } = await service(t)
  const [own, other] = [`+${RIDER}`, `+${DRIVER}`]
  const { id, participants } = (await open({})).json()
  const wrong: readonly (readonly [number: string, title: RegExp])[] = [
    ['12', /everybody can call/],
    ['112', /everybody can call/],
    ['+449098790000', /extra/],
    ['+442071838750', /country/],
    ['+881612345678', /country/],
    [participants[0].masking_number, /masking number/],
    [own, /a participant/],
    [other, /a participant/],
  ]
  for (const [number, title] of wrong) {
    for (const reply of [
      await open({ after_end: { number } }),
      await ask('PATCH', `/sessions/${id}`, { call: { after_end: { number } } }),
    ]) {
      t.match(reply, { statusCode: 422 }, number)
      t.match(reply.json(), { code: 'invalid_call_option', field: 'call.after_end.number', title })
      for (const real of [RIDER, DRIVER]) t.notMatch(reply.body, real)
    }
  }

  const { id: supported } = (await open({ after_end: { number: '+919812345678' } })).json()
  const joining = { participants: [{}, { number: '+919812345678' }] }
  t.match((await ask('PATCH', `/sessions/${supported}`, joining)).json(), { title: /a participant/ })
})

test('record and announce', async (t) => {
  const { open } = await service(t)
  t.same((await open({ record: false })).json().call, { record: false })
  t.same((await open({ record: { announce: false } })).json().call, { record: { announce: false } })
  const other = await service(t, { CALL_ANNOUNCEMENT: 'Recorded.' })
  t.same((await other.open({ record: {} })).json().call, { record: { announcement: 'Recorded.' } })
  const silent = await service(t, { CALL_ANNOUNCEMENT: 'none' })
  t.equal(
    (await silent.open({ record: {} })).json().field,
    'call.record.announcement',
    'none is no announcement',
  )
})

test('what cannot be done is refused with the field and a remedy', async (t) => {
  const { open, ask } = await service(t)
  const hours = { days: ['mon'], from: '09:00', to: '21:00', time_zone: 'Asia/Kolkata' }
  const wrong: [object, string, RegExp][] = [
    [{ language: 'hi-IN' }, 'call.language', /no Indian language but en-IN/],
    [{ greeting: 'आपका स्वागत है' }, 'call.greeting', /for Hindi .* an audio file/],
    [{ whisper: 'http://audio.example.com/a.mp3' }, 'call.whisper', /https URL/],
    [{ record: { announcement: 'ftp://a' } }, 'call.record.announcement', /https URL/],
    [{ after_end: { say: 'https://' } }, 'call.after_end.say', /https URL/],
    [{ record: {} }, 'call.record.announcement', /announce: false/],
    [{ hours: { ...hours, to: '09:00' } }, 'call.hours.to', /all times/],
    [{ hours: { ...hours, time_zone: 'Asia/Nowhere' } }, 'call.hours.time_zone', /IANA/],
    [{ after_end: { number: '12' } }, 'call.after_end.number', /country code/],
  ]
  for (const [call, field, detail] of wrong) {
    const reply = await open(call)
    t.match(reply, { statusCode: 422 }, field)
    t.match(reply.json(), { code: 'invalid_call_option', field, detail })
  }
  for (const call of [
    { ring_timeout: 0 },
    { after_end: {} },
    { hours: { ...hours, days: ['day'] } },
    { record: true },
  ])
    t.match((await open(call)).json(), { code: 'invalid_request' })

  const { id } = (await open({})).json()
  t.match((await ask('PATCH', `/sessions/${id}`, { call: { language: 'hi-IN' } })).json(), {
    field: 'call.language',
  })
})

test('without PUBLIC_BASE_URL the carrier cannot be asked to whisper or to record', async (t) => {
  const { app } = await build(t, API.environment)
  const open = async (call: object) =>
    (
      await app.inject({
        method: 'POST',
        url: '/v1/sessions',
        headers: API.headers,
        payload: { participants: [{ number: RIDER }, { number: DRIVER }], call },
      })
    ).json()
  t.match(await open({ whisper: 'Hello.' }), { code: 'invalid_call_option', field: 'call.whisper' })
  t.match(await open({ record: { announce: false } }), { code: 'invalid_call_option', field: 'call.record' })
})

test('no prompt holds the number of a participant, also not of one who joins', async (t) => {
  const { open, ask } = await service(t)
  const saying = (number: string) => ({ greeting: `Call ${number} instead.` })
  t.match((await open(saying('88888 00011'))).json(), { code: 'number_in_text' })
  const { id } = (await open(saying('88888 00013'))).json()
  const patch = async (body: object) => (await ask('PATCH', `/sessions/${id}`, body)).json()
  t.match(await patch({ call: saying('8888800012') }), { code: 'number_in_text' })
  t.match(await patch({ participants: [{}, { number: '918888800013' }] }), { code: 'number_in_text' })
  t.match(await patch({ participants: [{}, { number: '918888800013' }], call: {} }), { status: 'open' })
})

test('hours and max_calls', async (t) => {
  const { open, dial, clock, ask } = await service(t)
  const explain = async () => (await ask('POST', '/explain', { from: RIDER, to: own })).json()
  clock.time = Date.parse('2100-01-04T20:59:00Z')
  const hours = { days: ['mon'], from: '09:00', to: '21:00', time_zone: 'UTC' }
  const { participants } = (await open({ hours, max_calls: 2 })).json()
  const own = participants[0].masking_number
  const id = (n: number) => CALL.replace(/.$/, String(n))
  t.match(await explain(), { outcome: 'connect', rule: 'session' })
  t.match(await dial(own, id(1)), '<Dial ')
  t.match(await dial(own, id(1)), '<Dial ', 'a retry is the same call')
  t.match(await dial(own, id(2)), '<Dial ')
  t.match(await dial(own, id(3)), '<Speak>No more calls can be made with this number.</Speak><Hangup/>')
  t.match(await explain(), { outcome: 'refuse', rule: 'too_many_calls', explanation: /Raise max_calls/ })
  clock.time += 60_000
  t.match(await explain(), { outcome: 'refuse', rule: 'outside_hours' })
  t.match(await dial(own, id(1)), '<Speak>This number does not connect calls at this time of the day.')
})
