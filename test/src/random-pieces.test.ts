import { test } from 'tap'
import { createRandomPieces } from '../../src/random-pieces.js'

test('random bytes come in pieces of one size, none of which is given twice', (t) => {
  const next = createRandomPieces(12)
  const pieces = Array.from({ length: 1_000 }, () => next())
  t.ok(pieces.every(({ length }) => length === 12))
  t.equal(
    new Set(pieces.map((piece) => piece.toString('hex'))).size,
    1_000,
    'also while all are still in use',
  )
  const bits = pieces
    .flatMap((piece) => [...piece])
    .reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0)
  t.ok(Math.abs(bits - 48_000) < 1_500, 'half of the bits are set')
  t.end()
})
