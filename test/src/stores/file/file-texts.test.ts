import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { StoreUnavailableError } from '../../../../src/masking/storage.js'
import { StoreFolderError } from '../../../../src/stores/file/folder-error.js'
import { type FoundText, type Texts, WRONG_TYPE } from '../../../../src/stores/texts.js'
import { opened, temporaryFolder } from './folders.js'

const NEVER = Number.POSITIVE_INFINITY
const name = { kind: 'thing', id: 'a' }
const list = { kind: 'things', id: 'all' }

function put(texts: Texts, id: string, text: string, until = NEVER): Promise<boolean> {
  return texts.swap({ name: { kind: 'thing', id }, was: undefined, text, until })
}

async function readOne(texts: Texts, id: string): Promise<unknown> {
  return (await texts.read([{ kind: 'thing', id }]))[0]
}

test('a text takes the place of what was read, and of nothing else', async (t) => {
  const texts = await opened(t)
  t.same(await texts.read([name]), [undefined])
  t.ok(await texts.swap({ name, was: undefined, text: 'one', until: NEVER }))
  t.notOk(await texts.swap({ name, was: undefined, text: 'two', until: NEVER }), 'something is there')
  t.notOk(await texts.swap({ name, was: 'two', text: 'three', until: NEVER }), 'something else is there')
  t.notOk(await texts.swap({ name, was: WRONG_TYPE, text: 'three', until: NEVER }), 'a text is there')
  t.same(await texts.read([name]), ['one'])
  t.ok(await texts.swap({ name, was: 'one', text: 'with a space, ü, 🙂 and\na line', until: 5_000 }))
  t.same(await texts.read([name]), ['with a space, ü, 🙂 and\na line'])
  t.notOk(await texts.swap({ name, was: 'one', text: undefined, until: NEVER }))
  t.ok(await texts.swap({ name, was: 'with a space, ü, 🙂 and\na line', text: undefined, until: NEVER }))
  t.same(await texts.read([name]), [undefined])
  t.ok(await texts.swap({ name, was: undefined, text: '', until: NEVER }), 'an empty text is a text')
  t.same(await texts.read([name]), [''])
  t.notOk(await texts.swap({ name, was: undefined, text: 'more', until: NEVER }))
})

test('several are read at once, in the order in which they are asked for', async (t) => {
  const texts = await opened(t)
  await Promise.all([put(texts, 'a', 'A'), put(texts, 'b', 'B')])
  const names = ['b', 'none', 'a', 'b'].map((id) => ({ kind: 'thing', id }))
  t.same(await texts.read(names), ['B', undefined, 'A', 'B'])
  t.same(await texts.read([{ kind: 'thin', id: 'g/a' }]), [undefined], 'another kind')
})

test('of many who swap the same at once, one is first', async (t) => {
  const texts = await opened(t)
  for (let round = 0; round < 20; round++) {
    const [was] = await texts.read([name])
    const swaps = Array.from({ length: 64 }, (_, i) =>
      texts.swap({ name, was, text: `${round} ${i}`, until: NEVER }),
    )
    const won = (await Promise.all(swaps)).flatMap((done, i) => (done ? i : []))
    t.equal(won.length, 1)
    t.same(await texts.read([name]), [`${round} ${won[0]}`])
  }
})

test('whoever is told that something is written can read it at once', async (t) => {
  const texts = await opened(t)
  for (let i = 0; i < 200; i++) {
    await readOne(texts, 'a')
    const was = i === 0 ? undefined : String(i - 1)
    await texts.swap({ name, was, text: String(i), until: NEVER })
    t.equal(await readOne(texts, 'a'), String(i))
  }
})

test('a list is in the order of time and then of ids, from either end', async (t) => {
  const texts = await opened(t)
  const inOrder = [
    { id: 'z', at: -1 },
    { id: 'b', at: 5 },
    { id: 'c', at: 5 },
    { id: 'a', at: 10 },
    { id: 'd', at: 1_767_225_600_000 },
  ]
  for (const entry of [...inOrder].reverse()) await texts.enlist(list, entry, NEVER)
  await texts.enlist(list, { id: 'b', at: 5 }, NEVER)
  await texts.enlist({ kind: 'things', id: 'al' }, { id: 'other', at: 6 }, NEVER)
  await texts.enlist({ kind: 'things', id: 'alll' }, { id: 'other', at: 6 }, NEVER)

  t.same(await texts.entries(list, { order: 'oldest first', limit: 10 }), inOrder)
  t.same(await texts.entries(list, { order: 'newest first', limit: 10 }), [...inOrder].reverse())
  t.same(await texts.entries({ kind: 'things', id: 'none' }, { order: 'newest first', limit: 10 }), [])
})

