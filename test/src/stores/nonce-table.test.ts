import { test } from 'tap'
import { createNonceTable, digestOf } from '../../../src/stores/nonce-table.js'

test('a table of nonces finds what was put in, also after it has grown, and where keys meet in one slot', async (t) => {
  const table = createNonceTable()
  const count = 5_000
  for (let i = 0; i < count; i += 1) table.add([i, 7], [i, 1], i)
  t.equal(table.size, count)
  for (let i = 0; i < count; i += 1) {
    const found = table.find([i, 7], [i, 1])
    if (!found?.hasMark || found.at !== i) t.fail(`${i} is not there`)
  }
  t.same(table.find([3, 7], [4, 1]), { hasMark: false, at: 3 })
  t.same(table.find([3, 7], [3, 2]), { hasMark: false, at: 3 })
  t.equal(table.find([3, 8], [3, 1]), undefined)
  t.equal(table.find([count, 7], [3, 1]), undefined)
})

test('a digest depends on the secret and the text, and on nothing else', async (t) => {
  t.same(digestOf('s', 'a'), digestOf('s', 'a'))
  t.strictNotSame(digestOf('s', 'a'), digestOf('s', 'b'))
  t.strictNotSame(digestOf('s', 'a'), digestOf('r', 'a'))
})
