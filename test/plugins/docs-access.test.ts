import { test } from 'tap'
import { API, build } from '../helper.js'

const KEY = API.environment.API_KEYS
const PATHS = [
  '/openapi.json',
  '/docs',
  '/docs/',
  '/docs/json',
  '/docs/yaml',
  '/docs/static/swagger-ui-bundle.js',
]
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`

test('the description is not sent without a key', async (t) => {
  const { app } = await build(t, API.environment)
  const wrong = [
    undefined,
    'Bearer x',
    KEY,
    'Basic',
    'Basic !',
    basic(KEY),
    basic(`${KEY}:`),
    basic(`x:${KEY}x`),
    basic(`x:y:${KEY}`),
    basic(`x:${KEY}\n`),
  ]
  // Each stranger comes from an address of their own, or they would be told to wait.
  let strangers = 0
  for (const url of PATHS) {
    for (const authorization of wrong) {
      strangers += 1
      const reply = await app.inject({
        url,
        remoteAddress: `10.0.0.${strangers}`,
        headers: { ...(authorization !== undefined && { authorization }) },
      })
      t.match(reply.json(), { status: 401, code: 'unauthorized' }, `${url} ${authorization}`)
      t.match(reply.headers['www-authenticate'], [/^Basic realm=/, 'Bearer'])
      t.ok(reply.rawPayload.length < 1_000, 'and it costs little')
    }
    t.equal((await app.inject({ method: 'HEAD', url, remoteAddress: '10.0.1.1' })).statusCode, 401)
  }
})

test('programs send the key as a bearer token, browsers as the password', async (t) => {
  const { app } = await build(t, API.environment)
  for (const url of PATHS) {
    for (const authorization of [`Bearer ${KEY}`, basic(`:${KEY}`), basic(`anybody:${KEY}`)])
      t.equal(
        (await app.inject({ url, headers: { authorization } })).statusCode,
        200,
        `${url} ${authorization}`,
      )
  }
  const headers = { authorization: basic(`anybody:${KEY}`) }
  t.equal(
    (await app.inject({ url: '/v1/numbers', headers })).statusCode,
    401,
    'only there: a browser sends it unasked',
  )
})

test('API_DOCS=public opens the description to everybody', async (t) => {
  const { app } = await build(t, { ...API.environment, API_DOCS: 'public' })
  for (const url of PATHS) t.equal((await app.inject(url)).statusCode, 200, url)
  t.equal((await app.inject('/v1/numbers')).statusCode, 401, 'but not the API')
})
