import fc from 'fast-check'
import { test } from 'tap'
import { type Entry, isBefore } from '../../../src/masking/storage.js'
import { createMemoryList } from '../../../src/stores/memory-lists.js'

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
        list.insert(step.insert)
        model.set(step.insert.id, step.insert)
      } else {
        list.remove(step.remove)
        for (const { id } of step.remove) model.delete(id)
      }
      const sorted = [...model.values()].toSorted((one, other) => (isBefore(one, other) ? -1 : 1))
      const piece = (order: 'oldest first' | 'newest first', after?: Entry) =>
        JSON.stringify(list.piece({ order, after, limit: 3 }))
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
  list.insert({ id: 'a', at: 1 })
  list.remove([{ id: 'a', at: 2 }])
  list.remove([{ id: 'b', at: 1 }])
  t.equal(list.size, 1)
})
