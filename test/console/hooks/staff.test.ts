import { test } from 'tap'
import { keyLine } from '../../../src/access/api-key.js'
import { createSecret } from '../../../src/access/key-secret.js'
import { NOTED_EVERY_MS } from '../../../src/console/sign-ins.js'
import { testClock } from '../../clocks.js'
import { API, build } from '../../helper.js'
import { signIn, textIn } from '../signed-in.js'

const KEY = API.environment.API_KEYS
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const SAME = { 'sec-fetch-site': 'same-origin' }

type App = Awaited<ReturnType<typeof build>>['app']

function post(app: App, url: string, headers: Record<string, string>, fields: Record<string, string> = {}) {
  return app.inject({
    method: 'POST',
    url,
    headers: { ...FORM, ...headers },
    payload: String(new URLSearchParams(fields)),
  })
}

test('the cookie is for this host alone, over TLS but on this machine', async (t) => {
  const { app } = await build(t, API.environment)
  const cookieAt = async (host: string) =>
    String((await post(app, '/console/sign-in', { ...SAME, host }, { key: KEY })).headers['set-cookie'])
  for (const host of [
    'desk.example',
    'desk.example:8443',
    '10.0.0.7',
    'localhost.example',
    '127.0.0.1.example',
    '[::2]:80',
  ])
    t.match(
      await cookieAt(host),
      /^__Host-callmask=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
      host,
    )
  for (const host of ['localhost', 'localhost:8001', '127.0.0.1:8001', '127.9.9.9', '[::1]:8001'])
    t.match(await cookieAt(host), /^callmask=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/, host)
})

test('a proxy that hides the host does not make the cookie weaker where the URL is known', async (t) => {
  const cookieWith = async (CONSOLE_URL: string) => {
    const { app } = await build(t, { ...API.environment, CONSOLE_URL })
    const headers = { ...SAME, host: '127.0.0.1:8001' }
    return String((await post(app, '/console/sign-in', headers, { key: KEY })).headers['set-cookie'])
  }
  t.match(await cookieWith('https://desk.example'), /^__Host-callmask=.*Secure/)
  t.match(await cookieWith('http://localhost:8001'), /^callmask=/)
})

test('a cookie that somebody else has set is not used: who signs in gets a new one', async (t) => {
  const { app } = await build(t, API.environment)
  const first = await signIn(app, KEY)
  for (const cookie of ['callmask=tossed', first.cookie]) {
    const headers = { ...SAME, cookie }
    const again = await post(app, '/console/sign-in', headers, { key: KEY, _token: first.token })
    t.equal(again.statusCode, 303)
    t.notMatch(again.headers['set-cookie'], cookie)
  }
  t.equal((await first.get('/console')).status, 303, 'and the one before is over')
  const off = await app.inject({ url: '/console', headers: { host: 'desk.example', cookie: first.cookie } })
  t.equal(off.statusCode, 303, 'off this machine a plain cookie counts for nothing')
})

test('who has not signed in is asked to, and led back', async (t) => {
  const { app } = await build(t, API.environment)
  const page = await app.inject('/console/sessions?status=open')
  t.match(page, {
    statusCode: 303,
    headers: {
      location: '/console/sign-in?to=%2Fconsole%2Fsessions%3Fstatus%3Dopen',
      'cache-control': 'no-store',
    },
  })
  const part = await app.inject({ url: '/console/sessions', headers: { 'hx-request': 'true' } })
  t.match(part, {
    statusCode: 401,
    headers: { 'hx-redirect': '/console/sign-in?to=%2Fconsole%2Fsessions' },
    payload: '',
  })
  const form = await post(app, '/console/sessions/new', SAME, { 'number-0': '+918888800001' })
  t.match(form, { statusCode: 303, headers: { location: '/console/sign-in?to=%2Fconsole' } })
  const elsewhere = { 'sec-fetch-site': 'cross-site' }
  const back = await app.inject({ url: '/console/sessions?a="b', headers: elsewhere })
  t.equal(back.statusCode, 200)
  t.match(back.payload, '<meta http-equiv="refresh" content="0;url=/console/sessions?a=%22b">')
  t.equal((await post(app, '/console/sessions/new', elsewhere)).statusCode, 303)
})

