import { fastify } from 'fastify'
import fp from 'fastify-plugin'
import { test } from 'tap'
import apiGate, { BURST_SECONDS, EXPLAIN_BURST, EXPLAIN_KEYS } from '../../plugins/api-gate.js'
import { keyLine } from '../../src/access/api-key.js'
import { createSecret } from '../../src/access/key-secret.js'
import { SCOPES, type Scope } from '../../src/access/scopes.js'
import { SAMPLE_INTERVAL_MS } from '../../src/access/subject-sampler.js'
import { FREE_WRONG_KEYS } from '../../src/access/wrong-keys.js'
import { testClock } from '../clocks.js'
import { documentCheck } from '../documented.js'
import { lines } from '../fixtures.js'
import { API, build } from '../helper.js'

const [KEY, SECOND] = ['k'.repeat(22), 's'.repeat(40)]

test('the API admits only requests with a valid key', async (t) => {
  const { app } = await build(t, { ...API.environment, API_KEYS: `${KEY}, ${SECOND}` })
  // Each asker comes from an address of their own, or they would be told to wait.
  let askers = 0
  const statusWith = async (authorization: string | undefined, url = '/v1/numbers') => {
    askers += 1
    const headers = { ...(authorization !== undefined && { authorization }) }
    return (await app.inject({ url, headers, remoteAddress: `10.0.0.${askers}` })).statusCode
  }

  for (const key of [KEY, SECOND]) {
    t.equal(await statusWith(`Bearer ${key}`), 200)
    t.equal(await statusWith(`bearer  ${key}`), 200)
  }
  const wrong = [
    undefined,
    '',
    'Bearer',
    'Bearer ',
    KEY,
    `Basic ${KEY}`,
    `Bearer ${KEY}x`,
    `Bearer ${KEY.slice(1)}`,
  ]
  for (const authorization of [...wrong, `Bearer ${KEY}, ${SECOND}`, `Bearer ${'é'.repeat(22)}`]) {
    t.equal(await statusWith(authorization), 401, String(authorization))
    t.equal(
      await statusWith(authorization, '/v1/nothing'),
      401,
      'a stranger does not learn which paths there are',
    )
  }
  const refused = await app.inject('/v1/numbers')
  t.match(refused.headers, { 'www-authenticate': 'Bearer', 'content-type': /problem\+json/ })
  t.match(refused.json(), { status: 401, code: 'unauthorized' })
})

test('without keys the API does not exist', async (t) => {
  const { app } = await build(t, { ...API.environment, API_KEYS: '' })
  for (const url of ['/v1/numbers', '/v1/sessions', '/openapi.json', '/docs']) {
    t.match(
      await app.inject({ url, headers: API.headers }),
      { statusCode: 404, body: '{"error":"not found"}' },
      url,
    )
  }
})

/** A key of the configuration, with its line. */
function made(name: string, scopes: readonly Scope[], expiresAt?: number) {
  const { text, id, hash } = createSecret()
  const line = keyLine({ name, scopes, origin: 'configuration', expiresAt, id, hash })
  return { line, headers: { authorization: `Bearer ${text}` }, text }
}

