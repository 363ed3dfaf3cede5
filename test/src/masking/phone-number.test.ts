import fc from 'fast-check'
import type { CountryCode } from 'libphonenumber-js'
import { getExampleNumber } from 'libphonenumber-js/max'
import examples from 'libphonenumber-js/mobile/examples'
import { test } from 'tap'
import {
  areConfusable,
  countryOf,
  hint,
  isCountry,
  isSameNumber,
  type PhoneNumber,
  parsePhoneNumber,
  splitNumber,
  WORLD,
  wholeNumber,
} from '../../../src/masking/phone-number.js'
import { readings, readSpelling } from '../../../src/masking/spelling.js'

function registered(text: string, country: CountryCode = 'IN'): PhoneNumber {
  const number = parsePhoneNumber(text, country)
  if (!number) throw new Error('the test wants a number that exists')
  return number
}

test('parsePhoneNumber', async (t) => {
  for (const text of ['918888800001', '+91 88888 00001', '08888800001', '8888800001', '00918888800001']) {
    t.match(parsePhoneNumber(text, 'IN'), { countryCode: '91', national: '8888800001' }, `reads ${text}`)
  }
  t.match(
    parsePhoneNumber('14155552671', 'IN'),
    { countryCode: '1' },
    'reads a whole number of another country',
  )
  t.match(parsePhoneNumber('+1 888 880 0001', 'IN'), { countryCode: '1', national: '8888800001' })
  t.match(parsePhoneNumber('1401234567', 'IN'), { national: '1401234567' }, 'reads the 140 series')
  t.match(
    parsePhoneNumber('0236618300', 'IT'),
    { countryCode: '39', national: '0236618300' },
    'keeps a 0 that is part of the number',
  )

  for (const text of ['', 'abc', '100', '12345', '+266696687', '+91 88888 0000', '9188888000012345']) {
    t.equal(parsePhoneNumber(text, 'IN'), undefined, `refuses ${JSON.stringify(text)}`)
  }
})

test('a number is dialled as it was registered, without separators', async (t) => {
  t.equal(registered('918888800001').dialable, '918888800001')
  t.equal(registered('+91 88888-00001').dialable, '+918888800001')
  t.equal(registered('088888 00001').dialable, '918888800001', 'never in national form')
})

test('a number of a calling code that is not known any more is still a number', async (t) => {
  t.same(splitNumber('2101234567'), { countryCode: '', national: '2101234567', dialable: '+2101234567' })
})

test('isCountry', async (t) => {
  t.ok(isCountry('IN'))
  t.notOk(isCountry('XX'))
  t.notOk(isCountry('in'))
})

test('countryOf tells countries of one calling code apart', async (t) => {
  const cases: [string, string][] = [
    ['+918888800001', 'IN'],
    ['+14155552671', 'US'],
    ['+14165550123', 'CA'],
    ['+447400123456', 'GB'],
    ['+447797712345', 'JE'],
    ['+79161234567', 'RU'],
    ['+77011234567', 'KZ'],
    ['+870773111632', WORLD],
    ['+883130123456', WORLD],
  ]
  for (const [text, country] of cases) t.equal(countryOf(registered(text)), country, text)
})

test('hint shows two digits, and none of a short number', async (t) => {
  t.equal(hint('918888800001'), '01')
  t.equal(hint('123456'), undefined)
})

test('areConfusable', async (t) => {
  const indian = registered('+918888800001')
  t.ok(areConfusable(indian, registered('+18888800001')), 'numbers that share their national part')
  t.ok(areConfusable(indian, indian), 'a number and itself')
  t.notOk(areConfusable(indian, registered('+918888800002')))
  t.notOk(isSameNumber(indian, registered('+18888800001')))
})

test('two spellings match exactly when they are the same number', async (t) => {
  const countries = (['IN', 'US', 'GB', 'DE', 'IT', 'SG', 'BR', 'ZA', 'AU', 'FR', 'AE', 'NO'] as const).map(
    (country) => {
      const example = getExampleNumber(country, examples)
      if (!example) throw new Error(`no example number for ${country}`)
      return example
    },
  )
  const number = fc
    .tuple(fc.constantFrom(...countries), fc.integer({ min: 0, max: 99 }))
    .map(([example, tail]) => example.number.slice(0, -2) + String(tail).padStart(2, '0'))
    .filter((text) => parsePhoneNumber(text, 'IN') !== undefined)
    .map((text) => registered(text))
  const spell = fc.constantFrom<(n: PhoneNumber) => string>(
    (n) => `+${wholeNumber(n)}`,
    (n) => `00${wholeNumber(n)}`,
    (n) => `+${n.countryCode} (${n.national.slice(0, 3)}) ${n.national.slice(3)}`,
    (n) => wholeNumber(n),
    (n) => n.national,
    (n) => `0${n.national}`,
  )
  const matches = (text: string, other: PhoneNumber, country: string) => {
    const spelling = readSpelling(text)
    return spelling !== undefined && readings(spelling, country).includes(wholeNumber(other))
  }
  fc.assert(
    fc.property(number, spell, (a, spelled) => matches(spelled(a), a, a.countryCode)),
    { numRuns: 5_000 },
  )
  fc.assert(
    fc.property(number, number, spell, (a, b, spelled) => {
      // A national spelling is read in the other one's country, so only there it can mean the other.
      const international = /^(\+|00)/.test(spelled(a)) || spelled(a) === wholeNumber(a)
      const country = international ? b.countryCode : a.countryCode
      return matches(spelled(a), b, country) === isSameNumber(a, b)
    }),
    { numRuns: 20_000 },
  )
  t.pass('no pair of 20,000 was taken for another')
})
