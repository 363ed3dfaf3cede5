import { test } from 'tap'
import type { HashedKey } from '../../../src/access/api-key.js'
import { createSecret } from '../../../src/access/key-secret.js'
import { createKeyring } from '../../../src/access/keyring.js'

const LEGACY = 'k'.repeat(22)
const START = Date.UTC(2100, 0, 1)

function made(name: string, more: Partial<HashedKey> = {}) {
  const { text, id, hash } = createSecret()
  const key: HashedKey = { name, scopes: ['explain'], origin: 'store', id, hash, ...more }
  return { key, authorization: `Bearer ${text}` }
}

test('a keyring says whose key it is, and whether it is valid', async (t) => {
  let now = START
  const configured = made('desk', { origin: 'configuration' })
  const stored = made('shop', { expiresAt: START + 1_000 })
  const revoked = made('former', { revokedAt: START - 1 })
  const ring = createKeyring({
    now: () => now,
    environment: ['x'.repeat(22), LEGACY],
    configured: [configured.key],
  })
  const kindOf = (authorization?: string) => ring.identify(authorization).kind

  t.match(ring.identify(`bearer ${LEGACY}`), {
    kind: 'known',
    key: { name: 'environment-2', scopes: ['admin'] },
  })
  t.match(ring.identify(configured.authorization), { kind: 'known', key: { name: 'desk' } })
  t.equal(kindOf(stored.authorization), 'unknown', 'not read yet')
  ring.setStored([stored.key, revoked.key])
  t.match(ring.identify(stored.authorization), { kind: 'known', key: { name: 'shop', scopes: ['explain'] } })
  t.match(ring.identify(revoked.authorization), { kind: 'revoked', key: { name: 'former' } })
  t.same(
    ring.list().map(({ name }) => name),
    ['environment-1', 'environment-2', 'desk', 'shop', 'former'],
  )
  t.notMatch(JSON.stringify([ring.list(), ring.identify(stored.authorization)]), stored.key.hash)

  now += 1_000
  t.equal(kindOf(stored.authorization), 'expired')
  ring.setStored([])
  t.equal(kindOf(stored.authorization), 'unknown')
  t.equal(kindOf(configured.authorization), 'known')
})

test('a wrong secret is refused, whatever its key id', async (t) => {
  const { key, authorization } = made('desk')
  const ring = createKeyring({ now: () => START, environment: [], configured: [key] })
  const last = authorization.endsWith('A') ? 'B' : 'A'
  const wrong = [
    'Bearer ',
    'Bearer x',
    LEGACY,
    `${authorization}x`,
    authorization.slice(0, -1) + last,
    'Basic x',
  ]
  for (const text of wrong) t.equal(ring.identify(text).kind, 'unknown', text)
  for (const text of [undefined, '']) t.equal(ring.identify(text).kind, 'absent')
})

test('a key of the store cannot replace a key of the configuration', async (t) => {
  const { key, authorization } = made('desk', { origin: 'configuration' })
  const ring = createKeyring({ now: () => START, environment: [], configured: [key] })
  ring.setStored([{ ...key, name: 'forged', scopes: ['admin'], origin: 'store' }])
  t.match(ring.identify(authorization), { key: { name: 'desk', scopes: ['explain'] } })
})

test('a mark leads to its key for as long as that holds, and tells no secret', async (t) => {
  let now = START
  const configured = made('desk', { origin: 'configuration' })
  const stored = made('shop', { expiresAt: START + 1_000 })
  const ring = createKeyring({
    now: () => now,
    environment: ['x'.repeat(22), LEGACY],
    configured: [configured.key],
  })
  ring.setStored([stored.key])
  const [ofLegacy, ofDesk, ofShop] = [`Bearer ${LEGACY}`, configured.authorization, stored.authorization].map(
    (authorization) => ring.markOf(authorization) ?? '',
  ) as [string, string, string]
  t.notMatch([ofLegacy, ofDesk, ofShop].join(), LEGACY)
  t.notMatch([configured.authorization, stored.authorization].join(), ofLegacy)
  t.match(ring.marked(ofLegacy), { name: 'environment-2', scopes: ['admin'] })
  t.match(ring.marked(ofDesk), { name: 'desk' })
  t.match(ring.marked(ofShop), { name: 'shop' })
  for (const wrong of [undefined, '', 'Bearer x', `${stored.authorization}x`])
    t.equal(ring.markOf(wrong), undefined)
  for (const wrong of ['', 'x', `environment:${'A'.repeat(43)}`]) t.equal(ring.marked(wrong), undefined)

  ring.setEnvironment([LEGACY])
  t.match(ring.marked(ofLegacy), { name: 'environment-1' }, 'at another place it is the same key')
  ring.setEnvironment(['y'.repeat(22)])
  t.equal(ring.marked(ofLegacy), undefined)

  now += 1_000
  t.equal(ring.marked(ofShop), undefined, 'expired')
  t.equal(ring.markOf(stored.authorization), undefined)
  now = START
  ring.setStored([{ ...stored.key, revokedAt: START }])
  t.equal(ring.marked(ofShop), undefined, 'revoked')
  ring.setStored([])
  t.equal(ring.marked(ofShop), undefined, 'removed')
  t.match(ring.marked(ofDesk), { name: 'desk' })
})
