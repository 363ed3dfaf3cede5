import { type Test, test } from 'tap'
import { testClock } from '../clocks.js'
import { documentCheck } from '../documented.js'
import { webhook } from '../fixtures.js'
import { API, build } from '../helper.js'

const [RIDER, DRIVER] = ['918888800011', '918888800012']
const LEG = '11111111-2222-4333-8444-555555555555'
const HOUR = 60 * 60 * 1_000
const callId = (n: number) => `8b1f3c52-7a44-4a0f-9d5e-${String(n).padStart(12, '0')}`

/** An instance with one session and a call of its rider for each minute. */
async function service(t: Test, environment: Record<string, string> = {}) {
  const clock = testClock()
  const built = await build(
    t,
    { ...API.environment, PUBLIC_BASE_URL: 'https://mask.example.com', ...environment },
    clock,
  )
  const undocumented = await documentCheck(built.app)
  async function ask(url: string, key = API.headers) {
    const request = { method: 'GET' as const, url: `/v1${url}`, headers: key }
    const reply = await built.app.inject(request)
    t.equal(undocumented(request, reply), undefined)
    return reply
  }
  const opened = await built.app.inject({
    method: 'POST',
    url: '/v1/sessions',
    headers: API.headers,
    payload: { participants: [{ number: RIDER }, { number: DRIVER }] },
  })
  const { id: sessionId, participants } = opened.json()
  const [own] = participants.map(({ masking_number }: { masking_number: string }) => masking_number)
  const post = async (url: string, fields: Record<string, string>) =>
    (await built.app.inject({ ...webhook(fields), url })).body

  /** A call, and a function that tells how it went on. */
  async function call(n: number, from = RIDER) {
    clock.time += 60_000
    const CallUUID = callId(n)
    const document = await post('/answer', { Event: 'StartApp', CallUUID, From: String(from), To: own })
    // What is noted of it does not keep the answer waiting.
    await new Promise(setImmediate)
    const urlOf = (name: string) =>
      new RegExp(`${name}="https://mask.example.com([^"]+)"`).exec(document)?.[1] as string
    return {
      leg: (fields: Record<string, string>) =>
        post(urlOf('callbackUrl'), { CallUUID, DialBLegUUID: LEG, ...fields }),
      dialled: (DialStatus: string) => post(urlOf('action'), { CallUUID, DialStatus }),
      hangup: (fields: Record<string, string>) => post('/answer', { CallUUID, Event: 'Hangup', ...fields }),
    }
  }
  return { ...built, clock, ask, call, sessionId, own }
}

test('a call is shown from its beginning to its end', async (t) => {
  const { ask, call, sessionId, own, clock, logged } = await service(t)
  const { leg, dialled, hangup } = await call(1)
  const began_at = new Date(clock.time).toISOString()
  const begun = {
    id: callId(1),
    session_id: sessionId,
    began_at,
    masking_number: own,
    caller: 0,
    called: 1,
    state: 'in_progress',
    outcome: null,
    ring_seconds: null,
    talk_seconds: null,
    ended_by: null,
    cause: null,
    cause_code: null,
    cost: null,
    pin_used: false,
    recording: 'none',
  }
  t.same((await ask(`/calls/${callId(1)}`)).json(), begun)
  await leg({ Event: 'DialAnswer' })
  await leg({ Event: 'DialConnected' })
  await leg({
    Event: 'DialHangup',
    DialBLegDuration: '42',
    DialBLegHangupCauseCode: '4000',
    DialBLegHangupSource: 'Callee',
  })
  t.match(await dialled('completed'), '<Response><Hangup/></Response>')
  await hangup({
    Duration: '43',
    HangupCauseCode: '4000',
    HangupSource: 'Callee',
    StartTime: '2100-01-01 05:30:00',
    AnswerTime: '2100-01-01 05:30:07',
  })
  const ended = {
    ...begun,
    state: 'ended',
    outcome: 'talked',
    talk_seconds: 42,
    ended_by: 'called',
    cause: 'one of the two hung up',
    cause_code: '4000',
  }
  t.same((await ask(`/calls/${callId(1)}`)).json(), ended)
  const lines = logged()
    .split('\n')
    .filter((line) => line.includes('"call ended"'))
  t.equal(lines.length, 1)
  t.match(JSON.parse(String(lines[0])), { callUuid: callId(1), outcome: 'talked', talk: 42 })
  t.notMatch(logged(), /88888000/, 'no real number')
})

