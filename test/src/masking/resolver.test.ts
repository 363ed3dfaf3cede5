import { test } from 'tap'
import type { LegLookup } from '../../../src/masking/leg-lookup.js'
import { legsOf } from '../../../src/masking/pair.js'
import type { PhoneNumber } from '../../../src/masking/phone-number.js'
import { resolveCall } from '../../../src/masking/resolver.js'
import type { FoundLeg } from '../../../src/masking/session-store.js'

const number = (national: string): PhoneNumber => ({ countryCode: '91', national, dialable: `91${national}` })
const [fe, customer, m1, m2] = ['8888800001', '8888800002', '9000000001', '9000000002'].map(number) as [
  PhoneNumber,
  PhoneNumber,
  PhoneNumber,
  PhoneNumber,
]
const [feToCustomer] = legsOf({
  participants: [
    { number: fe, maskingNumber: m1 },
    { number: customer, maskingNumber: m2 },
  ],
})

const ended = { destination: '+918888800009', callerIdShown: '+919000000009', sessionId: 's_1' }
const found: Record<string, FoundLeg> = {
  '8888800001': { kind: 'open', leg: feToCustomer },
  '8888800004': { kind: 'ended', leg: ended },
}

/** Knows one masking number and two callers on it, by their digits. */
const store: LegLookup = {
  findMaskingNumber: ({ digits }) => (digits === '9000000001' ? m1 : undefined),
  findLeg: async (dialled, { digits }) => (dialled === m1 ? found[digits] : undefined),
}

test('resolveCall', async (t) => {
  t.test('connects a leg', async (t) => {
    const outcome = await resolveCall(store, { from: '8888800001', to: '9000000001' })
    t.same(outcome, { kind: 'connect', dialled: m1, leg: feToCustomer })
  })

  t.test('names the reason of a refusal', async (t) => {
    const cases = [
      { from: '8888800001', to: '9000000009', reason: 'not-a-masking-number' },
      { from: '8888800001', to: 'nonsense', reason: 'not-a-masking-number' },
      { from: '8888800002', to: '9000000001', reason: 'unknown-caller' },
      { from: '8888800004', to: '9000000001', reason: 'session-ended', sessionId: 's_1' },
      { from: '', to: '9000000001', reason: 'withheld-caller' },
      { from: 'anonymous', to: '9000000001', reason: 'withheld-caller' },
      { from: 'Restricted', to: '9000000001', reason: 'withheld-caller' },
      { from: '+266696687', to: '9000000001', reason: 'withheld-caller' },
    ]
    for (const { from, to, ...refusal } of cases) {
      t.match(await resolveCall(store, { from, to }), { kind: 'refuse', ...refusal }, `${from} to ${to}`)
    }
  })

  t.test('tells the masking number of a refusal only when it is ours', async (t) => {
    t.equal((await resolveCall(store, { from: '', to: '9000000001' })).dialled, m1)
    t.equal((await resolveCall(store, { from: '', to: '9000000009' })).dialled, undefined)
  })
})

test('legsOf cross-maps: the callee sees the number that they would dial', async (t) => {
  t.same(feToCustomer, {
    side: 0,
    caller: fe,
    dialled: m1,
    destination: customer.dialable,
    callerIdShown: m2.dialable,
  })
})
