import { test } from 'tap'
import { FREE_WRONG_KEYS } from '../../src/access/wrong-keys.js'
import { API, build } from '../helper.js'

const BAD_URLS = ['%ff', '%', '%zz', '%E0%A4', '%c0%ae', '918888800001%zz']

test('an API URL that cannot be decoded is answered with a problem, after the key was checked', async (t) => {
  const { app, logged } = await build(t, API.environment)
  // Each stranger comes from an address of their own, or they would be told to wait.
  let strangers = 0
  for (const part of BAD_URLS) {
    for (const url of [`/v1/sessions/${part}`, `/v1/sessions/${part}/close`, `/v1/numbers/${part}`]) {
      for (const method of ['GET', 'POST', 'PUT', 'DELETE'] as const) {
        const reply = await app.inject({ method, url, headers: API.headers })
        t.match(reply.json(), { status: 400, code: 'invalid_url' }, `${method} ${url}`)
        t.equal(reply.headers['content-type'], 'application/problem+json; charset=utf-8')
        t.notMatch(reply.body, '8888800001')

        strangers += 1
        const stranger = await app.inject({ method, url, remoteAddress: `10.0.0.${strangers}` })
        t.match(stranger.json(), { status: 401, code: 'unauthorized' }, 'the key is checked first')
        t.match(stranger.headers, { 'www-authenticate': 'Bearer', 'content-type': /problem\+json/ })
      }
    }
  }
  t.equal(logged(), '')
})

test('such a request is counted and audited like any other', async (t) => {
  const { app, audited } = await build(t, API.environment)
  await app.inject({ url: '/v1/sessions/918888800001%zz', headers: API.headers })
  t.match(audited().map((line) => JSON.parse(line))[1], {
    event: 'request',
    key: 'environment-1',
    source: '127.0.0.1',
    status: 400,
    code: 'invalid_url',
  })
  t.notMatch(audited().join(), '8888800001')
  for (let i = 0; i < FREE_WRONG_KEYS; i++) await app.inject('/v1/sessions/%ff')
  t.match(await app.inject('/v1/sessions/%ff'), { statusCode: 429, headers: { 'retry-after': '1' } })
})

test('a URL that cannot be decoded gets a plain 400 outside the API, or when there is no API', async (t) => {
  const { app } = await build(t, API.environment)
  const plain = { statusCode: 400, body: '{"error":"bad request"}' }
  for (const url of ['/%ff', '/answer/%ff', '/v2/%ff', '/v1%ff'])
    t.match(await app.inject({ url, headers: API.headers }), plain, url)
  const { app: without } = await build(t)
  t.match(await without.inject({ url: '/v1/sessions/%ff', headers: API.headers }), plain)
})

test('a path parameter is validated by its route, however long it is', async (t) => {
  const { app } = await build(t, API.environment)
  for (const length of [65, 101, 15_000]) {
    for (const path of [`/v1/sessions/${'x'.repeat(length)}`, `/v1/numbers/${'1'.repeat(length)}`]) {
      const method = path.includes('numbers') ? 'PUT' : 'GET'
      const payload = method === 'PUT' ? { payload: { state: 'active' } } : {}
      const reply = await app.inject({ method, url: path, headers: API.headers, ...payload })
      const isShort = length < 101 && method === 'PUT'
      t.match(
        reply.json(),
        isShort ? { status: 404 } : { status: 400, code: 'invalid_request', title: /path/ },
      )
      t.equal((await app.inject({ method, url: path, ...payload })).statusCode, 401)
    }
  }
})
