import type { Test } from 'tap'
import type { Entry } from '../src/masking/storage.js'
import type { FoundText, Name, Texts } from '../src/stores/texts.js'
import { START } from './session-store-contract.js'

/** Until when what a test writes is kept. */
export const LATER = START + 60_000
export const NEVER = Number.POSITIVE_INFINITY

/** What every driver does. @param makeTexts opens an empty one */
export function textsContract(t: Test, makeTexts: (t: Test) => Promise<Texts>): void {
  t.test('a text takes the place of what was read, and of nothing else', async (t) => {
    const texts = await makeTexts(t)
    const name = { kind: 'thing', id: 'a' }
    const swap = (was: string | undefined, text: string | undefined, until = LATER) =>
      texts.swap({ name, was, text, until })
    const read = async () => (await texts.read([name]))[0]

    t.equal(await read(), undefined)
    t.notOk(await swap('one', 'two'), 'nothing is there')
    t.notOk(await swap('one', undefined))
    t.ok(await swap(undefined, undefined), 'nothing may take the place of nothing')
    t.ok(await swap(undefined, 'one'))
    t.notOk(await swap(undefined, 'two'), 'something is there')
    t.notOk(await swap('two', 'three'), 'something else is there')
    t.equal(await read(), 'one')
    t.ok(await swap('one', 'with a space, ü, 🙂 and\na line', NEVER))
    t.equal(await read(), 'with a space, ü, 🙂 and\na line')
    t.notOk(await swap('one', undefined))
    t.ok(await swap('with a space, ü, 🙂 and\na line', undefined))
    t.equal(await read(), undefined)
  })

  t.test('any number are read at once, in the order in which they are asked for', async (t) => {
    const texts = await makeTexts(t)
    const ids = Array.from({ length: 20 }, (_, i) => `id-${i}`)
    for (const id of ids.filter((_, i) => i % 3 > 0)) await put(texts, { kind: 'thing', id }, `text of ${id}`)
    for (const count of [0, 1, 2, 7, 8, 9, 20]) {
      const asked = ids.slice(0, count).reverse()
      t.same(
        await texts.read(asked.map((id) => ({ kind: 'thing', id }))),
        asked.map((id) => (Number(id.slice(3)) % 3 > 0 ? `text of ${id}` : undefined)),
        `${count} of them`,
      )
    }
    t.same(await texts.read([{ kind: 'other', id: 'id-1' }]), [undefined], 'another kind has its own')
  })

  t.test('of many who put something in the place of the same, one is first', async (t) => {
    const texts = await makeTexts(t)
    const name = { kind: 'thing', id: 'a' }
    let was: string | undefined
    for (let round = 0; round < 10; round++) {
      const swaps = Array.from({ length: 20 }, (_, i) =>
        texts.swap({ name, was, text: `${round}-${i}`, until: LATER }),
      )
      const done = await Promise.all(swaps)
      t.equal(done.filter(Boolean).length, 1)
      const [now] = await texts.read([name])
      t.equal(now, `${round}-${done.indexOf(true)}`)
      was = String(now)
    }
  })

  t.test('a list is in the order of time, and those of one millisecond in that of their ids', async (t) => {
    const texts = await makeTexts(t)
    const list = { kind: 'list', id: 'a' }
    const entries = ['d', 'b', 'e', 'a', 'c'].flatMap((id, i) => [
      { id: `${id}-1`, at: START + (i % 2) },
      { id: `${id}-2`, at: START - i },
    ])
    for (const entry of entries) await texts.enlist(list, entry, LATER)
    await texts.enlist(list, entries[0] as Entry, LATER)
    const sorted = entries.toSorted((one, other) => one.at - other.at || (one.id < other.id ? -1 : 1))
    const whole = { 'oldest first': sorted, 'newest first': sorted.toReversed() }
    for (const order of ['oldest first', 'newest first'] as const) {
      t.same(await texts.entries(list, { order, limit: 99 }), whole[order], `${order}, each of them once`)
      for (let limit = 1; limit <= entries.length + 1; limit++) {
        const walked: Entry[] = []
        for (;;) {
          const piece = await texts.entries(list, { order, limit, after: walked.at(-1) })
          walked.push(...piece)
          if (piece.length < limit) break
        }
        t.same(walked, whole[order], `${order}, ${limit} at a time`)
      }
    }
    t.same(await texts.entries(list, { order: 'oldest first', limit: 0 }), [])
    t.same(await texts.entries({ kind: 'list', id: 'b' }, { order: 'oldest first', limit: 9 }), [], 'another')
  })

  t.test('a walk through a list goes on behind an entry that has left it', async (t) => {
    const texts = await makeTexts(t)
    const list = { kind: 'list', id: 'a' }
    const entries = ['a', 'b', 'c', 'd'].map((id) => ({ id, at: START }))
    for (const entry of entries) await texts.enlist(list, entry, LATER)
    const [, b, c] = entries as [Entry, Entry, Entry]
    await texts.delist(list, [b, c])
    await texts.delist(list, [])
    await texts.delist({ kind: 'list', id: 'none' }, [b])
    const idsBehind = async (order: 'oldest first' | 'newest first', after: Entry) =>
      (await texts.entries(list, { order, after, limit: 9 })).map(({ id }) => id)
    t.same(await idsBehind('oldest first', b), ['d'])
    t.same(await idsBehind('newest first', c), ['a'])
    t.same(
      await idsBehind('oldest first', { id: 'a', at: START - 1 }),
      ['a', 'd'],
      'one that was never in it',
    )
    t.same(await idsBehind('newest first', { id: 'z', at: START + 1 }), ['d', 'a'])
    t.same(await idsBehind('oldest first', { id: 'd', at: START }), [])
    await texts.delist(list, entries)
    t.same(await texts.entries(list, { order: 'oldest first', limit: 9 }), [], 'it may become empty')
    await texts.enlist(list, b, LATER)
    t.same(await texts.entries(list, { order: 'oldest first', limit: 9 }), [b])
  })

  t.test('all of a kind are found, and nothing of another', async (t) => {
    const texts = await makeTexts(t)
    const ids = Array.from({ length: 1_200 }, (_, i) => `id-${i}`)
    for (const id of ids) await put(texts, { kind: 'thing', id }, `text of ${id}`)
    for (const kind of ['thin', 'things', 'th*', 'thing2'])
      await put(texts, { kind, id: 'x' }, 'of another kind')
    const found = await allOf(texts, 'thing')
    t.same(new Map(found.map(({ id, text }) => [id, text])), new Map(ids.map((id) => [id, `text of ${id}`])))
    t.same(await allOf(texts, 'th*'), [{ id: 'x', text: 'of another kind' }])
    t.same(await allOf(texts, 'none'), [])
  })

  t.test('nothing is lost, so all that was written is confirmed', async (t) => {
    const texts = await makeTexts(t)
    const names = ['a', 'b'].map((id) => ({ kind: 'thing', id }))
    for (const name of names) await put(texts, name, 'text')
    t.equal(await texts.confirm(() => names), true)
  })
}

export async function put(texts: Texts, name: Name, text: string, until = LATER): Promise<void> {
  if (!(await texts.swap({ name, was: undefined, text, until }))) throw new Error('something is there')
}

export async function allOf(texts: Texts, kind: string): Promise<FoundText[]> {
  const all: FoundText[] = []
  for await (const found of texts.all(kind)) all.push(...found)
  return all
}
