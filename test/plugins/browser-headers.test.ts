import { test } from 'tap'
import { PAIR, webhook } from '../fixtures.js'
import { API, build } from '../helper.js'

const STRICT = {
  'content-security-policy': /^default-src 'none'; script-src 'self'; .*frame-ancestors 'none'$/,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
}
const PATHS = [
  '/v1/numbers',
  '/v1/nothing',
  '/v1/sessions/%ff',
  '/docs',
  '/docs/static/swagger-ui.css',
  '/openapi.json',
]

test('a browser may do little with a reply of the API, whoever asks', async (t) => {
  const { app } = await build(t, API.environment)
  for (const url of PATHS) {
    for (const headers of [{}, API.headers]) {
      const reply = await app.inject({ url, headers })
      t.match(reply.headers, STRICT, url)
      t.notMatch(reply.headers['content-security-policy'], /unsafe|\*|https?:/)
    }
  }
})

test('the page of docs needs nothing that this forbids', async (t) => {
  const { app } = await build(t, API.environment)
  const read = async (url: string) => (await app.inject({ url, headers: API.headers })).body
  const page = await read('/docs')
  const scripts = [...page.matchAll(/<script([^>]*)>([^<]*)/g)]
  t.ok(scripts.length > 0)
  for (const [tag, attributes = '', text = ''] of scripts) {
    t.match(attributes, / src="(?!\w+:|\/\/)/, tag)
    t.equal(text.trim(), '')
  }
  t.notMatch(page, /<style|<base|<iframe| style=| on\w+=|(href|src)="(\w+:)?\/\//)
})

test('the carrier gets none of it: it is no browser', async (t) => {
  const { app } = await build(t, API.environment)
  const { headers } = await app.inject(webhook({ From: PAIR.FE, To: PAIR.M1 }))
  for (const name of Object.keys(STRICT)) t.equal(headers[name], undefined)
})
