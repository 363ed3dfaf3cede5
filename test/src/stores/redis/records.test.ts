import { test } from 'tap'
import type { Session } from '../../../../src/masking/session.js'
import { openSession, type RecordFields, sealSession } from '../../../../src/stores/redis/records.js'
import { createVault } from '../../../../src/stores/redis/vault.js'
import { STORE_KEY } from '../../../redis-store.js'

test('a record gives back the session that was sealed in it', async (t) => {
  const vault = createVault([STORE_KEY])
  const session: Session = {
    id: 's_1',
    participants: [
      { number: '918888800001', maskingNumber: '919000000011', restedFor: undefined },
      { number: '918888800002', maskingNumber: '919000000012', restedFor: 5 },
    ],
    createdAt: 1,
    expiresAt: 2,
  }
  const fields = (sealed: string, closedAt: string | null = null): RecordFields => [
    '7',
    '2',
    closedAt,
    sealed,
    null,
  ]
  t.same(openSession('s_1', fields(sealSession(session, ['key'], vault)), vault), {
    session,
    version: '7',
    keys: ['key'],
  })
  const full = { ...session, externalId: '', metadata: { order: '42' } }
  t.same(openSession('s_1', fields(sealSession(full, [], vault), '9'), vault)?.session, {
    ...full,
    closedAt: 9,
  })
  t.equal(openSession('s_1', [null, null, null, null, '1'], vault), undefined, 'aborted')
  t.equal(openSession('s_1', [null, null, null, null, null], vault), undefined)
  t.throws(
    () => openSession('s_2', fields(sealSession(session, [], vault)), vault),
    'the sealed part of another session',
  )
})
