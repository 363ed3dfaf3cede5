import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Test, test } from 'tap'
import { PROVIDER_LIMIT_MS } from '../../../src/console/provider.js'
import { type TestClock, testClock } from '../../clocks.js'
import { API, build } from '../../helper.js'
import {
  CLIENT,
  type IdentityProvider,
  type ProviderForm,
  startIdentityProvider,
} from '../../identity-provider.js'
import { textIn } from '../signed-in.js'

const HOST = 'desk.example'
const BACK = `https://${HOST}/console/sign-in/provider/back`
const BEGIN = '/console/sign-in/provider'
const AN_ADMIN = {
  sub: 'account-of-the-tests',
  email: 'asha@shop.example',
  groups: ['staff', 'callmask-admins'],
}

/** A service that people sign in to with a provider, which both are there. */
async function started(
  t: Test,
  environment: Record<string, string> = {},
  form: Partial<ProviderForm> = {},
  clock: TestClock = testClock(Date.now()),
) {
  const provider = await startIdentityProvider(t, { redirectUri: BACK, ...form })
  provider.who = { claims: AN_ADMIN }
  const built = await build(
    t,
    {
      MASKING_NUMBERS: API.environment.MASKING_NUMBERS,
      OIDC_ISSUER: provider.issuer,
      OIDC_CLIENT_ID: CLIENT.id,
      OIDC_CLIENT_SECRET: CLIENT.secret,
      OIDC_ROLES: 'support=desk,operator=ops,admin=callmask-admins',
      CONSOLE_URL: `https://${HOST}`,
      ...environment,
    },
    clock,
  )
  return { ...built, provider, clock, browser: browser(built.app, provider) }
}

/** What a browser keeps, and where it goes. */
function browser(app: Awaited<ReturnType<typeof build>>['app'], provider: IdentityProvider) {
  const cookies = new Map<string, string>()
  const get = async (url: string, headers: Record<string, string> = {}) => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const reply = await app.inject({ url, headers: { host: HOST, cookie, ...headers } })
    for (const { name, value, maxAge, expires } of reply.cookies) {
      const isOver = maxAge === 0 || (expires !== undefined && expires.getTime() === 0)
      if (isOver) cookies.delete(name)
      else cookies.set(name, value)
    }
    return reply
  }
  return {
    cookies,
    get,
    /** To the provider and back. */
    async signIn(to = '/console/sessions') {
      const begun = await get(`${BEGIN}?to=${encodeURIComponent(to)}`)
      const back = await provider.visit(String(begun.headers.location))
      return { begun, back, came: await get(back.pathname + back.search, CROSS_SITE) }
    },
  }
}

const CROSS_SITE = { 'sec-fetch-site': 'cross-site' }

test('somebody signs in with a provider, and may do what their roles allow', async (t) => {
  const { app, provider, browser, audited, logged } = await started(t)
  t.match(
    textIn((await browser.get('/console/sign-in')).payload),
    `Sign in with ${new URL(provider.issuer).host}`,
  )
  t.same(provider.asked, [], 'it is not asked before somebody wants it')

  const { begun, back, came } = await browser.signIn()
  t.equal(begun.statusCode, 303)
  const sent = new URL(String(begun.headers.location)).searchParams
  t.match(Object.fromEntries(sent), {
    scope: 'openid profile email groups',
    code_challenge_method: 'S256',
    redirect_uri: BACK,
    response_type: 'code',
  })
  t.match(
    begun.headers['set-cookie'],
    /^__Host-callmask-provider=[\w-]{43}; Max-Age=600; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
  )
  t.equal(
    came.statusCode,
    200,
    'a page that goes on by itself, because a redirect would not take the cookie along',
  )
  t.match(came.payload, '<meta http-equiv="refresh" content="0;url=/console/sessions">')
  const [signedIn] = came.cookies.filter(({ name }) => name === '__Host-callmask')
  t.match(signedIn, { httpOnly: true, secure: true, sameSite: 'Strict', path: '/' })
  t.same([...browser.cookies.keys()], ['__Host-callmask'], 'the other cookie is gone')

  const page = await browser.get('/console/sessions')
  t.equal(page.statusCode, 200)
  t.match(textIn(page.payload), /Keys.*Signed in as sso:asha@shop\.example/)
  t.same(
    audited()
      .map((line) => JSON.parse(line))
      .filter(({ event }) => event === 'signed_in')
      .map(({ key, source }) => ({ key, source })),
    [{ key: 'sso:asha@shop.example', source: '127.0.0.1' }],
  )
  t.ok(
    audited().some(
      (line) => /"operation":"listSessions".*/.test(line) && line.includes('sso:asha@shop.example'),
    ),
  )
  t.notMatch(logged(), String(back.searchParams.get('code')))
  const again = await browser.get(BEGIN)
  t.match(again, { statusCode: 303, headers: { location: '/console' } }, 'who is in is not sent away')
  t.equal((await app.inject('/v1/status')).statusCode, 401, 'there is an API, and nobody has a key for it')
})

