import { request as httpRequest } from 'node:http'
import fc from 'fast-check'
import type { InjectOptions } from 'fastify'
import { test } from 'tap'
import { SAMPLE_MS } from '../../src/sampler.js'
import { NONCE_RETRY_MS } from '../../src/vobiz/nonces.js'
import { signature, signatureHeaders } from '../../src/vobiz/signature.js'
import { testClock } from '../clocks.js'
import { FE_REACHES_CUSTOMER, lines, PAIR, webhook } from '../fixtures.js'
import { build } from '../helper.js'

const TOKEN = 'test_auth_token'
const BASE = 'https://mask.example.com'
const SIGNED = { VOBIZ_AUTH_TOKEN: TOKEN, PUBLIC_BASE_URL: BASE }
const REQUIRED = { ...SIGNED, WEBHOOK_AUTH: 'required' }
const SECRET = 'a-secret-of-more-than-128-bits'

const call = webhook({ From: PAIR.FE, To: '09000000001' })

/** The call with these additional headers, at this path. */
function request(headers: Record<string, string> = {}, path = '/answer'): InjectOptions {
  return { ...call, url: path, headers: { ...call.headers, ...headers } }
}

const signed = (path = '/answer', token = TOKEN) => request(signatureHeaders(BASE + path, token), path)

test('WEBHOOK_AUTH=required refuses every request without a valid signature', async (t) => {
  const { app, logged } = await build(t, REQUIRED)
  t.match(await app.inject(signed()), { statusCode: 200, body: FE_REACHES_CUSTOMER })
  t.match(lines(logged()), [{ msg: 'call', signed: true }])

  const refused = [
    request(),
    signed('/answer', 'another token'),
    request(signatureHeaders(`${BASE}/other`, TOKEN)),
    request(signatureHeaders('https://evil.example.com/answer', TOKEN)),
    { ...request(), method: 'GET' as const },
    { ...request({}, '/answer/other') },
    { ...request(), payload: 'a'.repeat(20_000) },
    { ...request(), headers: { 'content-type': 'application/json' } },
  ]
  for (const stranger of refused) {
    const reply = await app.inject(stranger)
    t.equal(reply.statusCode, 403)
    t.equal(reply.body, '')
  }
})

test('a signed request that is not a call is told what is wrong with it', async (t) => {
  const { app } = await build(t, REQUIRED)
  const cases = [
    [{ ...signed(), method: 'GET' as const, payload: undefined as never }, 405],
    [signed('/answer/other'), 404],
    [{ ...signed(), payload: 'From=1' }, 400],
  ] as const
  for (const [request, status] of cases) {
    const reply = await app.inject(request)
    t.equal(reply.statusCode, status)
    t.match(reply.body, '<Response><Speak>')
  }
})

test('production requires signatures, which do not cover the query', async (t) => {
  const { app } = await build(t, { ...SIGNED, NODE_ENV: 'production' })
  t.equal((await app.inject(request())).statusCode, 403)
  const headers = signatureHeaders(`${BASE}/answer`, TOKEN)
  t.equal((await app.inject(request(headers, '/answer?a=b'))).body, FE_REACHES_CUSTOMER)
})

test('where signatures are optional, an unsigned call is answered and a wrong signature refused', async (t) => {
  const { app, logged, startLog } = await build(t, SIGNED)
  t.equal((await app.inject(request())).body, FE_REACHES_CUSTOMER)
  t.equal((await app.inject(signed())).body, FE_REACHES_CUSTOMER)
  t.equal((await app.inject(signed('/answer', 'another token'))).statusCode, 403)
  t.match(lines(logged()), [{ signed: false }, { signed: true }, { refusal: 'wrong-signature', count: 1 }])
  t.equal(lines(startLog).filter(({ level }) => level === 'warn').length, 1, 'one warning at the start')
})

test('optional without a token: what cannot be checked says nothing, and a warning tells so', async (t) => {
  const { app, logged, startLog } = await build(t)
  for (const genuine of [request(), signed(), signed('/answer', 'another token')]) {
    t.equal((await app.inject(genuine)).body, FE_REACHES_CUSTOMER)
  }
  t.match(lines(logged()), [{ signed: false }, { signed: false }, { signed: false }])
  t.match(startLog, /a signed webhook counts as unsigned: set VOBIZ_AUTH_TOKEN/)
  t.notMatch((await build(t, SIGNED)).startLog, 'counts as unsigned')
})

