import { test } from 'tap'
import type { AccountNumber } from '../../../src/vobiz/account.js'
import { isUsable, unfitness } from '../../../src/vobiz/fitness.js'

const FIT: AccountNumber = {
  e164: '+919000000001',
  country: 'IN',
  voice: true,
  blocked: false,
  trial: false,
  applicationId: undefined,
  trunkId: undefined,
}

test('unfitness says why a number gets no masked calls, a reason that cannot be fixed first', async (t) => {
  t.equal(unfitness(FIT), undefined)
  t.equal(unfitness({ ...FIT, applicationId: '1' }), undefined, 'whatever it is attached to')
  t.match(unfitness(undefined), { seen: 'is not in the account' })
  t.match(unfitness({ ...FIT, trial: true, blocked: true }), { seen: /trial/, remedy: 'rent a number' })
  t.match(unfitness({ ...FIT, blocked: true }), { seen: 'is blocked' })
  t.match(unfitness({ ...FIT, voice: false }), { seen: 'takes no voice calls' })
  t.match(unfitness({ ...FIT, trunkId: 'trunk' }), { seen: /SIP trunk/ })
})

test('a number is usable when it is fit, and free or attached to our application', async (t) => {
  t.ok(isUsable(FIT, undefined))
  t.ok(isUsable({ ...FIT, applicationId: '1' }, '1'))
  t.notOk(isUsable({ ...FIT, applicationId: '2' }, '1'))
  t.notOk(isUsable({ ...FIT, applicationId: '2' }, undefined))
  t.notOk(isUsable({ ...FIT, trial: true }, undefined))
})
