import { test } from 'tap'
import type { Session } from '../../../../src/masking/session.js'
import {
  openRecord,
  openSession,
  type RecordFields,
  sealEnd,
  sealSession,
} from '../../../../src/stores/redis/records.js'
import { createVault } from '../../../../src/stores/redis/vault.js'
import { OTHER_KEY, STORE_KEY } from '../../../redis-store.js'

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
  const stored = { session, version: 7, keys: ['key'], fingerprint: 'f' }
  const sealed = sealSession(stored, vault)
  t.same(openSession('s_1', fields(sealed), vault), stored)
  const full = { ...stored, session: { ...session, externalId: '', metadata: { order: '42' }, closedAt: 9 } }
  t.same(openSession('s_1', fields(sealSession(full, vault), '9'), vault), full)
  t.equal(openSession('s_1', [null, null, null, null, '1'], vault), undefined, 'aborted')
  t.equal(openSession('s_1', [null, null, null, null, null], vault), undefined)

  t.test('that was closed unread has no session', async (t) => {
    const end: RecordFields = ['0', '5', '5', sealEnd('s_1', 5, vault), null]
    t.equal(openRecord('s_1', end, vault), 'closed-unread')
    t.equal(openSession('s_1', end, vault), undefined)
    t.throws(() => openRecord('s_1', ['0', '9', null, end[3], null], vault), {
      message: 'a session cannot be read: altered',
    })
  })

  t.test('of which something that decides was altered is refused', async (t) => {
    const older = sealSession({ ...stored, version: 6 }, vault)
    const cases: Record<string, RecordFields> = {
      version: ['8', '2', null, sealed, null],
      'a later end': ['7', '3', null, sealed, null],
      'an end in other words': ['7', '2.0', null, sealed, null],
      'a close': ['7', '2', '1', sealed, null],
      aborted: ['7', '2', null, sealed, '1'],
      'nothing sealed': ['7', '2', null, null, null],
      'no JSON': ['7', '2', null, vault.seal('{', 'session s_1'), null],
      'an old text put back': ['7', '2', null, older, null],
      'no text of ours': ['7', '2', null, 'text', null],
    }
    for (const [name, altered] of Object.entries(cases))
      t.throws(
        () => openRecord('s_1', altered, vault),
        { name: 'UnreadableSessionError', reason: name === 'no text of ours' ? 'unknown-key' : 'altered' },
        name,
      )
    const closed = sealSession(full, vault)
    t.throws(
      () => openRecord('s_1', ['7', '2', null, closed, null], vault),
      { message: 'a session cannot be read: altered' },
      'opened',
    )
    t.throws(
      () => openRecord('s_2', fields(sealed), vault),
      { message: 'a session cannot be read: altered' },
      'another session’s',
    )
    const theirs = createVault([OTHER_KEY])
    t.throws(() => openRecord('s_1', fields(sealed), theirs), {
      message: 'a session cannot be read: unknown-key',
    })
  })
})