test('a path in PUBLIC_BASE_URL is part of the signed URL', async (t) => {
  for (const base of [`${BASE}/calls`, `${BASE}/calls/`]) {
    const { app } = await build(t, { ...REQUIRED, PUBLIC_BASE_URL: base })
    t.equal((await app.inject(request(signatureHeaders(`${BASE}/calls/answer`, TOKEN)))).statusCode, 200)
    t.equal((await app.inject(signed())).statusCode, 403)
  }
})

test('a refusal is counted, and logged without headers, path or numbers', async (t) => {
  const clock = testClock()
  const { app, logged } = await build(t, { ...REQUIRED, WEBHOOK_PATH_SECRET: SECRET }, clock)
  for (let i = 0; i < 3; i++)
    await app.inject(request({ 'x-number': PAIR.FE }, `/${SECRET}/answer?From=${PAIR.FE}`))
  clock.runOut(SAMPLE_MS)
  t.match(lines(logged()), [
    { level: 'warn', refusal: 'unsigned', count: 1, since: '2100-01-01T00:00:00.000Z', requestId: String },
    { level: 'warn', refusal: 'unsigned', count: 2 },
  ])
  for (const secret of [PAIR.FE, PAIR.FE.slice(2), SECRET, TOKEN]) t.notMatch(logged(), secret)
})

test('1,000 refusals in a second are few lines, and none is lost', async (t) => {
  const { app, logged } = await build(t, REQUIRED, testClock())
  const unsigned = request()
  const wrong = signed('/answer', 'another token')
  for (let i = 0; i < 500; i++) {
    await app.inject(unsigned)
    await app.inject(wrong)
  }
  await app.close()
  t.match(
    lines(logged()).map(({ refusal, count }) => [refusal, count]),
    [
      ['unsigned', 1],
      ['wrong-signature', 1],
      ['unsigned', 499],
      ['wrong-signature', 499],
    ],
  )
})