test('what a call cost is the sum of its legs', async (t) => {
  const { app, ask, call } = await service(t)
  await call(1)
  const cost = async (costs: object) => {
    await app.callRecorder.note(callId(1), { costs: costs as never })
    return (await ask(`/calls/${callId(1)}`)).json().cost
  }
  t.same(await cost({ [callId(1)]: { amount: '0.45', currency: 'INR' } }), {
    amount: '0.45',
    currency: 'INR',
  })
  t.same(await cost({ [LEG]: { amount: '0.90', currency: 'INR' } }), { amount: '1.35', currency: 'INR' })
})

test('a recording is shown with its length', async (t) => {
  const { app, ask, call } = await service(t)
  await call(1)
  const recording = async (facts: object) => {
    await app.callRecorder.note(callId(1), { recordings: { [LEG]: facts } })
    const { recording, recording_seconds } = (await ask(`/calls/${callId(1)}`)).json()
    return [recording, recording_seconds]
  }
  t.same(await recording({}), ['in_progress', undefined])
  t.same(await recording({ ready: true, ms: 41_600 }), ['ready', 42])
  t.same(await recording({ deletedAt: 1 }), ['deleted', 42])
})

test('calls are listed by session, time and outcome, a page at a time', async (t) => {
  const { ask, call, sessionId, clock } = await service(t)
  const begun: string[] = []
  for (const [n, end] of ['busy', 'no-answer', 'busy', 'completed'].entries()) {
    const { dialled } = await call(n)
    begun.push(new Date(clock.time).toISOString())
    await dialled(end)
  }
  await call(4, '917777700003')
  const ids = async (url: string) => {
    const { calls, next_cursor } = (await ask(url)).json()
    return { ids: calls.map(({ id }: { id: string }) => Number(id.slice(-12))), next: next_cursor }
  }
  t.same(await ids('/calls'), { ids: [4, 3, 2, 1, 0], next: null })
  t.same(await ids('/calls?outcome=busy'), { ids: [2, 0], next: null })
  t.same(await ids('/calls?outcome=refused'), { ids: [4], next: null })
  t.same((await ids(`/calls?session_id=${sessionId}`)).ids, [3, 2, 1, 0])
  t.same((await ids(`/calls?from=${begun[1]}&to=${begun[3]}`)).ids, [2, 1])
  t.same((await ids(`/sessions/${sessionId}/calls?outcome=talked`)).ids, [3])
  const first = await ids('/calls?limit=2')
  t.same(first.ids, [4, 3])
  const second = await ids(`/calls?limit=2&cursor=${first.next}`)
  t.same(second.ids, [2, 1])
  t.same(await ids(`/calls?limit=2&cursor=${second.next}`), { ids: [0], next: null })
  t.match((await ask('/calls?outcome=refused')).json().calls[0], {
    refused_because: 'unknown_caller',
    session_id: null,
    caller: null,
    called: null,
  })
})

test('calls are listed by whether they go on', async (t) => {
  const { ask, call, sessionId } = await service(t)
  const { dialled } = await call(1)
  await dialled('completed')
  await call(2)
  await call(3, '917777700003')
  const ids = async (url: string) =>
    (await ask(url)).json().calls.map(({ id }: { id: string }) => Number(id.slice(-12)))
  t.same(await ids('/calls?state=in_progress'), [2])
  t.same(await ids('/calls?state=ended'), [3, 1])
  t.same(await ids('/calls?state=ended&outcome=talked'), [1])
  t.same(await ids('/calls?state=in_progress&outcome=talked'), [])
  t.same(await ids(`/calls?state=in_progress&session_id=${sessionId}`), [2])
  t.same(await ids(`/sessions/${sessionId}/calls?state=ended`), [1])
  t.match((await ask('/calls?state=lost')).json(), { code: 'invalid_request' })
})

