import { test } from 'tap'
import { readMaskingNumbers } from '../../../src/config/masking-numbers.js'
import { PAIR } from '../../fixtures.js'

const COUNTRY = { DEFAULT_COUNTRY: 'IN' } as const

test('readMaskingNumbers reads the static pair and the pool', async (t) => {
  const dialable = (numbers: readonly { dialable: string }[]) => numbers.map((number) => number.dialable)
  const both = readMaskingNumbers({ ...PAIR, ...COUNTRY, MASKING_NUMBERS: '+919000000003, 09000000001' })
  t.same(dialable(both.pool), ['+919000000003', '919000000001'])
  t.same(dialable(both.all), [PAIR.M1, PAIR.M2, '+919000000003'], 'each once')
  t.same(dialable(both.ofPair), [PAIR.M1, PAIR.M2])
  t.match(both.pair, {
    participants: [
      { number: { dialable: PAIR.FE }, maskingNumber: { dialable: PAIR.M1 } },
      { number: { dialable: PAIR.CUSTOMER }, maskingNumber: { dialable: PAIR.M2 } },
    ],
  })
  t.match(both.fixed, [{ destination: PAIR.CUSTOMER }, { destination: PAIR.FE }])

  const poolAlone = readMaskingNumbers({ ...COUNTRY, MASKING_NUMBERS: '+919000000003' })
  t.same(dialable(poolAlone.all), ['+919000000003'])
  t.match(poolAlone, { pair: undefined, fixed: [] })
  t.same(readMaskingNumbers({ ...PAIR, ...COUNTRY }).pool, [])
})

test('the countries of participants may be listed', async (t) => {
  const { listedCountries } = readMaskingNumbers({ ...PAIR, ...COUNTRY, ALLOWED_COUNTRIES: 'AE, 001' })
  t.same([...(listedCountries ?? [])], ['AE', '001'])
  t.equal(readMaskingNumbers({ ...PAIR, ...COUNTRY }).listedCountries, undefined)
})

test('a number that cannot exist is refused without being quoted', async (t) => {
  t.throws(() => readMaskingNumbers({ ...PAIR, ...COUNTRY, FE: '12' }), {
    message: 'a number of the configuration is not a phone number',
  })
})
