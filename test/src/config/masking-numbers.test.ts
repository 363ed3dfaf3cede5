import { test } from 'tap'
import { allowedCountries, maskingNumbers, pool, staticPair } from '../../../src/config/masking-numbers.js'
import { PAIR } from '../../fixtures.js'

const COUNTRY = { DEFAULT_COUNTRY: 'IN' } as const

test('the numbers of a configuration', async (t) => {
  const dialable = (numbers: readonly { dialable: string }[]) => numbers.map((number) => number.dialable)
  const both = { ...PAIR, ...COUNTRY, MASKING_NUMBERS: '+919000000003, 09000000001' }
  t.same(dialable(pool(both)), ['+919000000003', '919000000001'])
  t.same(dialable(maskingNumbers(both)), [PAIR.M1, PAIR.M2, '+919000000003'], 'each once')
  t.match(staticPair(both), {
    participants: [
      { number: { dialable: PAIR.FE }, maskingNumber: { dialable: PAIR.M1 } },
      { number: { dialable: PAIR.CUSTOMER }, maskingNumber: { dialable: PAIR.M2 } },
    ],
  })
  t.same(dialable(maskingNumbers({ ...COUNTRY, MASKING_NUMBERS: '+919000000003' })), ['+919000000003'])
  t.equal(staticPair({ ...COUNTRY, MASKING_NUMBERS: '+919000000003' }), undefined)
  t.same(pool({ ...PAIR, ...COUNTRY }), [])
})

test('the countries of participants', async (t) => {
  const countries = (config: object) => [...(allowedCountries({ ...COUNTRY, ...config }) ?? ['any'])]
  t.same(countries({ MASKING_NUMBERS: '09000000001,+919000000002,+12015550123' }), ['IN', 'US'])
  t.same(countries({ MASKING_NUMBERS: '09000000001', ALLOWED_COUNTRIES: 'AE, 001' }), ['AE', '001'])
  t.same(countries(PAIR), ['any'], 'the static pair is no pool')
})

test('what is no number is not quoted', async (t) => {
  t.throws(() => staticPair({ ...PAIR, ...COUNTRY, FE: '12' }), {
    message: 'a number of the configuration is not a phone number',
  })
})