test('a sign-in ends for want of use, which what a page does by itself is not, and in any case', async (t) => {
  const clock = testClock()
  const { app } = await build(t, { ...API.environment, CONSOLE_IDLE: '60', CONSOLE_LIMIT: '180' }, clock)
  const idle = await signIn(app, KEY)
  clock.time += NOTED_EVERY_MS
  t.equal((await idle.get('/console', { 'hx-request': 'true' })).status, 200)
  clock.time += NOTED_EVERY_MS
  t.equal((await idle.get('/console')).status, 303)

  const used = await signIn(app, KEY)
  for (let seconds = 30; seconds < 180; seconds += 30) {
    clock.time += 30_000
    t.equal((await used.get('/console')).status, 200, `${seconds} s`)
  }
  clock.time += 30_000
  t.equal((await used.get('/console')).status, 303)
})

test('a sign-in ends with its key', async (t) => {
  const clock = testClock()
  const secret = createSecret()
  const expiresAt = clock.time + 60_000
  const line = keyLine({
    name: 'desk',
    scopes: ['sessions:read'],
    origin: 'configuration',
    expiresAt,
    ...secret,
  })
  const { app } = await build(t, { ...API.environment, API_KEY_HASHES: line }, clock)
  const [desk, admin] = [await signIn(app, secret.text), await signIn(app, KEY)]
  const page = await desk.get('/console')
  t.match(page.text, /Signed in as desk/)
  t.match(page.text, /Sessions Numbers/)
  t.notMatch(page.text, /Calls|Keys|Simulator/)
  t.equal((await desk.post('/console/sessions/new', { 'number-0': '+918888800001' })).status, 403)
  clock.time += 60_000
  t.equal((await desk.get('/console')).status, 303)
  t.equal((await admin.get('/console')).status, 200)
})

test('a change is taken from a form of the same sign-in alone', async (t) => {
  const { app } = await build(t, API.environment)
  const [staff, other] = [await signIn(app, KEY), await signIn(app, KEY)]
  const send = (token: string | undefined, headers: Record<string, string> = SAME) =>
    post(
      app,
      '/console/sessions/search',
      { cookie: staff.cookie, ...headers },
      {
        number: '+918888800001',
        ...(token !== undefined && { _token: token }),
      },
    )
  for (const token of [undefined, '', 'x', `${staff.token}x`, other.token]) {
    const refused = await send(token)
    t.equal(refused.statusCode, 403)
    t.match(textIn(refused.payload), /This form is too old.*Nothing was changed/)
    t.notMatch(refused.payload, /8888800001/)
  }
  t.equal((await send(staff.token)).statusCode, 200)
  const json = await app.inject({
    method: 'POST',
    url: '/console/sessions/search',
    headers: { cookie: staff.cookie, 'content-type': 'application/json' },
    payload: JSON.stringify({ _token: staff.token, number: '+918888800001' }),
  })
  t.equal(json.statusCode, 403, 'nothing but a form is read')
  const got = await app.inject({
    url: `/console/sessions/search?_token=${staff.token}`,
    headers: { cookie: staff.cookie },
  })
  t.not(got.statusCode, 200, 'no address changes anything')
  const twice = await post(app, `/console/sessions/search?_token=${staff.token}`, {
    cookie: staff.cookie,
    ...SAME,
  })
  t.equal(twice.statusCode, 403, 'a token in an address counts for nothing')
  t.equal(
    (await app.inject({ method: 'HEAD', url: '/console', headers: { cookie: staff.cookie } })).statusCode,
    200,
  )
})

test('nobody is signed in by another site', async (t) => {
  const { app } = await build(t, API.environment)
  const statusFor = async (headers: Record<string, string>) =>
    (await post(app, '/console/sign-in', { host: 'desk.example', ...headers }, { key: KEY })).statusCode
  for (const site of ['cross-site', 'same-site', 'none', ''])
    t.equal(await statusFor({ 'sec-fetch-site': site, origin: 'https://desk.example' }), 403, site)
  for (const origin of [
    'https://evil.example',
    'null',
    '',
    'https://desk.example.evil',
    'https://desk.example:444',
  ])
    t.equal(await statusFor({ origin }), 403, origin)
  t.equal(await statusFor({ origin: 'https://desk.example' }), 303, 'a browser that says no more than that')
  t.equal(await statusFor({ 'sec-fetch-site': 'same-origin' }), 303)
  t.equal(await statusFor({}), 303, 'no browser')
})