test('every route of the API declares the scope that it needs', async (t) => {
  const { app } = await build(t, API.environment)
  const document = (await app.inject({ url: '/openapi.json', headers: API.headers })).json()
  const operations = Object.entries<Record<string, { security: object; responses: object }>>(
    document.paths,
  ).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { security, responses }]) => ({
      path,
      method,
      security,
      responses,
    })),
  )
  t.same(
    Object.fromEntries(operations.map(({ path, method, security }) => [`${method} ${path}`, security])),
    {
      'post /v1/sessions': [{ key: ['sessions:write'] }],
      'get /v1/sessions': [{ key: ['sessions:read'] }],
      'get /v1/sessions/{id}': [{ key: ['sessions:read'] }],
      'patch /v1/sessions/{id}': [{ key: ['sessions:write'] }],
      'post /v1/sessions/{id}/close': [{ key: ['sessions:write'] }],
      'get /v1/calls': [{ key: ['calls:read'] }],
      'get /v1/calls/summary': [{ key: ['calls:read'] }],
      'get /v1/calls/{id}': [{ key: ['calls:read'] }],
      'get /v1/sessions/{id}/calls': [{ key: ['calls:read'] }],
      'get /v1/events': [{ key: ['events:read'] }],
      'post /v1/webhooks': [{ key: ['webhooks:write'] }],
      'get /v1/webhooks': [{ key: ['webhooks:read'] }],
      'get /v1/webhooks/{id}': [{ key: ['webhooks:read'] }],
      'patch /v1/webhooks/{id}': [{ key: ['webhooks:write'] }],
      'delete /v1/webhooks/{id}': [{ key: ['webhooks:write'] }],
      'post /v1/webhooks/{id}/rotate-secret': [{ key: ['webhooks:write'] }],
      'post /v1/webhooks/{id}/test': [{ key: ['webhooks:write'] }],
      'post /v1/webhooks/{id}/redeliver': [{ key: ['webhooks:write'] }],
      'get /v1/deliveries': [{ key: ['events:read'] }],
      'post /v1/deliveries/{id}/redeliver': [{ key: ['webhooks:write'] }],
      'get /v1/calls/{id}/recording': [{ key: ['calls:read'] }],
      'delete /v1/calls/{id}/recording': [{ key: ['people:erase'] }],
      'get /v1/numbers': [{ key: ['sessions:read'] }],
      'get /v1/capacity': [{ key: ['sessions:read'] }],
      'post /v1/numbers': [{ key: ['numbers:write'] }],
      'delete /v1/numbers/{number}': [{ key: ['numbers:write'] }],
      'put /v1/numbers/{number}': [{ key: ['numbers:write'] }],
      'post /v1/sessions/search': [{ key: ['people:read'] }],
      'post /v1/people/erase': [{ key: ['people:erase'] }],
      'post /v1/explain': [{ key: ['explain'] }],
      'post /v1/simulations': [{ key: ['explain'] }],
      'post /v1/keys': [{ key: ['admin'] }],
      'get /v1/keys': [{ key: ['admin'] }],
      'delete /v1/keys/{name}': [{ key: ['admin'] }],
      'get /v1/numbers/account': [{ key: ['numbers:write'] }],
      'get /v1/me': [{ key: [] }],
      'get /v1/audit': [{ key: ['admin'] }],
      'post /v1/checkup': [{ key: ['admin'] }],
      'get /v1/status': [{ key: [] }],
    },
  )
})

test('a route that names no scope does not come to be', async (t) => {
  const app = fastify()
  t.teardown(() => app.close())
  app.decorate('access', {} as never)
  app.decorate('config', { API_RATE: 1, EXPLAIN_RATE: 1 } as never)
  app.decorate('clock', testClock())
  app.decorate('sharedStore', undefined)
  for (const name of ['access', 'meter', 'problems']) app.register(fp(async () => undefined, { name }))
  app.register(apiGate)
  app.register(async (routes) => {
    routes.get('/open', async () => 'to everybody')
  })
  await t.rejects(async () => app.ready(), { message: '/open does not say which scope it needs' })
})

test('a key does what its scopes say, and is told what it lacks', async (t) => {
  const keys = SCOPES.map((scope) => ({ scope, ...made(scope.replace(':', '-'), [scope]) }))
  const { app } = await build(t, {
    ...API.environment,
    API_KEYS: '',
    API_KEY_HASHES: keys.map(({ line }) => line).join(', '),
  })
  const admin = keys.find(({ scope }) => scope === 'admin')?.headers ?? {}
  const undocumented = await documentCheck(app, admin)
  const document = (await app.inject({ url: '/openapi.json', headers: admin })).json()
  for (const [path, methods] of Object.entries<Record<string, { security: { key: string[] }[] }>>(
    document.paths,
  )) {
    for (const [method, { security }] of Object.entries(methods)) {
      const [needed] = security[0]?.key ?? []
      const url = path.replace(/\{\w+\}/, 'x')
      for (const { scope, headers } of keys) {
        const request = { method: method.toUpperCase() as 'GET', url, headers }
        const reply = await app.inject(request)
        const isAllowed = needed === undefined || scope === 'admin' || scope === needed
        t.equal(reply.statusCode === 403, !isAllowed, `${method} ${url} with ${scope}`)
        if (isAllowed) continue
        t.match(reply.json(), { code: 'missing_scope', scope: needed, detail: new RegExp(String(needed)) })
        t.equal(reply.headers['www-authenticate'], `Bearer error="insufficient_scope", scope="${needed}"`)
        t.equal(undocumented({ ...request, url: path.replace(/\{\w+\}/, 'x') }, reply), undefined)
      }
    }
  }
  t.match(await app.inject({ url: '/v1/nothing', headers: keys[0]?.headers ?? {} }), { statusCode: 404 })
  t.match(await app.inject({ method: 'HEAD', url: '/v1/keys', headers: keys[0]?.headers ?? {} }), {
    statusCode: 403,
  })
  t.match(await app.inject({ method: 'HEAD', url: '/v1/keys', headers: admin ?? {} }), { statusCode: 200 })
})