test('a piece of a list begins behind an entry, also when that has left', async (t) => {
  const texts = await opened(t)
  const all = Array.from({ length: 6 }, (_, i) => ({ id: `id${i}`, at: i * 10 }))
  const [a, b, c, d, e, f] = all
  await Promise.all(all.map((entry) => texts.enlist(list, entry, NEVER)))

  t.same(await texts.entries(list, { order: 'oldest first', after: b, limit: 2 }), [c, d])
  t.same(await texts.entries(list, { order: 'newest first', after: e, limit: 2 }), [d, c])
  t.same(await texts.entries(list, { order: 'oldest first', after: f, limit: 2 }), [])
  t.same(await texts.entries(list, { order: 'newest first', after: a, limit: 2 }), [])

  await texts.delist(list, [b, e] as never)
  await texts.delist(list, [])
  t.same(await texts.entries(list, { order: 'oldest first', after: b, limit: 2 }), [c, d])
  t.same(await texts.entries(list, { order: 'newest first', after: e, limit: 2 }), [d, c])
  t.same(await texts.entries(list, { order: 'newest first', after: { id: 'zz', at: 99 }, limit: 2 }), [f, d])
  t.same(await texts.entries(list, { order: 'oldest first', after: { id: '', at: -9 }, limit: 2 }), [a, c])
  t.same(await texts.entries(list, { order: 'oldest first', after: { id: 'id2', at: 19 }, limit: 2 }), [c, d])
})

test('all texts of a kind are found in pieces of a bounded size', async (t) => {
  const texts = await opened(t)
  const ids = Array.from({ length: 1_001 }, (_, i) => `id-${String(i).padStart(4, '0')}`)
  await Promise.all(ids.map((id) => put(texts, id, `text of ${id}`)))
  await texts.swap({ name: { kind: 'thin', id: 'x' }, was: undefined, text: 'x', until: NEVER })
  await texts.swap({ name: { kind: 'things', id: 'x' }, was: undefined, text: 'x', until: NEVER })

  const pieces: (readonly FoundText[])[] = []
  for await (const piece of texts.all('thing')) pieces.push(piece)
  t.same(
    pieces.map((piece) => piece.length),
    [500, 500, 1],
  )
  t.same(
    pieces.flat(),
    ids.map((id) => ({ id, text: `text of ${id}` })),
  )
  for await (const _ of texts.all('nothing')) t.fail('there is none')
})

test('others are served between two pieces', async (t) => {
  const texts = await opened(t)
  await Promise.all(Array.from({ length: 501 }, (_, i) => put(texts, String(i), 'text')))
  let turns = 0
  for await (const _ of texts.all('thing')) {
    if (turns === 0) setImmediate(() => turns++)
    else t.equal(turns, 1)
  }
})

test('what is over is forgotten, and nothing before', async (t) => {
  let now = 1_000
  const texts = await opened(t, { now: () => now })
  await put(texts, 'short', 'a', 2_000)
  await put(texts, 'long', 'b', 3_000)
  await put(texts, 'for ever', 'c')
  const [short, long] = [
    { kind: 'things', id: 'short' },
    { kind: 'things', id: 'long' },
  ]
  await texts.enlist(short, { id: 'a', at: 1 }, 2_000)
  await texts.enlist(long, { id: 'a', at: 1 }, 3_000)
  await texts.enlist(long, { id: 'b', at: 2 }, 1_500)
  const left = async () => [
    await texts.read(['short', 'long', 'for ever'].map((id) => ({ kind: 'thing', id }))),
    (await texts.entries(short, { order: 'oldest first', limit: 9 })).length,
    (await texts.entries(long, { order: 'oldest first', limit: 9 })).length,
  ]

  now = 2_000
  await texts.upkeep()
  t.same(await left(), [['a', 'b', 'c'], 1, 2])
  now = 2_001
  await texts.upkeep()
  t.same(await left(), [[undefined, 'b', 'c'], 0, 2], 'the longest time that was asked for counts')
  now = 3_001
  await texts.upkeep()
  t.same(await left(), [[undefined, undefined, 'c'], 0, 0])
  now = Number.MAX_SAFE_INTEGER
  await texts.upkeep()
  t.same(await left(), [[undefined, undefined, 'c'], 0, 0])
})

test('what is over is forgotten a bounded piece at a time', async (t) => {
  let now = 1_000
  const texts = await opened(t, { now: () => now })
  const ids = Array.from({ length: 2_500 }, (_, i) => String(i))
  await Promise.all(ids.map((id) => put(texts, id, 'text', 2_000)))
  const count = async () =>
    (await texts.read(ids.map((id) => ({ kind: 'thing', id })))).filter((text) => text).length
  now = 3_000
  await texts.upkeep()
  t.equal(await count(), 500)
  await texts.upkeep()
  t.equal(await count(), 0)
})

