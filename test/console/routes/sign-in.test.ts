import { test } from 'tap'
import { FREE_WRONG_KEYS } from '../../../src/access/wrong-keys.js'
import { testClock } from '../../clocks.js'
import { API, build } from '../../helper.js'
import { signIn, textIn } from '../signed-in.js'

const KEY = API.environment.API_KEYS
const FORM = { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' }

async function started(t: Parameters<typeof build>[0]) {
  const built = await build(t, API.environment, testClock())
  const post = (fields: Record<string, string>, headers: Record<string, string> = {}) =>
    built.app.inject({
      method: 'POST',
      url: '/console/sign-in',
      headers: { ...FORM, ...headers },
      payload: String(new URLSearchParams(fields)),
    })
  return { ...built, post }
}

test('a right key leads to where somebody wanted to go, and stands nowhere', async (t) => {
  const { app, post, logged, audited } = await started(t)
  const page = await app.inject('/console/sign-in?to=/console/sessions?status=open')
  t.equal(page.statusCode, 200)
  t.match(page.payload, '<input type="hidden" name="to" value="/console/sessions?status=open">')
  t.match(page.payload, /<input id="key" name="key" type="password" autocomplete="current-password" required/)
  const signedIn = await post({ key: ` ${KEY} `, to: '/console/sessions?status=open' })
  t.match(signedIn, { statusCode: 303, headers: { location: '/console/sessions?status=open' } })
  t.notMatch(JSON.stringify(signedIn.headers) + signedIn.payload + logged() + audited().join(), KEY)
  const [, line = '{}'] = audited()
  t.match(JSON.parse(line), { event: 'signed_in', key: 'environment-1', source: '127.0.0.1' })
})

test('nobody is led to another site', async (t) => {
  const { app, post } = await started(t)
  const staff = await signIn(app, KEY)
  for (const to of ['//evil.example', '/console.evil', 'https://evil.example', '/\\evil.example']) {
    t.equal((await post({ key: KEY, to })).headers.location, '/console', to)
    const asked = encodeURIComponent(to)
    t.equal((await staff.get(`/console/sign-in?to=${asked}`)).headers.location, '/console')
    t.equal((await app.inject(`/console/language?code=en&to=${asked}`)).headers.location, '/console')
    t.notMatch((await app.inject(`/console/sign-in?to=${asked}`)).payload, 'evil')
  }
  const split = await post({ key: KEY, to: '/console/x\r\nset-cookie: a=b' })
  t.match(split, { statusCode: 303, headers: { location: '/console/xset-cookie:%20a=b' } })
  t.equal(split.cookies.length, 1)
})

test('a wrong key is refused, told of nowhere as it was typed, and slows down', async (t) => {
  const { app, post, logged, audited } = await started(t)
  const [phone, hostile] = ['+918888800001', '"><script>alert(1)</script>']
  for (const key of [phone, hostile, '', `${KEY}x`, `${KEY}, ${KEY}`]) {
    const refused = await post({ key, to: hostile })
    t.equal(refused.statusCode, 401)
    t.match(textIn(refused.payload), /This key is not valid/)
    t.match(refused.payload, /aria-describedby="key-help key-wrong" aria-invalid="true"/)
    t.notMatch(refused.payload, /alert|8888800001/)
    t.equal(refused.cookies.length, 0)
  }
  for (let i = 5; i < FREE_WRONG_KEYS; i += 1) t.equal((await post({ key: 'x' })).statusCode, 401)
  const slow = await post({ key: 'x' })
  t.equal(slow.statusCode, 429)
  t.match(textIn(slow.payload), /Wait a little and try again/)
  t.equal((await post({ key: KEY })).statusCode, 303, 'a right one never waits')
  t.notMatch(logged() + audited().join(), /8888800001|alert/)
  t.equal(
    (await app.inject({ method: 'POST', url: '/console/sign-in', headers: FORM })).statusCode,
    429,
    'no body',
  )
})

test('who is signed in is not asked again, and signs out for good', async (t) => {
  const { app, audited } = await started(t)
  const staff = await signIn(app, KEY)
  t.match(await staff.get('/console/sign-in?to=/console/sessions'), {
    status: 303,
    headers: { location: '/console/sessions' },
  })
  const out = await staff.post('/console/sign-out')
  t.match(out, { status: 303, headers: { location: '/console/sign-in' } })
  t.match(
    out.headers['set-cookie'],
    /^callmask=; Max-Age=0; Path=\/; Expires=.*; HttpOnly; SameSite=Strict$/i,
  )
  t.equal((await staff.get('/console')).status, 303, 'the cookie is worth nothing any more')
  t.equal((await staff.post('/console/sign-out')).status, 303)
  t.match(JSON.parse(audited().at(-1) ?? '{}'), { event: 'signed_out', key: 'environment-1' })
  t.equal(audited().filter((line) => line.includes('signed_out')).length, 1)
})

test('a language can be chosen, if there is one', async (t) => {
  const { app } = await started(t)
  const chosen = await app.inject('/console/language?code=en&to=/console/sessions')
  t.match(chosen, { statusCode: 303, headers: { location: '/console/sessions' } })
  t.match(
    chosen.headers['set-cookie'],
    /^callmask-language=en; Max-Age=31536000; Path=\/console; SameSite=Strict$/,
  )
  for (const code of ['', 'xx', 'constructor', '__proto__'])
    t.equal((await app.inject(`/console/language?code=${code}`)).headers['set-cookie'], undefined)
})