test('replayed webhooks', async (t) => {
  const other = { payload: new URLSearchParams({ From: PAIR.CUSTOMER, To: '09000000002' }).toString() }

  t.test('the same body is a retry and gets the same answer', async (t) => {
    const { app } = await build(t, REQUIRED)
    const genuine = signed()
    for (let i = 0; i < 3; i++)
      t.match(await app.inject(genuine), { statusCode: 200, body: FE_REACHES_CUSTOMER })
  })

  t.test('another body is refused', async (t) => {
    const { app, logged } = await build(t, REQUIRED)
    const genuine = signed()
    await app.inject(genuine)
    t.match(await app.inject({ ...genuine, ...other }), { statusCode: 403, body: '' })
    t.equal((await app.inject(genuine)).statusCode, 200, 'the genuine request is still answered')
    t.match(lines(logged())[1], { level: 'warn', refusal: 'altered-replay', count: 1 })
  })

  t.test('the V2 and V3 signatures of one request cannot be split and used twice', async (t) => {
    const { app } = await build(t, REQUIRED)
    const [v2Nonce, url] = ['11111111111111111111', `${BASE}/answer`]
    const v2 = {
      'x-vobiz-signature-v2': signature('v2', url, TOKEN, v2Nonce),
      'x-vobiz-signature-v2-nonce': v2Nonce,
    }
    await app.inject(request({ ...signatureHeaders(url, TOKEN), ...v2 }))
    t.equal((await app.inject({ ...request(v2), ...other })).statusCode, 403)
    t.equal((await app.inject(request(v2))).statusCode, 200)
  })

  t.test('a repeated request cannot use up the nonce of another', async (t) => {
    const { app } = await build(t, REQUIRED)
    const [genuine, later] = [signed(), signed()]
    await app.inject(genuine)
    const stolen = String(later.headers?.['x-vobiz-signature-v3-nonce'])
    await app.inject({ ...genuine, headers: { ...genuine.headers, 'x-vobiz-signature-v2-nonce': stolen } })
    t.equal((await app.inject({ ...later, ...other })).statusCode, 200)
  })

  t.test('two minutes later even the same body is no retry', async (t) => {
    const clock = testClock()
    const { app, logged } = await build(t, REQUIRED, clock)
    const genuine = signed()
    await app.inject(genuine)
    clock.time += NONCE_RETRY_MS
    t.equal((await app.inject(genuine)).body, FE_REACHES_CUSTOMER)
    clock.time += 1
    t.match(await app.inject(genuine), { statusCode: 403, body: '' })
    t.match(lines(logged())[2], { level: 'warn', refusal: 'late-replay', count: 1 })
  })

  t.test('a nonce is spent whatever becomes of the body', async (t) => {
    const broken = [
      { payload: 'a'.repeat(20_000) },
      { headers: { 'content-type': 'application/json' } },
      { payload: '' },
      { payload: 'To=1&To=2' },
      { url: '/answer?To=09000000001', method: 'GET' as const, payload: undefined as never },
    ]
    for (const [i, change] of broken.entries()) {
      const { app } = await build(t, REQUIRED)
      const genuine = signed()
      const sent = { ...genuine, ...change, headers: { ...genuine.headers, ...change.headers } }
      const first = await app.inject(sent)
      t.ok([400, 405, 413, 415].includes(first.statusCode), `${i}: ${first.statusCode}`)
      t.equal((await app.inject(genuine)).statusCode, 403, 'another body comes too late')
      t.same((await app.inject(sent)).body, first.body, 'and the same is told the same')
    }
  })

  t.test('also where the connection breaks off', async (t) => {
    const { app } = await build(t, REQUIRED)
    const base = await app.listen({ port: 0 })
    const genuine = signed()
    const half = httpRequest(`${base}/answer`, {
      method: 'POST',
      headers: { ...(genuine.headers as Record<string, string>), 'content-length': '1000' },
    })
    half.on('error', () => undefined)
    const spent = new Promise<void>((resolve) => {
      const { use } = app.nonces
      app.nonces.use = (...args) => {
        const used = use(...args)
        resolve()
        return used
      }
    })
    half.write('From=', () => half.destroy())
    await spent
    t.equal((await app.inject(genuine)).statusCode, 403)
  })

  t.test('the same fields in another encoding are no retry', async (t) => {
    const { app } = await build(t, REQUIRED)
    const genuine = signed()
    const encoded = { ...genuine, payload: String(genuine.payload).replace('From=9', 'From=%39') }
    t.equal((await app.inject(genuine)).body, FE_REACHES_CUSTOMER)
    t.equal((await app.inject(encoded)).statusCode, 403)
    t.equal((await app.inject(genuine)).body, FE_REACHES_CUSTOMER, 'which takes nothing from the genuine one')
  })

  t.test('requests with different nonces are independent', async (t) => {
    const { app } = await build(t, REQUIRED)
    t.equal((await app.inject(signed())).statusCode, 200)
    t.equal((await app.inject({ ...signed(), ...other })).statusCode, 200)
  })
})

test('a path secret moves the routes, and both paths work while it is rotated', async (t) => {
  const { app, startLog } = await build(t, {
    ...REQUIRED,
    WEBHOOK_PATH_SECRET: `${SECRET}-new,${SECRET}-old`,
  })
  for (const path of [`/${SECRET}-new/answer`, `/${SECRET}-old/answer`]) {
    t.equal((await app.inject(signed(path))).body, FE_REACHES_CUSTOMER)
    t.equal((await app.inject(request(signatureHeaders(`${BASE}/answer`, TOKEN), path))).statusCode, 403)
  }
  t.equal((await app.inject(signed('/answer'))).statusCode, 404, 'nothing is left at the plain path')
  t.equal((await app.inject(signed(`/${SECRET}-other/answer`))).statusCode, 404)
  t.notMatch(startLog, SECRET)
})