test('a long list that is over is forgotten a bounded piece at a time, to its last entry', async (t) => {
  let now = 1_000
  const texts = await opened(t, { now: () => now })
  const entries = Array.from({ length: 4_100 }, (_, i) => ({ id: String(i), at: i }))
  await Promise.all(entries.map((entry) => texts.enlist(list, entry, 2_000)))
  await put(texts, 'a', 'kept')
  const count = async () => (await texts.entries(list, { order: 'oldest first', limit: 9_999 })).length
  now = 3_000
  const counts: number[] = []
  for (let i = 0; i < 4; i++) {
    await texts.upkeep()
    counts.push(await count())
  }
  t.same(counts, [2_100, 100, 0, 0])
  t.equal(await readOne(texts, 'a'), 'kept')
})

test('everything is there after a restart', async (t) => {
  const folder = temporaryFolder(t)
  const before = await opened(t, { folder })
  const all = Array.from({ length: 50 }, (_, i) => put(before, String(i), `text ${i}`))
  await before.enlist(list, { id: 'a', at: 5 }, NEVER)
  // Also what was asked for when it closes.
  const last = put(before, 'last', 'asked')
  await before.close()
  t.ok(await last)
  t.ok((await Promise.all(all)).every(Boolean))
  await before.close()

  const after = await opened(t, { folder })
  for (let i = 0; i < 50; i++) t.equal(await readOne(after, String(i)), `text ${i}`)
  t.equal(await readOne(after, 'last'), 'asked')
  t.same(await after.entries(list, { order: 'newest first', limit: 2 }), [{ id: 'a', at: 5 }])
})

test('a store that is closed does not answer', async (t) => {
  const texts = await opened(t)
  await texts.close()
  await t.rejects(texts.read([name]), StoreUnavailableError)
  await t.rejects(put(texts, 'a', 'text'), StoreUnavailableError)
  await t.rejects(texts.entries(list, { order: 'newest first', limit: 1 }), StoreUnavailableError)
  await t.resolves(texts.upkeep())
})

test('what was acknowledged survives the loss of the process', async (t) => {
  const texts = await opened(t)
  t.equal(await texts.confirm([name]), true)
})

test('a second one on the same folder is refused, until the first has closed', async (t) => {
  const folder = temporaryFolder(t)
  const first = await opened(t, { folder })
  await t.rejects(opened(t, { folder }), {
    name: 'StoreFolderError',
    message: `Another callmask has ${folder} open: one process uses a folder. End it first, or give this one a folder of its own (STORE_URL).`,
  })
  t.ok(await put(first, 'a', 'text'))
  await first.close()
  const second = await opened(t, { folder })
  t.equal(await readOne(second, 'a'), 'text')
})

test('the clock never goes back', async (t) => {
  let now = 5_000
  const texts = await opened(t, { now: () => now })
  t.equal(texts.now(), 5_000)
  now = 4_000
  t.equal(texts.now(), 5_000)
  now = 5_001
  t.equal(texts.now(), 5_001)
})

test('nor does it over a restart', async (t) => {
  const folder = temporaryFolder(t)
  const first = await opened(t, { folder, now: () => 9_000 })
  t.equal(first.behindMs, 0)
  await first.close()
  const second = await opened(t, { folder, now: () => 2_000 })
  t.equal(second.now(), 9_000)
  t.equal(second.behindMs, 7_000, 'which tells that a clock was wrong')
})

test('only its own user can look into the folder', async (t) => {
  const folder = join(temporaryFolder(t), 'made', 'here.d')
  await opened(t, { folder })
  t.equal(statSync(folder).mode & 0o777, 0o700)
  t.equal(statSync(join(folder, 'data.mdb')).mode & 0o777, 0o600)
})

test('a folder that cannot be used is refused, with the reason', async (t) => {
  const folder = temporaryFolder(t)
  const file = join(folder, 'file')
  writeFileSync(file, '')
  await t.rejects(opened(t, { folder: join(file, 'store') }), {
    name: 'StoreFolderError',
    message: /ENOTDIR/,
  })
  await t.rejects(opened(t, { folder: file }), StoreFolderError)

  const foreign = join(folder, 'foreign')
  mkdirSync(foreign)
  writeFileSync(join(foreign, 'data.mdb'), 'x'.repeat(10_000))
  await t.rejects(opened(t, { folder: foreign }), {
    name: 'StoreFolderError',
    message: /data.mdb .* is damaged, or is no store/,
  })
  await t.rejects(opened(t, { folder: foreign }), { message: /is damaged/ }, 'and is given up')
  writeFileSync(join(foreign, 'data.mdb'), 'short')
  await t.rejects(opened(t, { folder: foreign }), { message: /is damaged/ })
  rmSync(join(foreign, 'data.mdb'))
  mkdirSync(join(foreign, 'data.mdb'))
  await t.rejects(opened(t, { folder: foreign }), { name: 'StoreFolderError', message: /EISDIR/ })
})
