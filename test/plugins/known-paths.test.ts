import { test } from 'tap'
import { API, build } from '../helper.js'

test('an unknown path is refused, and an unknown method with the methods that are allowed', async (t) => {
  const { app, logged } = await build(t, API.environment)
  const ask = async (
    method: string,
    url: string,
    { payload = '', ...headers }: Record<string, string> = {},
  ) => app.inject({ method: method as 'GET', url, headers: { ...API.headers, ...headers }, payload })
  const json = { 'content-type': 'application/json' }

  for (const url of [
    '/v1',
    '/v1/',
    '/v1/nothing',
    '/v1/sessions/',
    '/v1/sessions/a/b/c',
    '/v1/x?y=/v1/status',
  ]) {
    for (const method of ['GET', 'POST', 'DELETE', 'OPTIONS', 'PROPFIND']) {
      const reply = await ask(method, url, { ...json, payload: '{' })
      t.match(reply.json(), { status: 404, code: 'not_found' }, `${method} ${url}`)
      t.equal(reply.headers['content-type'], 'application/problem+json; charset=utf-8')
    }
  }

  const paths: [url: string, allow: string][] = [
    ['/v1/sessions', 'POST, GET, HEAD'],
    ['/v1/sessions?limit=1', 'POST, GET, HEAD'],
    ['/v1/sessions/s_1', 'GET, HEAD, PATCH'],
    ['/v1/sessions/s_1/close', 'POST'],
    ['/v1/numbers', 'GET, HEAD, POST'],
    ['/v1/numbers/+919000000011', 'PUT, DELETE'],
    ['/v1/explain', 'POST'],
    ['/v1/simulations', 'POST'],
    ['/v1/status', 'GET, HEAD'],
  ]
  for (const [url, allow] of paths) {
    const wrong = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'].filter(
      (m) => !allow.includes(m),
    )
    for (const method of wrong) {
      const reply = await ask(method, url, { 'content-type': 'text/none', payload: 'x' })
      t.match(reply.json(), { status: 405, code: 'method_not_allowed' }, `${method} ${url}`)
      t.same(reply.headers.allow?.split(', ').sort(), allow.split(', ').sort())
      t.match(reply.json().detail, allow.split(', ')[0])
    }
  }
  t.equal(
    (await app.inject({ method: 'DELETE', url: '/v1/sessions' })).statusCode,
    401,
    'the key is checked first',
  )
  t.equal(logged(), '')
})

test('HEAD works wherever GET does, with the same status, type and length but no body', async (t) => {
  const { app } = await build(t, API.environment)
  for (const url of [
    '/v1/sessions',
    '/v1/sessions/s_1',
    '/v1/numbers',
    '/v1/status',
    '/v1/sessions?limit=0',
    '/openapi.json',
    '/docs',
    '/health',
    '/health/ready',
  ]) {
    const [get, head] = [
      await app.inject({ method: 'GET', url, headers: API.headers }),
      await app.inject({ method: 'HEAD', url, headers: API.headers }),
    ]
    t.equal(head.statusCode, get.statusCode, url)
    t.equal(head.headers['content-type'], get.headers['content-type'])
    t.equal(head.headers['content-length'], get.headers['content-length'])
    t.equal(head.body, '')
  }
  t.match(await app.inject({ method: 'HEAD', url: '/v1/status' }), { statusCode: 401, body: '' })
})

test('a request that accepts none of our types is refused before it has any effect', async (t) => {
  const { app } = await build(t, API.environment)
  const statusWith = async (accept: string) => {
    const reply = await app.inject({ url: '/v1/status', headers: { ...API.headers, accept } })
    return reply.statusCode === 406 ? reply.json().code : reply.statusCode
  }
  const taken = [
    '*/*',
    'application/json',
    'APPLICATION/JSON',
    'application/*',
    'application/json; charset=utf-8',
    'application/problem+json',
    'text/html, application/xhtml+xml, */*;q=0.1',
    'text/html,application/json;q=0.9',
    '',
  ]
  for (const accept of taken) t.equal(await statusWith(accept), 200, accept)
  for (const accept of [
    'text/html',
    'application/xml, text/*',
    'application/json;q=0',
    'application/json;v=2',
  ])
    t.equal(await statusWith(accept), 'not_acceptable', accept)

  const participants = [{ number: '+919800000001' }, { number: '+919800000002' }]
  const headers = { ...API.headers, accept: 'application/xml' }
  await app.inject({ method: 'POST', url: '/v1/sessions', headers, payload: { participants } })
  const { sessions } = (await app.inject({ url: '/v1/sessions', headers: API.headers })).json()
  t.same(sessions, [], 'no session was opened')
})