test('source addresses', async (t) => {
  const from = (remoteAddress: string, headers: Record<string, string> = {}) => ({
    ...request(headers),
    remoteAddress,
  })

  t.test('only listed addresses may call', async (t) => {
    const { app } = await build(t, { WEBHOOK_ALLOWED_IPS: '15.206.6.156,35.154.0.0/16,2001:db8::/32' })
    for (const address of ['15.206.6.156', '35.154.59.246', '::ffff:35.154.59.246', '2001:db8::1']) {
      t.equal((await app.inject(from(address))).statusCode, 200, address)
    }
    for (const address of ['15.206.6.157', '127.0.0.1', '2001:db9::1']) {
      t.match(await app.inject(from(address)), { statusCode: 403, body: '' }, address)
    }
  })

  t.test('X-Forwarded-* headers from an untrusted peer change nothing', async (t) => {
    const { app } = await build(t, {
      ...REQUIRED,
      WEBHOOK_ALLOWED_IPS: '15.206.6.156',
      TRUSTED_PROXIES: '10.0.0.0/8',
    })
    const headers = signatureHeaders(`${BASE}/answer`, TOKEN)
    const spoofed = {
      ...headers,
      'x-forwarded-for': '15.206.6.156',
      'x-forwarded-host': 'evil.example.com',
      'x-forwarded-proto': 'http',
      forwarded: 'for=15.206.6.156',
      host: 'evil.example.com',
    }
    t.equal((await app.inject(from('203.0.113.9', spoofed))).statusCode, 403)
    t.equal(
      (await app.inject(from('15.206.6.156', { ...spoofed, 'x-forwarded-for': '203.0.113.9' }))).statusCode,
      200,
    )
    t.equal(
      (await app.inject(from('15.206.6.156', spoofed))).statusCode,
      200,
      'host and scheme are ignored too',
    )
  })

  t.test('behind trusted proxies, the last forwarded address that is not one of them counts', async (t) => {
    const { app } = await build(t, { WEBHOOK_ALLOWED_IPS: '15.206.6.156', TRUSTED_PROXIES: '10.0.0.0/8' })
    const cases = [
      ['15.206.6.156', 200],
      ['15.206.6.156, 10.0.0.2', 200],
      ['203.0.113.9, 15.206.6.156', 200],
      ['15.206.6.156, 203.0.113.9', 403],
      ['nonsense', 403],
      ['', 403],
    ] as const
    for (const [forwarded, status] of cases) {
      const reply = await app.inject(from('10.0.0.1', { 'x-forwarded-for': forwarded }))
      t.equal(reply.statusCode, status, forwarded)
    }
    t.equal(
      (await app.inject(from('10.0.0.1'))).statusCode,
      403,
      'a proxy that forwards no address is not the carrier',
    )
  })
})

test('one log line at the start says which checks are active, without any secret', async (t) => {
  const { startLog } = await build(t, {
    ...REQUIRED,
    VOBIZ_PARENT_AUTH_TOKEN: 'parent token',
    WEBHOOK_PATH_SECRET: SECRET,
    WEBHOOK_ALLOWED_IPS: '15.206.6.156,35.154.59.246',
  })
  t.match(lines(startLog), {
    length: 1,
    0: {
      msg: 'webhook checks',
      webhook: { signature: 'required', parentToken: true, pathSecrets: 1, allowedIps: 2, trustedProxies: 0 },
    },
  })
  for (const secret of [TOKEN, SECRET, 'parent token']) t.notMatch(startLog, secret)
})

test('any content of the signature headers is refused, and never causes an error', async (t) => {
  const { app } = await build(t, REQUIRED)
  const names = ['v2', 'v2-nonce', 'ma-v2', 'v3', 'v3-nonce', 'ma-v3'].map(
    (name) => `x-vobiz-signature-${name}`,
  )
  const bytes = (length: number) =>
    fc.uint8Array({ minLength: length, maxLength: length }).map((units) => String.fromCharCode(...units))
  const value = fc.integer({ min: 0, max: 4096 }).chain(bytes)
  await fc.assert(
    fc.asyncProperty(fc.dictionary(fc.constantFrom(...names), value, { minKeys: 1 }), async (headers) => {
      return (await app.inject(request(headers))).statusCode === 403
    }),
    { numRuns: 500 },
  )
  for (const length of [0, 1, 19, 20, 21, 43, 44, 45, 4096]) {
    for (const name of names) {
      const reply = await app.inject(
        request({ ...signatureHeaders(`${BASE}/answer`, 'x'), [name]: '9'.repeat(length) }),
      )
      t.equal(reply.statusCode, 403, `${name} of ${length}`)
    }
  }
})
