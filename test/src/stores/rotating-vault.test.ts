import { test } from 'tap'
import { createRotatingVault } from '../../../src/stores/rotating-vault.js'
import { createVault } from '../../../src/stores/vault.js'
import { OTHER_KEY, STORE_KEY } from '../../redis-store.js'

test('a vault can change its keys while it is used', async (t) => {
  const vault = createRotatingVault([STORE_KEY])
  const old = createVault([STORE_KEY])
  const next = createVault([OTHER_KEY, STORE_KEY])
  const sealed = vault.seal('918888800001', 'here')
  t.same(vault.keyIds, old.keyIds)
  t.same(vault.namingSecret, old.namingSecret)
  t.same(vault.marksOf('918888800001'), old.marksOf('918888800001'))

  vault.useKeys([OTHER_KEY, STORE_KEY])
  t.same(vault.keyIds, next.keyIds)
  t.same(vault.marksOf('918888800001'), next.marksOf('918888800001'))
  t.same(vault.namingSecret, next.namingSecret)
  t.equal(vault.open(sealed, 'here'), '918888800001', 'what was sealed before can be read')
  t.throws(() => old.open(vault.seal('918888800001', 'here'), 'here'), 'and the new key writes')
})
