import { test } from 'tap'
import { LAST_CALLS } from '../../routes/explain.js'
import { keyLine } from '../../src/access/api-key.js'
import { createSecret } from '../../src/access/key-secret.js'
import { testClock } from '../clocks.js'
import { documentCheck } from '../documented.js'
import { PAIR } from '../fixtures.js'
import { API, build } from '../helper.js'
import { DRIVER, phoneCall, RIDER, settled, withPins } from '../pin-callers.js'

test('explain names the rule that would decide a call, and no real number', async (t) => {
  const clock = testClock()
  const { app } = await build(t, API.environment, clock)
  const undocumented = await documentCheck(app)
  const ask = async (url: string, payload: object) => {
    const request = { method: 'POST', url, headers: API.headers, payload } as const
    const reply = await app.inject(request)
    t.equal(undocumented(request, reply), undefined)
    return reply
  }
  const session = (
    await ask('/v1/sessions', { participants: [{ number: '9800000001' }, { number: '9800000002' }] })
  ).json()
  const [mine, theirs] = session.participants.map((p: { masking_number: string }) => p.masking_number)
  const free = ['+919000000011', '+919000000012', '+919000000013'].find((n) => n !== mine && n !== theirs)
  const explain = async (from: string, to: unknown, named?: string) => {
    const reply = await ask('/v1/explain', { from, to, session_id: named })
    for (const number of ['9800000001', '9800000002', PAIR.FE.slice(2)]) t.notMatch(reply.body, number)
    return reply.json()
  }

  const rider = '+91 98000 00001'
  t.match(await explain(rider, mine), {
    outcome: 'connect',
    rule: 'session',
    session_id: session.id,
    masking_number: mine,
    explanation: /open session/,
    dial_instead: [],
  })
  const refused = { outcome: 'refuse', rule: 'unknown_caller' }
  t.match(await explain(rider, theirs, session.id), { ...refused, dial_instead: [mine] })
  t.match(await explain('09800000001', free, session.id), { ...refused, dial_instead: [mine] })
  t.match(await explain('+917777700003', mine), { rule: 'unknown_caller', dial_instead: { length: 0 } })
  t.match(await explain('anonymous', mine), { rule: 'withheld_caller', masking_number: mine })
  const elsewhere = await explain(rider, '+919800000001')
  t.match(elsewhere, { outcome: 'refuse', rule: 'not_a_masking_number', dial_instead: { length: 0 } })
  t.notOk('masking_number' in elsewhere)
  const fixed = await explain(PAIR.FE, PAIR.M1)
  t.match(fixed, { outcome: 'connect', rule: 'static_pair', masking_number: `+${PAIR.M1}` })
  t.notOk('session_id' in fixed)

  await ask(`/v1/sessions/${session.id}/close`, {})
  t.match(await explain(rider, mine), {
    rule: 'session_ended',
    session_id: session.id,
    explanation: /CLOSED_MESSAGE/,
  })
  t.match(await explain(rider, theirs, session.id), { dial_instead: { length: 0 } }, 'it is over')
  t.match(await explain(rider, undefined), { code: 'invalid_request', errors: [{ field: 'to' }] })
})

test('what to dial instead is told only of the session that the asker names', async (t) => {
  const { app } = await build(t, API.environment)
  const ask = async (url: string, payload: object) =>
    (await app.inject({ method: 'POST', url, headers: API.headers, payload })).json()
  const open = (...numbers: string[]) =>
    ask('/v1/sessions', { participants: numbers.map((number) => ({ number })) })
  const mine = await open('+919800000001', '+919800000002')
  const other = await open('+919800000003', '+919800000004')
  const [number] = mine.participants.map((p: { masking_number: string }) => p.masking_number)
  // Which number a session gets depends on its random id.
  const to = ['+919000000011', '+919000000012'].find((to) => to !== number)
  const call = { from: '+919800000001', to }
  const elsewhere = (session_id?: string) => ask('/v1/explain', { ...call, session_id })

  t.match(await elsewhere(), { rule: 'unknown_caller', dial_instead: { length: 0 } }, 'without a session')
  t.match(await elsewhere(other.id), { rule: 'unknown_caller', dial_instead: { length: 0 } }, 'another one')
  t.same((await elsewhere(mine.id)).dial_instead, [number])
  t.match(await elsewhere('s_nobodyhasthissession00'), { status: 404, code: 'session_not_found' })
})

test('explain tells what became of the last call of this caller, and when their session ended', async (t) => {
  const { text, id: keyId, hash } = createSecret()
  const desk = keyLine({ name: 'desk', scopes: ['explain'], origin: 'configuration', id: keyId, hash })
  const service = await withPins(t, { PIN_LENGTH: undefined, API_KEY_HASHES: desk })
  const { app, clock } = service
  const undocumented = await documentCheck(app)
  const explain = async (from: string, to: string, headers: Record<string, string> = API.headers) => {
    const request = { method: 'POST', url: '/v1/explain', headers, payload: { from, to } } as const
    const reply = await app.inject(request)
    t.equal(undocumented(request, reply), undefined)
    for (const number of [RIDER, DRIVER]) t.notMatch(reply.body, number.slice(2))
    return reply.json()
  }
  const { id, participants } = await service.open()
  const [own, others] = participants.map(({ masking_number }) => masking_number) as [string, string]
  const dial = async (from: string, to: string) => {
    clock.time += 1_000
    const call = phoneCall(service, from, to)
    await call.dial()
    await settled()
    return (await service.api('GET', `/v1/calls/${call.id}`)).json()
  }

  const never = await explain(RIDER, own)
  t.notOk('last_call' in never || 'session_ended_at' in never)
  await dial(RIDER, own)
  const [ofRider, ofDriver] = [await dial(RIDER, own), await dial(DRIVER, others)]
  t.match([ofRider, ofDriver], [{ caller: 0 }, { caller: 1 }])
  t.same((await explain(RIDER, own)).last_call, ofRider)
  t.same((await explain(DRIVER, others)).last_call, ofDriver)
  t.notOk('last_call' in (await explain(PAIR.FE, PAIR.M1)), 'the static pair is no session')
  t.notOk('last_call' in (await explain(RIDER, others)), 'nor is a refusal of a stranger')
  const restricted = { authorization: `Bearer ${text}` }
  t.same(
    Object.keys(await explain(RIDER, own, restricted)),
    Object.keys(never),
    'a key that may not read calls',
  )

  const ended = new Date(clock.time).toISOString()
  await service.api('POST', `/v1/sessions/${id}/close`)
  await dial(RIDER, own)
  const over = { rule: 'session_ended', session_id: id, session_ended_at: ended }
  t.match(await explain(RIDER, own), { ...over, last_call: ofRider })
  const told = await explain(DRIVER, others, restricted)
  t.match(told, over)
  t.notOk('last_call' in told)
})

test('where others have called since, the last call of a caller is not looked for without end', async (t) => {
  const service = await withPins(t, { PIN_LENGTH: undefined })
  const { participants } = await service.open()
  const [own, others] = participants.map(({ masking_number }) => masking_number) as [string, string]
  const dial = async (from: string, to: string) => {
    service.clock.time += 1_000
    await phoneCall(service, from, to).dial()
    await settled()
  }
  const lastOf = async (from: string, to: string) =>
    (await service.api('POST', '/v1/explain', { from, to })).json().last_call
  await dial(RIDER, own)
  for (let i = 1; i < LAST_CALLS; i += 1) await dial(DRIVER, others)
  t.match(await lastOf(RIDER, own), { caller: 0 })
  await dial(DRIVER, others)
  t.equal(await lastOf(RIDER, own), undefined)
})
