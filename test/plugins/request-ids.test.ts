import { test } from 'tap'
import { lines, PAIR, webhook } from '../fixtures.js'
import { API, build } from '../helper.js'

const ID = 'the-id-of-a-test'
const headers = { 'x-request-id': ID }

test('every reply says which request it answers', async (t) => {
  const { app } = await build(t, API.environment)
  const call = webhook({ From: PAIR.FE, To: '09000000001' })
  const requests = [
    { ...call, headers: { ...call.headers, ...headers } },
    { url: '/answer', headers },
    { url: '/health', headers },
    { url: '/openapi.json', headers },
    { url: '/nothing-here', headers },
    { url: '/%zz', headers },
    { url: '/v1/%zz', headers },
    { url: '/v1/sessions', headers },
    { url: '/v1/sessions', headers: { ...API.headers, ...headers } },
  ]
  for (const request of requests)
    t.equal((await app.inject(request)).headers['x-request-id'], ID, request.url as string)

  const [one, other] = [await app.inject('/health'), await app.inject('/health')]
  t.match(one.headers['x-request-id'], /^[\da-f-]{36}$/)
  t.not(one.headers['x-request-id'], other.headers['x-request-id'])
})

test('a problem and all lines of a request have its id', async (t) => {
  const { app, logged } = await build(t, {
    ...API.environment,
    VOBIZ_AUTH_TOKEN: 'test_auth_token',
    PUBLIC_BASE_URL: 'https://mask.example.com',
  })
  for (const url of ['/v1/sessions', '/v1/%zz'])
    t.match((await app.inject({ url, headers })).json(), { code: 'unauthorized', request_id: ID })
  t.match((await app.inject({ url: '/v1/other', headers: { ...API.headers, ...headers } })).json(), {
    code: 'not_found',
    request_id: ID,
  })

  const call = webhook({ From: PAIR.FE, To: '09000000001' })
  const send = (more: object) => app.inject({ ...call, headers: { ...call.headers, ...headers, ...more } })
  await send({})
  await send({ 'content-type': 'text/plain' })
  await send({ 'x-vobiz-signature-v3': 'wrong', 'x-vobiz-signature-v3-nonce': '11111111111111111111' })
  t.match(lines(logged()), [
    { msg: 'call', requestId: ID },
    { msg: 'not a call', requestId: ID },
    { msg: 'webhook refused', requestId: ID },
  ])
})