test('an expired key is refused with the reason, and a key whose secret is wrong without one', async (t) => {
  const clock = testClock()
  const key = made('support', ['sessions:read'], clock.time + 1_000)
  const { app, audited } = await build(t, { ...API.environment, API_KEY_HASHES: key.line }, clock)
  const ask = (headers: Record<string, string>) => app.inject({ url: '/v1/numbers', headers })
  t.equal((await ask(key.headers)).statusCode, 200)
  clock.time += 1_000
  const expired = await ask(key.headers)
  t.match(expired.json(), { status: 401, code: 'unauthorized', detail: /has expired/ })
  t.equal(expired.headers['www-authenticate'], 'Bearer error="invalid_token"')
  const other = key.text.slice(0, -1) + (key.text.endsWith('A') ? 'B' : 'A')
  t.match((await ask({ authorization: `Bearer ${other}` })).json(), { status: 401, detail: /does not know/ })
  t.match(
    lines(audited().join('\n')).map(({ event, key, source, count }) => ({ event, key, source, count })),
    [
      { event: 'start' },
      { event: 'request', key: 'support' },
      { event: 'expired_key', key: 'support', count: 1 },
      { event: 'wrong_key', source: '127.0.0.1', count: 1 },
    ],
  )
})

test('a key may send its rate and a burst, and is told how much is left', async (t) => {
  const clock = testClock()
  const { app, audited } = await build(t, { ...API.environment, API_RATE: '2' }, clock)
  const undocumented = await documentCheck(app)
  const request = { url: '/v1/status', headers: API.headers } as const
  const ask = () => app.inject(request)
  const burst = 2 * BURST_SECONDS
  for (let left = burst - 1; left >= 0; left--) {
    const { statusCode, headers } = await ask()
    t.equal(statusCode, 200)
    t.match(headers, {
      'ratelimit-policy': `"api";q=${burst};w=${BURST_SECONDS}`,
      ratelimit: new RegExp(`^"api";r=${left};t=\\d$`),
    })
  }
  for (let i = 0; i < 3; i++) {
    const refused = await ask()
    t.match(refused, { statusCode: 429, headers: { 'retry-after': '1', ratelimit: '"api";r=0;t=1' } })
    t.match(refused.json(), { code: 'rate_limited', detail: /Wait 1 s/ })
    t.equal(undocumented(request, refused), undefined)
  }
  clock.time += 500
  t.equal((await ask()).statusCode, 200)
  t.equal((await ask()).statusCode, 429)

  await clock.tick(SAMPLE_INTERVAL_MS)
  const told = lines(audited().join('\n')).filter(({ event }) => event === 'rate_limited')
  t.match(told, [
    { key: 'environment-1', count: 1 },
    { key: 'environment-1', count: 3 },
  ])
  t.equal(audited().filter((line) => line.includes('"request"')).length, burst + 1)
})

test('explain has limits of its own: of each key, and of all together', async (t) => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f']
  const keys = names.map((name) => made(name, ['explain', 'sessions:read']))
  const { app, audited } = await build(
    t,
    { ...API.environment, API_KEY_HASHES: keys.map(({ line }) => line).join() },
    testClock(),
  )
  const explain = async (headers: Record<string, string>) =>
    app.inject({ method: 'POST', url: '/v1/explain', headers, payload: { from: '1', to: '2' } })
  const statuses: number[] = []
  for (const { headers } of keys)
    for (let i = 0; i <= EXPLAIN_BURST; i++) statuses.push((await explain(headers)).statusCode)
  const [first = API] = keys
  t.same(statuses.slice(0, EXPLAIN_BURST + 1), [...Array(EXPLAIN_BURST).fill(200), 429], 'each by itself')
  t.equal(statuses.filter((status) => status === 200).length, EXPLAIN_BURST * EXPLAIN_KEYS, 'all together')
  t.match((await explain(first.headers)).headers, {
    'ratelimit-policy': `"explain";q=${EXPLAIN_BURST};w=${EXPLAIN_BURST}`,
  })
  t.equal((await app.inject({ url: '/v1/numbers', headers: first.headers })).statusCode, 200)
  const asked = lines(audited().join('\n')).filter(({ operation }) => operation === 'explainCall')
  t.equal(asked.length, EXPLAIN_BURST * EXPLAIN_KEYS, 'one line each')
})

