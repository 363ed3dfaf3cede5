import fc from 'fast-check'
import { test } from 'tap'
import { type Entry, isBefore } from '../../../src/masking/storage.js'
import {
  createMemoryList,
  insertInto,
  pieceOf,
  RUN_ENTRIES,
  removeFrom,
} from '../../../src/stores/memory-lists.js'

const ids = ['a', 'b', 'c', 'd', 'e', 'f']
/** Each id has one time: an entry that comes again is the same one. */
const entryOf = (i: number): Entry => ({ id: String(ids[i]), at: 1_000 + (i % 3) })
const someEntry = fc.integer({ min: 0, max: ids.length - 1 }).map(entryOf)
const someStep = fc.oneof(
  fc.record({ insert: someEntry }),
  fc.record({ remove: fc.array(someEntry, { maxLength: 4 }) }),
)

test('a list in memory is a set that is sorted, whatever comes and goes', async (t) => {
  const property = fc.property(fc.array(someStep, { maxLength: 30 }), (steps) => {
    const list = createMemoryList()
    const model = new Map<string, Entry>()
    for (const step of steps) {
      if ('insert' in step) {
        insertInto(list, step.insert)
        model.set(step.insert.id, step.insert)
      } else {
        removeFrom(list, step.remove)
        for (const { id } of step.remove) model.delete(id)
      }
      const sorted = [...model.values()].toSorted((one, other) => (isBefore(one, other) ? -1 : 1))
      const piece = (order: 'oldest first' | 'newest first', after?: Entry) =>
        JSON.stringify(pieceOf(list, { order, after, limit: 3 }))
      const all = ids.map((_, i) => entryOf(i))
      const isSame =
        list.size === sorted.length &&
        piece('oldest first') === JSON.stringify(sorted.slice(0, 3)) &&
        piece('newest first') === JSON.stringify(sorted.toReversed().slice(0, 3)) &&
        all.every(
          (after) =>
            piece('oldest first', after) ===
              JSON.stringify(sorted.filter((entry) => isBefore(after, entry)).slice(0, 3)) &&
            piece('newest first', after) ===
              JSON.stringify(
                sorted
                  .toReversed()
                  .filter((entry) => isBefore(entry, after))
                  .slice(0, 3),
              ),
        )
      if (!isSame) return false
    }
    return true
  })
  const { failed, counterexample } = fc.check(property, { numRuns: 500 })
  t.notOk(failed, JSON.stringify(counterexample))
})

test('an entry of a time that is not in the list is not removed from it', async (t) => {
  const list = createMemoryList()
  insertInto(list, { id: 'a', at: 1 })
  removeFrom(list, [{ id: 'a', at: 2 }])
  removeFrom(list, [{ id: 'b', at: 1 }])
  t.equal(list.size, 1)
})

test('a list of many runs is as sorted as a short one, and gives its pieces across them', async (t) => {
  const count = 5 * RUN_ENTRIES
  const sorted = Array.from({ length: count }, (_, i) => ({
    id: `e${String(i).padStart(6, '0')}`,
    at: i >> 1,
  }))
  const rest = new Set(sorted)
  const list = createMemoryList()
  // In an order that is neither that of time nor its reverse: 7,919 is a prime.
  for (let i = 0; i < count; i += 1) insertInto(list, sorted[(i * 7_919) % count] as Entry)
  t.strictSame(pieceOf(list, { order: 'oldest first', limit: Number.POSITIVE_INFINITY }), sorted)
  t.strictSame(pieceOf(list, { order: 'newest first', limit: count }), sorted.toReversed())

  for (const gone of [sorted.slice(100, 3 * RUN_ENTRIES), sorted.slice(-3), sorted.slice(0, 50)]) {
    removeFrom(list, gone)
    for (const entry of gone) rest.delete(entry)
    const left = [...rest]
    t.equal(list.size, left.length)
    t.strictSame(pieceOf(list, { order: 'oldest first', limit: count }), left)
    const [after, limit] = [sorted[RUN_ENTRIES] as Entry, RUN_ENTRIES + 1]
    const behind = left.filter((entry) => isBefore(after, entry)).slice(0, limit)
    t.strictSame(pieceOf(list, { order: 'oldest first', after, limit }), behind)
    const before = left.filter((entry) => isBefore(entry, after)).slice(-limit)
    t.strictSame(pieceOf(list, { order: 'newest first', after, limit }), before.toReversed())
  }
  removeFrom(list, sorted)
  t.equal(list.size, 0)
  t.strictSame(pieceOf(list, { order: 'newest first', limit: 1 }), [])
  insertInto(list, { id: 'again', at: 1 })
  t.equal(list.size, 1)
})

test('entries that come as the newest fill a run before the next one begins', async (t) => {
  const list = createMemoryList()
  for (let at = 0; at < 2 * RUN_ENTRIES + 1; at += 1) insertInto(list, { id: 'e', at })
  t.equal(list.size, 2 * RUN_ENTRIES + 1)
  t.strictSame(
    list.runs.map(({ ids }) => ids.length),
    [RUN_ENTRIES, RUN_ENTRIES, 1],
  )
  t.strictSame(pieceOf(list, { order: 'newest first', limit: 2 }), [
    { id: 'e', at: 2 * RUN_ENTRIES },
    { id: 'e', at: 2 * RUN_ENTRIES - 1 },
  ])
})