test('roles are one text or several, and each adds what it may do', async (t) => {
  const { browser, provider } = await started(t)
  provider.who = { claims: { ...AN_ADMIN, groups: 'desk' } }
  await browser.signIn()
  const desk = textIn((await browser.get('/console')).payload)
  t.match(desk, /Sessions Calls Numbers Simulator/)
  t.notMatch(desk, /Events|Keys|Audit/)
  browser.cookies.clear()
  provider.who = { claims: { ...AN_ADMIN, groups: ['ops', 'desk'] } }
  await browser.signIn()
  const both = textIn((await browser.get('/console')).payload)
  t.match(both, /Sessions Calls Numbers Simulator Events/)
  t.notMatch(both, /Keys|Audit/)
})

test('who has no role is told so, and is not signed in', async (t) => {
  const { browser, provider, audited } = await started(t)
  for (const groups of [[], ['others'], undefined, 7, [['desk']]]) {
    provider.who = {
      claims: { ...AN_ADMIN, email: undefined, preferred_username: '+91 88888 00001', groups },
    }
    const { came } = await browser.signIn()
    t.equal(came.statusCode, 403)
    t.match(textIn(came.payload), /You have no role here.*Ask whoever runs the service/)
    t.same([...browser.cookies.keys()], [])
  }
  const [line = ''] = audited().filter((text) => text.includes('sign_in_refused'))
  t.match(JSON.parse(line).key, /^sso:[\da-f]{6}$/)
  t.notMatch(audited().join(), /88888/)
})

test('the claims may stand in the ID token alone, or be asked for', async (t) => {
  const inToken = await started(t, {}, { more: { conformIdTokenClaims: false } })
  await inToken.browser.signIn()
  t.match((await inToken.browser.get('/console')).payload, 'sso:asha@shop.example')
  t.notOk(inToken.provider.asked.includes('/me'), 'nothing more is asked')

  const asked = await started(t)
  await asked.browser.signIn()
  t.ok(asked.provider.asked.includes('/me'))

  const without = await started(
    t,
    {},
    { more: { features: { devInteractions: { enabled: false }, userinfo: { enabled: false } } } },
  )
  const { came } = await without.browser.signIn()
  t.equal(came.statusCode, 200, 'without that place the ID token has it all')
})

test('a provider that takes a secret in the body gets it there, and one without a secret gets none', async (t) => {
  const inBody = await started(
    t,
    {},
    {
      client: { token_endpoint_auth_method: 'client_secret_post' },
      more: { clientAuthMethods: ['client_secret_post'] },
    },
  )
  t.equal((await inBody.browser.signIn()).came.statusCode, 200)
  const noSecret = await started(
    t,
    { OIDC_CLIENT_SECRET: '' },
    { client: { token_endpoint_auth_method: 'none', client_secret: undefined } },
  )
  t.equal((await noSecret.browser.signIn()).came.statusCode, 200)
})

