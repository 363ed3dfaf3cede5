import { test } from 'tap'
import { PAIR, webhook } from '../fixtures.js'
import { API, build } from '../helper.js'

const NOT_KEPT = { 'cache-control': 'no-store' }

test('nobody on the way may keep a reply', async (t) => {
  const { app } = await build(t, API.environment)
  const call = webhook({ From: PAIR.FE, To: PAIR.M1 })
  t.match((await app.inject(call)).headers, NOT_KEPT, 'the answer to a call, which holds a number')
  t.match((await app.inject({ ...call, payload: '' })).headers, NOT_KEPT)
  for (const url of [
    '/v1/numbers',
    '/v1/nothing',
    '/v1/sessions/%ff',
    '/docs',
    '/openapi.json',
    '/nothing',
    '/health',
  ]) {
    t.match((await app.inject({ url, headers: API.headers })).headers, NOT_KEPT, url)
    t.match((await app.inject(url)).headers, NOT_KEPT, `${url} without a key`)
  }
})
