import { test } from 'tap'
import type { AccountNumber, Application } from '../../../src/vobiz/account.js'
import { readAccountNumbers } from '../../../src/vobiz/account-numbers.js'
import { compareNumbers } from '../../../src/vobiz/compared-numbers.js'

const [PAIRED, POOLED, TAKEN, TRUNK, GONE] = ['01', '11', '12', '13', '14'].map((end) => `+9190000000${end}`)

const rented = (e164: string | undefined, more: Partial<AccountNumber> = {}): AccountNumber => ({
  e164: String(e164),
  country: 'IN',
  voice: true,
  blocked: false,
  trial: false,
  applicationId: undefined,
  trunkId: undefined,
  ...more,
})
const pooled = (number: string | undefined) => ({
  number: String(number),
  country: 'IN',
  state: 'active' as const,
})

async function compare(applications: readonly Partial<Application>[]) {
  const account = await readAccountNumbers(
    {
      listApplications: async () => applications as Application[],
      listNumbers: async () => [
        rented(PAIRED, { applicationId: '1' }),
        rented(POOLED),
        rented(TAKEN, { applicationId: '2' }),
        rented(TRUNK, { trunkId: 't' }),
      ],
    },
    'callmask',
  )
  return compareNumbers([pooled(POOLED), pooled(GONE)], account, [String(PAIRED)])
}

test('the numbers of the account and of the pool are told side by side', async (t) => {
  const compared = await compare([{ app_id: '1', app_name: 'callmask' }])
  t.same(
    compared.map(({ number, pool, application, attachedTo, unfit }) => [
      number,
      pool,
      application,
      attachedTo,
      unfit?.seen,
    ]),
    [
      [PAIRED, 'static pair', 'ours', 'callmask', undefined],
      [POOLED, 'active', 'none', undefined, undefined],
      [TAKEN, undefined, 'other', '2', undefined],
      [TRUNK, undefined, 'none', 'a SIP trunk', 'is on a SIP trunk, which takes its calls'],
      [GONE, 'active', undefined, undefined, 'is not in the account'],
    ],
  )
})

test('without an application of ours, what is attached is attached to another one', async (t) => {
  const applications = (await compare([])).map(({ application }) => application)
  t.same(applications, ['other', 'none', 'other', 'none', undefined])
})
