import { test } from 'tap'
import {
  type ApiKey,
  isKeyName,
  keyLine,
  MAX_KEY_NAME,
  nextExpiry,
  readKeyLine,
  sortedScopes,
} from '../../../src/access/api-key.js'
import { createSecret, hashOf, idOf } from '../../../src/access/key-secret.js'

test('a key line holds everything but the secret, and can be read back', async (t) => {
  const { text, id, hash } = createSecret()
  const key = {
    name: 'support',
    scopes: ['sessions:read', 'explain'],
    origin: 'configuration',
    id,
    hash,
  } as const
  const expiresAt = Date.UTC(2100, 0, 1)
  t.same(readKeyLine(keyLine(key)), { ...key, expiresAt: undefined })
  const line = keyLine({ ...key, expiresAt })
  t.same(readKeyLine(line), { ...key, expiresAt })
  t.match(line, /^support\/sessions:read\+explain\/2100-01-01T00:00:00\.000Z\//)
  const secret = text.split('_').slice(2).join('_')
  t.notMatch(line, secret)
  t.equal(hashOf(id, text).toString('base64url'), hash)

  const wrong = [
    '',
    'support',
    line.replace('support', 'Support'),
    line.replace('support', 'environment-1'),
    line.replace('explain', 'everything'),
    line.replace('sessions:read+explain', ''),
    line.replace('2100-01-01T00:00:00.000Z', 'soon'),
    line.replace(id, id.slice(1)),
    line.slice(0, -1),
    `${line}.x`,
    `${line}/x`,
  ]
  for (const text of wrong) t.equal(readKeyLine(text), undefined, text)
})

test('every created key is different and names its id', async (t) => {
  const [one, other] = [createSecret(), createSecret()]
  t.not(one.text, other.text)
  t.not(one.id, other.id)
  t.equal(idOf(one.text), one.id)
  for (const text of ['', one.id, one.text.slice(1), one.text.slice(0, -1), `${one.text}x`])
    t.equal(idOf(text), undefined, text)
  t.ok(Buffer.from(one.text.slice(-43), 'base64url').length === 32, '256 random bits')
})

test('a name cannot hold a phone number, nor be one of API_KEYS', async (t) => {
  for (const name of ['a', 'support', 'desk-2', 'k123456', 'x'.repeat(MAX_KEY_NAME)])
    t.ok(isKeyName(name), name)
  for (const name of [
    '',
    '1',
    'A',
    'a b',
    'a_b',
    'k1234567',
    'a12-34-567',
    'environment-1',
    'x'.repeat(MAX_KEY_NAME + 1),
  ])
    t.notOk(isKeyName(name), name)
})

test('scopes are sorted, and each is there once', async (t) => {
  t.same(sortedScopes(['admin', 'explain', 'sessions:read', 'explain']), [
    'sessions:read',
    'explain',
    'admin',
  ])
})

test('of several keys, the next to expire is one that still holds', async (t) => {
  const key = (expiresAt?: number, revokedAt?: number): ApiKey => ({
    name: 'a',
    scopes: [],
    origin: 'store',
    expiresAt,
    revokedAt,
  })
  t.equal(nextExpiry([], 10), undefined)
  t.equal(nextExpiry([key(), key(9), key(10), key(20, 5)], 10), undefined)
  t.equal(nextExpiry([key(), key(40), key(9), key(30), key(20, 5)], 10), 30)
})