test('a provider that says little of itself is taken as the standard has it', async (t) => {
  const { browser, provider } = await started(t, {}, { more: { conformIdTokenClaims: false } })
  const { issuer } = provider
  const said = {
    issuer,
    authorization_endpoint: `${issuer}/auth`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/jwks`,
  }
  provider.answer = (request, reply) => {
    if (!request.url?.startsWith('/.well-known')) return 'no'
    return reply.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(said))
  }
  const begun = await browser.get(BEGIN)
  t.equal(new URL(String(begun.headers.location)).searchParams.get('scope'), 'openid profile email')
  provider.who = { claims: { ...AN_ADMIN, groups: undefined } }
  const nothing = await provider.visit(String(begun.headers.location))
  t.equal(
    (await browser.get(nothing.pathname + nothing.search, CROSS_SITE)).statusCode,
    403,
    'no groups, no role',
  )
  t.match(provider.asked.filter((path) => path === '/token').length, 1)
})

test('a new secret is used without a restart', async (t) => {
  const file = join(t.testdir({ secret: 'another' }), 'secret')
  const { app, browser } = await started(t, { OIDC_CLIENT_SECRET: '', OIDC_CLIENT_SECRET_FILE: file })
  t.equal((await browser.signIn()).came.statusCode, 403)
  writeFileSync(file, CLIENT.secret)
  app.secrets.reload()
  t.equal((await browser.signIn()).came.statusCode, 200)
})

test('a provider that turns somebody away, or a wrong secret, lets nobody in', async (t) => {
  const { browser, provider, logged } = await started(t)
  provider.who = { error: 'access_denied' }
  const { came } = await browser.signIn()
  t.equal(came.statusCode, 403)
  t.match(textIn(came.payload), /The provider did not sign you in/)
  t.match(logged(), '"code":"access_denied"')

  const wrong = await started(t, { OIDC_CLIENT_SECRET: 'another' })
  t.equal((await wrong.browser.signIn()).came.statusCode, 403)
  t.match(wrong.logged(), '"code":"OAUTH_WWW_AUTHENTICATE_CHALLENGE"')
  t.notMatch(wrong.logged(), CLIENT.secret)
})

test('a way back counts once, for ten minutes, and for whoever began it', async (t) => {
  const { browser, clock, provider } = await started(t)
  const refused = async (url: string, status = 400) => {
    const reply = await browser.get(url, CROSS_SITE)
    t.equal(reply.statusCode, status)
    t.notOk(browser.cookies.has('__Host-callmask'))
    return reply
  }
  t.match(
    textIn((await refused('/console/sign-in/provider/back?code=x&state=y')).payload),
    /This sign-in is too old/,
  )

  const first = await browser.get(BEGIN)
  const stolen = new Map(browser.cookies)
  await browser.get(BEGIN)
  const back = await provider.visit(String(first.headers.location))
  await refused(back.pathname + back.search, 403)
  t.same(
    [...browser.cookies.keys()],
    [],
    'with the cookie of another beginning it is worth nothing, and used up',
  )

  const restore = () => {
    for (const [name, value] of stolen) browser.cookies.set(name, value)
  }
  restore()
  t.equal((await browser.get(back.pathname + back.search, CROSS_SITE)).statusCode, 200)
  browser.cookies.clear()
  restore()
  await refused(back.pathname + back.search)

  const late = await browser.get(BEGIN)
  const tooLate = await provider.visit(String(late.headers.location))
  clock.time += 600_000
  await refused(tooLate.pathname + tooLate.search)
})

test('a forged token is not believed', async (t) => {
  const { browser, provider } = await started(t)
  const begun = await browser.get(BEGIN)
  const back = await provider.visit(String(begun.headers.location))
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const now = Math.floor(Date.now() / 1_000)
  const nonce = new URL(String(begun.headers.location)).searchParams.get('nonce')
  const claims = {
    iss: provider.issuer,
    aud: CLIENT.id,
    sub: 'x',
    iat: now,
    exp: now + 60,
    nonce,
    groups: ['callmask-admins'],
  }
  const forged = [
    part({ alg: 'RS256', kid: 'k1' }),
    part(claims),
    Buffer.alloc(256).toString('base64url'),
  ].join('.')
  provider.answer = (request, reply) => {
    if (request.url === '/jwks') return 'no'
    reply.writeHead(200, { 'content-type': 'application/json' })
    return reply.end(JSON.stringify({ access_token: 'x', token_type: 'Bearer', id_token: forged }))
  }
  const came = await browser.get(back.pathname + back.search, CROSS_SITE)
  t.equal(came.statusCode, 403)
  t.ok(provider.asked.includes('/jwks'), 'its signature was looked at')
  t.notOk(browser.cookies.has('__Host-callmask'))
})

test('a token that is over is not believed', async (t) => {
  const clock = testClock(Date.now())
  clock.time += 3_600_000
  const { browser, logged } = await started(t, {}, {}, clock)
  t.equal((await browser.signIn()).came.statusCode, 403)
  t.match(logged(), 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED')
})

test('a provider that is down, hangs or talks nonsense gives a page, and is asked again', async (t) => {
  const { browser, provider, clock, logged } = await started(t)
  const unreachable = async (reply: ReturnType<typeof browser.get>) => {
    const { statusCode, payload } = await reply
    t.equal(statusCode, 503)
    t.match(textIn(payload), /The provider does not answer.*sign in with a key/)
  }
  provider.answer = ({ socket }) => socket.destroy()
  await unreachable(browser.get(BEGIN))
  provider.answer = (_request, reply) => reply.writeHead(500).end()
  await unreachable(browser.get(BEGIN))
  provider.answer = (_request, reply) =>
    reply.writeHead(200, { 'content-type': 'text/html' }).end('+918888800001')
  await unreachable(browser.get(BEGIN))
  const about =
    (value: object): IdentityProvider['answer'] =>
    (_request, reply) =>
      reply.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value))
  provider.answer = about({ issuer: provider.issuer })
  await unreachable(browser.get(BEGIN))
  provider.answer = about({
    issuer: 'https://evil.example',
    authorization_endpoint: 'https://evil.example/auth',
  })
  await unreachable(browser.get(BEGIN))
  t.match(logged(), '"code":"OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED"')
  const hanging = new Promise<void>((resolve) => {
    provider.answer = () => resolve()
  })
  const slow = browser.get(BEGIN)
  await hanging
  clock.runOut(PROVIDER_LIMIT_MS)
  await unreachable(slow)

  provider.answer = undefined
  const begun = await browser.get(BEGIN)
  t.equal(begun.statusCode, 303, 'it is asked again')
  const asked = provider.asked.length
  await browser.get(BEGIN)
  t.equal(provider.asked.length, asked, 'and then no more')
  const back = await provider.visit(String(begun.headers.location))
  provider.answer = ({ socket }) => socket.destroy()
  browser.cookies.set('__Host-callmask-provider', String(begun.cookies[0]?.value))
  await unreachable(browser.get(back.pathname + back.search, CROSS_SITE))
  t.notMatch(logged(), /8888800001/)
})

test('beginnings are limited, for each source and for all', async (t) => {
  const { app, browser } = await started(t, { TRUSTED_PROXIES: '127.0.0.1' })
  const begin = async (from: string) => (await browser.get(BEGIN, { 'x-forwarded-for': from })).statusCode
  for (let i = 0; i < 20; i += 1) t.equal(await begin('203.0.113.1'), 303)
  const refused = await browser.get(BEGIN, { 'x-forwarded-for': '203.0.113.1' })
  t.equal(refused.statusCode, 429)
  t.match(textIn(refused.payload), /Too many sign-ins/)
  const others = await Promise.all(
    Array.from({ length: 481 }, (_, i) =>
      app.inject({ url: BEGIN, headers: { host: HOST, 'x-forwarded-for': `198.51.${i >> 8}.${i & 255}` } }),
    ),
  )
  t.same(
    [303, 429].map((status) => others.filter(({ statusCode }) => statusCode === status).length),
    [480, 1],
  )
})

test('where the provider is not set any more, who signed in with it is out', async (t) => {
  const { app, browser } = await started(t, { API_KEYS: API.environment.API_KEYS })
  await browser.signIn()
  t.equal((await browser.get('/console')).statusCode, 200)
  Object.assign(app.config, { OIDC_ISSUER: undefined })
  t.equal((await browser.get('/console')).statusCode, 303)
})

test('without a provider there is no way to one', async (t) => {
  const { app } = await build(t, API.environment)
  t.notMatch((await app.inject('/console/sign-in')).payload, /provider/)
  t.equal((await app.inject(BEGIN)).statusCode, 404)
})
