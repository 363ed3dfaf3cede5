import { test } from 'tap'
import { StoreUnavailableError } from '../../../src/masking/storage.js'
import { lines } from '../../fixtures.js'
import { API, build } from '../../helper.js'
import { signIn } from '../signed-in.js'

const KEY = API.environment.API_KEYS

test('a page may load and do nothing but what is ours, be framed by nobody, and is kept by nobody', async (t) => {
  const { app } = await build(t, API.environment)
  const staff = await signIn(app, KEY)
  const shown = [
    await staff.get('/console'),
    await staff.get('/console/nothing'),
    await staff.get('/console/sign-in'),
  ]
  for (const { headers } of shown) {
    const policy = String(headers['content-security-policy'])
    t.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self';/)
    t.match(policy, /form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/)
    t.notMatch(policy, /unsafe/)
    t.match(headers, {
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'referrer-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    })
  }
  const [{ html, headers }] = shown as [(typeof shown)[0]]
  t.equal(headers['content-type'], 'text/html; charset=utf-8')
  t.match(html, /^<!DOCTYPE html>\n<html lang="en">/)
  t.notMatch(html, /<script>|<style|style=|onclick=|https?:\/\//)
})

test('where there is no page, that is said, and nothing of what was asked', async (t) => {
  const { app, logged } = await build(t, API.environment)
  const staff = await signIn(app, KEY)
  const hostile = '/console/%22%3E%3Cscript%3Ealert(1)%3C/script%3E918888800001'
  for (const shown of [await staff.get(hostile), await staff.post(hostile)]) {
    t.equal(shown.status, 404)
    t.match(shown.text, /There is no such page.*To the overview/)
    t.notMatch(shown.html, /<script>alert|alert\(1\)<\/script>/)
  }
  const stranger = await app.inject(hostile)
  t.equal(stranger.statusCode, 404)
  t.notMatch(stranger.payload + logged(), /8888800001/)
  t.equal((await staff.get('/consolex')).html, '{"error":"not found"}')
})

test('what the API refuses is shown in words', async (t) => {
  const { app } = await build(t, API.environment)
  const staff = await signIn(app, KEY)
  const unknown = await staff.get('/console/sessions/s_none')
  t.equal(unknown.status, 404)
  t.match(unknown.text, /There is no such session/)
  const wrong = await staff.get('/console/sessions?status=%22%3E%3Cscript%3E')
  t.equal(wrong.status, 400)
  t.match(wrong.html, /<code>status<\/code>/)
  t.notMatch(wrong.html, /"><script>/)
})

test('a form that is too large is refused', async (t) => {
  const { app } = await build(t, API.environment)
  const staff = await signIn(app, KEY)
  const large = await staff.post('/console/sessions/new', { external_id: 'x'.repeat(33_000) })
  t.equal(large.status, 413)
  t.match(large.text, /The form was not understood/)
})

test('while the store is down a page says so', async (t) => {
  const { app, logged } = await build(t, API.environment)
  const staff = await signIn(app, KEY)
  const { storage } = app.storages
  const { read } = storage
  storage.read = () => Promise.reject(new StoreUnavailableError())
  const down = await staff.get('/console/sessions')
  t.equal(down.status, 503)
  t.match(down.text, /The store does not answer.*Try again in a moment/)
  t.notMatch(logged(), '"level":"error"')
  storage.read = read
  t.equal((await staff.get('/console/sessions')).status, 200)
})

test('an error that nobody expected is told of without its text', async (t) => {
  const { app, logged } = await build(t, API.environment)
  const staff = await signIn(app, KEY)
  app.storages.storage.read = () => Promise.reject(new Error('+918888800001'))
  const broken = await staff.get('/console/sessions')
  t.equal(broken.status, 500)
  t.match(broken.text, /Something went wrong here/)
  t.notMatch(broken.html + logged(), /8888800001/)
  t.match(lines(logged()).at(-1), { level: 'error', msg: 'request failed', 'exception.type': 'Error' })
})

test('another language leads from what answers a form to the first page', async (t) => {
  const { app } = await build(t, API.environment)
  const staff = await signIn(app, API.environment.API_KEYS)
  const found = await staff.post('/console/sessions/search', { number: '+918888800011' })
  t.match(found.html, 'href="/console/language?code=hi"')
  const list = await staff.get('/console/sessions')
  t.match(list.html, 'href="/console/language?code=hi&amp;to=%2Fconsole%2Fsessions"')
})
