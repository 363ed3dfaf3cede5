import fc from 'fast-check'
import { test } from 'tap'
import { readDecimal, sumOf } from '../../../src/calls/decimal.js'

test('amounts are read as the API writes them, and nothing else is one', async (t) => {
  const cases: [unknown, string | undefined][] = [
    [0.45, '0.45'],
    [1.35, '1.35'],
    [0, '0'],
    [12, '12'],
    ['0.45000', '0.45'],
    ['0.00000', '0'],
    ['10', '10'],
    [1e-7, '0.0000001'],
    [1e21, undefined],
    [-1, undefined],
    ['1e3', undefined],
    ['', undefined],
    [null, undefined],
    [undefined, undefined],
    [Number.NaN, undefined],
    ['918888800001@', undefined],
  ]
  for (const [value, expected] of cases) t.equal(readDecimal(value), expected, String(value))
})

test('sums are exact', async (t) => {
  t.equal(sumOf(['0.1', '0.2']), '0.3')
  t.equal(sumOf(['0.45', '0.45', '1']), '1.9')
  t.equal(sumOf([]), '0')
  const cents = fc.array(fc.integer({ min: 0, max: 10_000_000 }), { maxLength: 8 })
  fc.assert(
    fc.property(cents, (all) => {
      const sum = all.reduce((one, other) => one + other, 0)
      const written = sumOf(all.map((amount) => (amount / 100).toFixed(2)))
      return Math.round(Number(written) * 100) === sum
    }),
  )
})