test('whoever tries keys waits longer and longer, and nobody else does', async (t) => {
  const clock = testClock()
  const { app, audited } = await build(t, API.environment, clock)
  const guess = (remoteAddress = '10.0.0.1') =>
    app.inject({ url: '/v1/numbers', headers: { authorization: `Bearer ${'x'.repeat(30)}` }, remoteAddress })
  for (let i = 0; i < FREE_WRONG_KEYS; i++) t.equal((await guess()).statusCode, 401)
  for (const wait of ['1', '2', '4']) {
    t.match(await guess(), { statusCode: 429, headers: { 'retry-after': wait } })
    clock.time += Number(wait) * 1_000 - 1
    t.match(await guess(), { statusCode: 429, headers: { 'retry-after': '1' } }, 'not a moment before')
    clock.time += 1
  }
  t.equal((await guess('10.0.0.2')).statusCode, 401, 'another address')
  t.equal(
    (await app.inject({ url: '/v1/numbers', headers: API.headers, remoteAddress: '10.0.0.1' })).statusCode,
    200,
    'a right key comes in from everywhere',
  )
  await clock.tick(SAMPLE_INTERVAL_MS)
  const told = lines(audited().join('\n')).filter(({ event }) => event === 'wrong_key')
  t.match(told, [
    { source: '10.0.0.1', count: 1 },
    { source: '10.0.0.2', count: 1 },
    { source: '10.0.0.1', count: FREE_WRONG_KEYS + 5 },
  ])
})

test('no line of the audit trail holds what a request says', async (t) => {
  const { app, audited } = await build(t, API.environment)
  const number = '919800000001'
  const ask = (method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE', url: string, payload?: object) =>
    app.inject({
      method,
      url,
      headers: { ...API.headers, 'x-forwarded-for': number, 'user-agent': number, 'x-request-id': number },
      ...(payload && { payload }),
    })
  const participants = [{ number: `+${number}` }, { number: '+919800000002' }]
  const { id } = (await ask('POST', '/v1/sessions', { participants, external_id: 'ride-42' })).json()
  await ask('GET', `/v1/sessions/${id}`)
  await ask('GET', `/v1/sessions/${number}`)
  await ask('GET', `/v1/sessions/s_${number}0000000000`)
  await ask('GET', `/v1/${number}`)
  await ask('GET', `/v1/sessions?external_id=${number}`)
  await ask('PATCH', `/v1/sessions/${id}`, { participants: [{}, { number: '+919800000001' }] })
  await ask('PUT', `/v1/numbers/${number}`, { state: 'draining' })
  await ask('DELETE', `/v1/keys/${number}`)
  await ask('POST', '/v1/explain', { from: number, to: number, session_id: id })
  await ask('POST', '/v1/explain', { from: number, to: number, session_id: number })
  await ask('POST', '/v1/simulations', { from: number, to: number })
  await ask('POST', '/v1/simulations', { session_id: id, caller: 0 })
  await ask('POST', `/v1/sessions/${id}/close`)
  for (const part of [number, number.slice(2), 'ride-42', '9800000002']) t.notMatch(audited().join(), part)
  const told = lines(audited().join('\n')).filter(({ event }) => event === 'request')
  t.same(
    told.map(({ operation = '-', session = '-', status, code = '-' }) => [operation, session, status, code]),
    [
      ['createSession', id, 201, '-'],
      ['getSession', id, 200, '-'],
      ['getSession', '-', 404, 'session_not_found'],
      ['getSession', '-', 404, 'session_not_found'],
      ['-', '-', 404, 'not_found'],
      ['listSessions', '-', 200, '-'],
      ['changeSession', id, 422, 'equal_participants'],
      ['changeNumber', '-', 404, 'number_not_in_pool'],
      ['revokeKey', '-', 404, 'key_not_found'],
      ['explainCall', id, 200, '-'],
      ['explainCall', '-', 404, 'session_not_found'],
      ['simulateCall', '-', 200, '-'],
      ['simulateCall', id, 200, '-'],
      ['closeSession', id, 200, '-'],
    ],
  )
  t.match(told[0], { key: 'environment-1', source: '127.0.0.1', request: /./ })
})
