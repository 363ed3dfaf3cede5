import { test } from 'tap'
import { keyView } from '../../../src/api/key-view.js'

test('a key is valid until it expires or is revoked', async (t) => {
  const key = { name: 'support', scopes: ['explain'], origin: 'store' } as const
  t.same(keyView(key, 1_000), { ...key, status: 'valid' })
  t.match(keyView({ ...key, expiresAt: 1_001 }, 1_000), { status: 'valid' })
  t.match(keyView({ ...key, expiresAt: 1_000 }, 1_000), { status: 'expired' })
  t.match(keyView({ ...key, expiresAt: 1_000, revokedAt: 0 }, 1_000), {
    status: 'revoked',
    revoked_at: '1970-01-01T00:00:00.000Z',
  })
})