test('the summary has whole hours, and is of a day unless the request says otherwise', async (t) => {
  const { app, ask, call, clock } = await service(t)
  clock.time += 5 * HOUR + 20 * 60_000
  await (await call(1)).dialled('busy')
  clock.time += HOUR
  await call(2)
  await call(3, '917777700003')
  await app.callCounts.write()
  const summary = async (query = '') => (await ask(`/calls/summary${query}`)).json()
  const counted_at = new Date(clock.time).toISOString()
  const none = { talked: 0, no_answer: 0, busy: 0, failed: 0, cancelled: 0, refused: 0 }
  const all = await summary()
  t.match(all, {
    counted_at,
    from: '2099-12-31T07:00:00.000Z',
    to: '2100-01-01T07:00:00.000Z',
    total: 3,
    outcomes: { ...none, busy: 1, refused: 1 },
  })
  t.equal(all.hours.length, 24)
  t.same(all.hours.slice(-3), [
    { hour: '2100-01-01T04:00:00.000Z', total: 0, outcomes: none },
    { hour: '2100-01-01T05:00:00.000Z', total: 1, outcomes: { ...none, busy: 1 } },
    { hour: '2100-01-01T06:00:00.000Z', total: 2, outcomes: { ...none, refused: 1 } },
  ])
  const part = await summary('?from=2100-01-01T05:10:00Z&to=2100-01-01T05:11:00Z')
  t.match(part, { from: '2100-01-01T05:00:00.000Z', to: '2100-01-01T06:00:00.000Z', total: 1 })
  t.match(await summary('?to=2100-01-01T06:00:00Z'), { from: '2099-12-31T06:00:00.000Z', total: 1 })
  t.match(await summary('?from=2100-01-01T06:30:00Z'), { hours: [{ total: 2 }], total: 2 })
  t.equal((await summary('?from=2099-12-01T00:30:00Z&to=2100-01-01T00:30:00Z')).hours.length, 31 * 24 + 1)
})

test('the summary tells of each masking number today and yesterday, the busiest first', async (t) => {
  const { app, ask, call, clock } = await service(t)
  await call(1)
  clock.time += 24 * HOUR
  const [dialled, shown] = ['+919000000001', '+919000000002'] as const
  for (let i = 0; i < 2; i += 1)
    await app.callRecorder.note(callId(10 + i), {
      begun: { at: clock.time, maskingNumber: dialled.slice(1) },
    })
  await app.callRecorder.note(callId(12), { begun: { at: clock.time, shown: shown.slice(1) } })
  await app.callCounts.write()
  const found = (await ask('/calls/summary')).json().numbers
  t.same(found.slice(0, 2), [
    { number: dialled, today: { dialled: 2, shown: 0 }, yesterday: { dialled: 0, shown: 0 } },
    { number: shown, today: { dialled: 0, shown: 1 }, yesterday: { dialled: 0, shown: 0 } },
  ])
  t.match(
    found.slice(2).map(({ today }: { today: object }) => today),
    [
      { dialled: 0, shown: 0 },
      { dialled: 0, shown: 0 },
    ],
  )
  clock.time += 24 * HOUR
  t.match((await ask('/calls/summary')).json().numbers, [
    { number: dialled, yesterday: { dialled: 2, shown: 0 } },
    { number: shown, yesterday: { dialled: 0, shown: 1 } },
  ])
})

test('a summary of no time, of too much, or of none that there is, is refused', async (t) => {
  const { ask } = await service(t)
  const refused = async (query: string) => {
    const reply = await ask(`/calls/summary?${query}`)
    t.equal(reply.statusCode, 400)
    const { code, errors } = reply.json()
    return { code, errors }
  }
  const wrong = (field: string, message: string) => ({
    code: 'invalid_request',
    errors: [{ field, message }],
  })
  for (const query of ['from=2100-01-01T02:00:00Z', 'from=2100-01-01T00:30:00Z&to=2100-01-01T00:30:00Z'])
    t.same(await refused(query), wrong('from', 'must be before the end'))
  t.same(
    await refused('from=2099-12-01T00:00:00Z&to=2100-01-01T00:00:01Z'),
    wrong('from', 'must be at most 31 days before the end'),
  )
  t.same(await refused('to=2016-12-31T23:59:60Z'), wrong('to', 'is no time that can be read'))
  t.match(await refused('from=yesterday'), { code: 'invalid_request' })
  t.match(await refused('hours=3'), { code: 'invalid_request' })
})

test('what is not there, and who may not look', async (t) => {
  const { ask } = await service(t, {})
  t.match((await ask('/calls/none')).json(), { code: 'call_not_found' })
  t.match((await ask('/sessions/s_none/calls')).json(), { code: 'session_not_found' })
  t.match((await ask('/calls?outcome=luck')).json(), { code: 'invalid_request' })
  t.match((await ask('/calls?cursor=anywhere')).json(), { code: 'invalid_request' })
  t.equal((await ask('/calls', { authorization: 'Bearer no' } as never)).statusCode, 401)
})
