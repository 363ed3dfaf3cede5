import { test } from 'tap'
import { API, build } from '../helper.js'

const [RIDER, DRIVER] = ['+919800000001', '+919800000002']
const participants = [{ number: RIDER }, { number: DRIVER }]

test('no value in a JSON body is coerced to another type', async (t) => {
  const { app } = await build(t, API.environment)
  const ask = async (method: 'POST' | 'PATCH' | 'PUT', url: string, payload: object | string) => {
    const headers = { ...API.headers, 'content-type': 'application/json' }
    return app.inject({
      method,
      url,
      headers,
      payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
    })
  }
  const sessions = '/v1/sessions'
  const cases: [
    'POST' | 'PATCH' | 'PUT',
    url: string,
    body: object | string,
    field: string,
    message: RegExp,
  ][] = [
    [
      'POST',
      sessions,
      { participants: [{ number: 919800000001 }, { number: DRIVER }] },
      'participants.0.number',
      /a string, in quotes/,
    ],
    [
      'POST',
      sessions,
      { participants: [{ number: RIDER }, { number: null }] },
      'participants.1.number',
      /a string/,
    ],
    ['POST', sessions, { participants: { 0: RIDER, 1: DRIVER } }, 'participants', /a list/],
    ['POST', sessions, { participants: [RIDER, DRIVER] }, 'participants.0', /a JSON object/],
    ['POST', sessions, { participants, expires_in: '3600' }, 'expires_in', /an integer, without quotes/],
    ['POST', sessions, { participants, expires_in: 3600.5 }, 'expires_in', /an integer/],
    ['POST', sessions, { participants, expires_in: null }, 'expires_in', /an integer/],
    ['POST', sessions, { participants, expires_at: 4102444800 }, 'expires_at', /a string/],
    ['POST', sessions, { participants, external_id: 42 }, 'external_id', /a string/],
    ['POST', sessions, { participants, external_id: ['a'] }, 'external_id', /a string/],
    ['POST', sessions, { participants, metadata: { n: 1 } }, 'metadata', /a string/],
    ['POST', sessions, { participants, metadata: { x: null } }, 'metadata', /a string/],
    ['POST', sessions, { participants, metadata: { x: true } }, 'metadata', /a string/],
    ['POST', sessions, { participants, metadata: 'x' }, 'metadata', /a JSON object/],
    [
      'POST',
      sessions,
      { participants, allow_short_rest: 'true' },
      'allow_short_rest',
      /true or false, without quotes/,
    ],
    ['POST', sessions, { participants, allow_short_rest: 1 }, 'allow_short_rest', /true or false/],
    ['POST', sessions, { participants, x: null }, '', /the body has a field that is not known/],
    ['POST', sessions, {}, 'participants', /is missing/],
    ['POST', sessions, 'null', '', /the body must be a JSON object/],
    ['POST', sessions, '"x"', '', /the body must be a JSON object/],
    ['POST', sessions, '', '', /the body must be a JSON object/],
    ['PATCH', `${sessions}/s_1`, { expires_in: '3600' }, 'expires_in', /an integer/],
    [
      'PATCH',
      `${sessions}/s_1`,
      { participants: [{}, { number: 9800000001 }] },
      'participants.1.number',
      /a string/,
    ],
    ['PATCH', `${sessions}/s_1`, '[]', '', /a JSON object/],
    ['PUT', '/v1/numbers/+919000000011', { state: 'gone' }, 'state', /one of active, draining/],
    ['PUT', '/v1/numbers/+919000000011', { state: ['active'] }, 'state', /a string|one of/],
    ['POST', '/v1/explain', { from: 9800000001, to: '' }, 'from', /a string/],
    ['POST', '/v1/simulations', { session_id: 's_1', caller: '0' }, 'caller', /an integer|one of 0, 1/],
  ]
  for (const [method, url, body, field, message] of cases) {
    const reply = await ask(method, url, body)
    const what = JSON.stringify(body).slice(0, 80)
    t.match(
      reply.json(),
      { status: 400, code: 'invalid_request', errors: [{ field }], detail: message },
      what,
    )
    t.equal(reply.headers['content-type'], 'application/problem+json; charset=utf-8')
    const { request_id: id, ...problem } = reply.json()
    t.match(id, /^[0-9a-f-]+$/)
    t.notMatch(
      JSON.stringify(problem).replace(RIDER, ''),
      /9800000001|3600/,
      'nothing of the request is quoted',
    )
  }
  t.same((await app.inject({ url: sessions, headers: API.headers })).json().sessions, [])
})

test('a query is text, so its values are converted', async (t) => {
  const { app } = await build(t, API.environment)
  const ask = async (query: string) =>
    (await app.inject({ url: `/v1/sessions?${query}`, headers: API.headers })).json()
  t.match(await ask('limit=50'), { sessions: { length: 0 } })
  t.match(await ask('limit=x'), { status: 400, errors: [{ field: 'limit' }], detail: /an integer/ })
  t.match(await ask('limit=1&limit=2'), { status: 400, errors: [{ field: 'limit' }] })
})
