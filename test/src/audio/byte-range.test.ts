import { test } from 'tap'
import {
  contentRange,
  partOf,
  rangeHeader,
  readContentRange,
  readRange,
} from '../../../src/audio/byte-range.js'

test('one range is read, and anything else is passed over', async (t) => {
  t.same(readRange('bytes=0-99'), { first: 0, last: 99 })
  t.same(readRange('Bytes=5-'), { first: 5, last: undefined })
  t.same(readRange('bytes=-7'), { suffix: 7 })
  const others = [undefined, '', 'bytes=', 'bytes=-', 'bytes=9-1', 'bytes=0-1,5-6', 'items=0-1', 'bytes=a-b']
  for (const header of others) t.equal(readRange(header), undefined, String(header))
  t.equal(readRange(`bytes=${'9'.repeat(16)}-`), undefined, 'no file is that large')
})

test('a range is written as it was read', async (t) => {
  for (const header of ['bytes=0-99', 'bytes=5-', 'bytes=-7']) {
    const range = readRange(header)
    t.equal(range && rangeHeader(range), header)
  }
})

test('a range means a part of the file, as far as it goes', async (t) => {
  t.same(partOf({ first: 0, last: 99 }, 10), { first: 0, last: 9 })
  t.same(partOf({ first: 3, last: undefined }, 10), { first: 3, last: 9 })
  t.same(partOf({ first: 3, last: 4 }, 10), { first: 3, last: 4 })
  t.same(partOf({ suffix: 4 }, 10), { first: 6, last: 9 })
  t.same(partOf({ suffix: 40 }, 10), { first: 0, last: 9 })
  t.equal(partOf({ first: 10, last: undefined }, 10), undefined)
  t.equal(partOf({ suffix: 0 }, 10), undefined)
  t.equal(partOf({ first: 0, last: undefined }, 0), undefined)
})

test('Content-Range is read and written', async (t) => {
  t.same(readContentRange('bytes 0-4/10'), { part: { first: 0, last: 4 }, total: 10 })
  t.same(readContentRange('bytes 0-4/*'), { part: { first: 0, last: 4 }, total: undefined })
  t.same(readContentRange('bytes */10'), { part: undefined, total: 10 })
  t.same(readContentRange('nonsense'), { part: undefined, total: undefined })
  t.same(readContentRange(null), { part: undefined, total: undefined })
  t.equal(contentRange({ first: 0, last: 4 }, 10), 'bytes 0-4/10')
  t.equal(contentRange(undefined, undefined), 'bytes */*')
})
