import { test } from 'tap'
import { keyLine } from '../../src/access/api-key.js'
import { createSecret } from '../../src/access/key-secret.js'
import type { Scope } from '../../src/access/scopes.js'
import { API, build } from '../helper.js'

const KEY = API.environment.API_KEYS
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`

/** A key of the configuration. */
function made(name: string, scopes: readonly Scope[]) {
  const { text, id, hash } = createSecret()
  return { text, line: keyLine({ name, scopes, origin: 'configuration', id, hash }) }
}

test('metrics are for keys with their scope', async (t) => {
  const reader = made('prometheus', ['metrics:read'])
  const other = made('support', ['sessions:read', 'explain'])
  const { app, audited } = await build(t, {
    ...API.environment,
    API_KEY_HASHES: `${reader.line},${other.line}`,
  })
  const statusOf = async (authorization?: string) =>
    (await app.inject({ url: '/metrics', headers: { ...(authorization && { authorization }) } })).statusCode
  for (const authorization of [
    `Bearer ${reader.text}`,
    `Bearer ${KEY}`,
    basic(`:${reader.text}`),
    basic(`prometheus:${KEY}`),
  ])
    t.equal(await statusOf(authorization), 200, authorization)
  t.equal(await statusOf(), 401)
  t.equal(await statusOf('Bearer x'), 401)

  const refused = await app.inject({ url: '/metrics', headers: { authorization: `Bearer ${other.text}` } })
  t.match(refused.json(), { status: 403, code: 'missing_scope', detail: /metrics:read/ })
  t.equal(
    (await app.inject({ url: '/v1/numbers', headers: { authorization: `Bearer ${reader.text}` } }))
      .statusCode,
    403,
    'and the scope opens nothing else',
  )
  t.notMatch(
    audited().join(),
    '"key":"prometheus","source":"127.0.0.1","status":200',
    'no line for each of them',
  )
})

test('METRICS=public opens them to everybody, also where there is no API', async (t) => {
  for (const environment of [{}, API.environment]) {
    const { app } = await build(t, { ...environment, METRICS: 'public' })
    t.equal((await app.inject('/metrics')).statusCode, 200)
  }
})
