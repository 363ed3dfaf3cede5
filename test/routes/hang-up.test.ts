import type { InjectOptions } from 'fastify'
import { type Test, test } from 'tap'
import { testClock } from '../clocks.js'
import { documentCheckOnce } from '../documented.js'
import { webhook } from '../fixtures.js'
import { API, build as buildService } from '../helper.js'
import { startStandIn } from '../vobiz-stand-in.js'

const [RIDER, DRIVER] = ['+919800000001', '+919800000002']
const CALLS = ['6d0f4d2e', '7d0f4d2e', '8d0f4d2e'].map((head) => `${head}-1c3b-4a59-8e7f-90a1b2c3d4e5`)

const checkOf = documentCheckOnce()

/** The service with an account, and a session in which somebody called three times. */
async function build(t: Test, environment: Record<string, string> = {}) {
  const standIn = await startStandIn()
  t.teardown(() => standIn.close())
  const account = {
    VOBIZ_API_BASE: standIn.base,
    VOBIZ_AUTH_ID: standIn.authId,
    VOBIZ_AUTH_TOKEN: standIn.authToken,
    PUBLIC_BASE_URL: 'https://mask.example.com',
  }
  const { app, logged } = await buildService(
    t,
    { ...API.environment, ...account, ...environment },
    testClock(),
  )
  const undocumented = await checkOf(app)
  async function ask(options: InjectOptions) {
    const reply = await app.inject({ ...options, headers: API.headers })
    t.equal(undocumented(options, reply), undefined)
    return reply
  }
  const participants = [{ number: RIDER }, { number: DRIVER }]
  const { id, participants: shown } = (
    await ask({ method: 'POST', url: '/v1/sessions', payload: { participants } })
  ).json()
  for (const CallUUID of CALLS) {
    const To = `0${shown[0].masking_number.slice(3)}`
    await app.inject(webhook({ From: RIDER.slice(1), To, CallUUID, Event: 'StartApp' }))
    standIn.liveCalls.add(CallUUID)
  }
  // The beginning of a call is noted behind its answer.
  await new Promise(setImmediate)
  await new Promise(setImmediate)
  const [first = ''] = CALLS
  await app.inject(webhook({ Event: 'Hangup', CallUUID: first, HangupCauseCode: '4000', Duration: '5' }))
  return {
    standIn,
    logged,
    status: async () => (await ask({ url: `/v1/sessions/${id}` })).json().status,
    close: (payload?: object) =>
      ask({ method: 'POST', url: `/v1/sessions/${id}/close`, ...(payload && { payload }) }),
  }
}

test('hang_up ends the calls of a session that go on, and says how many', async (t) => {
  const { close, standIn } = await build(t)
  const [first] = CALLS
  const reply = await close({ hang_up: true })
  t.match(reply, { statusCode: 200 })
  t.match(reply.json(), { status: 'closed', durable: true, calls_ended: 2 })
  t.same([...standIn.liveCalls], [first], 'what had ended is not asked for')
  t.same(standIn.violations, [])
  t.match((await close({ hang_up: true })).json(), { status: 'closed', calls_ended: 0 })
})

test('without it calls go on', async (t) => {
  const { close, standIn } = await build(t)
  for (const body of [undefined, {}, { hang_up: false }]) {
    const reply = await close(body)
    t.match(reply.json(), { status: 'closed' })
    t.notOk('calls_ended' in reply.json())
  }
  t.equal(standIn.liveCalls.size, 3)
})

test('what the carrier does not end is said, and the same request ends it', async (t) => {
  const { close, standIn, status, logged } = await build(t)
  standIn.fault = (_, request) =>
    request.includes('/Call/8d') ? { status: 403, body: { error: 'of +919800000001' } } : undefined
  const reply = await close({ hang_up: true })
  t.match(reply.json(), { status: 502, code: 'calls_not_ended', calls_ended: 1, calls_left: 1 })
  t.equal(await status(), 'closed')
  t.match(logged(), /"what":"hangup","count":1,"http.response.status_code":403/)
  t.notMatch(logged(), /9800000001/)
  standIn.fault = undefined
  t.match((await close({ hang_up: true })).json(), { status: 'closed', calls_ended: 1 })
})

test('without an account nothing is done', async (t) => {
  const { close, status } = await build(t, { VOBIZ_AUTH_ID: '' })
  t.match((await close({ hang_up: true })).json(), { status: 409, code: 'no_carrier_api' })
  t.equal(await status(), 'open')
  t.match((await close()).json(), { status: 'closed' })
})
