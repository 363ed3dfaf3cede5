import { once } from 'node:events'
import { type RequestOptions, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'tap'
import { listen } from '../../src/listen.js'
import { API, build } from '../helper.js'
import { signIn } from './signed-in.js'

const KEY = API.environment.API_KEYS
const PATHS = ['/console', '/console/', '/console/sign-in', '/console/assets/x/console.css', '/console/live']

test('without a key, or where it is off, there is no console, as of any path that is not there', async (t) => {
  for (const environment of [{}, { ...API.environment, CONSOLE: 'off' }]) {
    const { app } = await build(t, environment)
    const nothing = await app.inject('/nothing')
    for (const url of PATHS) {
      const { statusCode, payload, headers } = await app.inject(url)
      t.equal(statusCode, 404, url)
      t.equal(payload, nothing.payload)
      t.same(Object.keys(headers), Object.keys(nothing.headers))
    }
  }
})

test('with a listener for the business the console is on that one alone, and asks the API', async (t) => {
  const { app } = await build(t, { ...API.environment, PORT: '0', ADMIN_PORT: '0' })
  await listen(app)
  const portOf = (server: Server | undefined) => (server?.address() as AddressInfo | undefined)?.port ?? 0
  const [calls, business] = [portOf(app.server), portOf(app.adminServer)]
  const ask = async (port: number, path: string, options: RequestOptions = {}, body?: string) => {
    const asked = request({ host: '127.0.0.1', port, path, agent: false, ...options }).end(body)
    const [reply] = await once(asked, 'response')
    let text = ''
    for await (const chunk of reply) text += chunk
    return { status: reply.statusCode, headers: reply.headers, text }
  }
  const nothing = await ask(calls, '/nothing')
  for (const path of PATHS) t.match(await ask(calls, path), { status: 404, text: nothing.text }, path)
  t.equal((await ask(business, '/console')).status, 303)
  const headers = { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' }
  const signedIn = await ask(business, '/console/sign-in', { method: 'POST', headers }, `key=${KEY}`)
  const cookie = String(signedIn.headers['set-cookie']).split(';')[0]
  const page = await ask(business, '/console/sessions', { headers: { cookie } })
  t.match(page, { status: 200, text: /No session matches/ })
  t.equal((await ask(calls, '/console/sessions', { headers: { cookie } })).status, 404)
})

test('what the console asks comes from where the browser is, within the limits of the key', async (t) => {
  const { app, audited } = await build(t, { ...API.environment, TRUSTED_PROXIES: '127.0.0.1', API_RATE: '1' })
  const staff = await signIn(app, KEY)
  await staff.get('/console/sessions', { 'x-forwarded-for': '203.0.113.7', 'x-request-id': 'of-the-browser' })
  const line = audited().find((text) => text.includes('listSessions'))
  t.match(JSON.parse(line ?? '{}'), {
    key: 'environment-1',
    source: '203.0.113.7',
    request: 'of-the-browser',
  })
  for (let i = 0; i < 4; i += 1) t.equal((await staff.get('/console/sessions')).status, 200)
  const refused = await staff.get('/console/sessions')
  t.equal(refused.status, 429)
  t.match(refused.text, /Wait a little and try again/)
})
