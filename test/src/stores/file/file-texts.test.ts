import { copyFileSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import tap, { test } from 'tap'
import { type Entry, StoreUnavailableError } from '../../../../src/masking/storage.js'
import { StoreFolderError } from '../../../../src/stores/file/folder-error.js'
import { type FoundText, type Name, type Texts, WRONG_TYPE } from '../../../../src/stores/texts.js'
import { opened, temporaryFolder } from './folders.js'

const NEVER = Number.POSITIVE_INFINITY

/** For the tests that need none of their own. Each uses other names. */
const shared = await opened(tap)

function put(texts: Texts, name: Name, text: string, until = NEVER): Promise<boolean> {
  return texts.swap({ name, was: undefined, text, until })
}

/** Names of a kind. */
function namer(kind: string): (id: string) => Name {
  return (id) => ({ kind, id })
}

async function size(texts: Texts, list: Name): Promise<number> {
  return (await texts.entries(list, { order: 'oldest first', limit: 9_999 })).length
}

test('a text takes the place of what was read, and of nothing else', async (t) => {
  const name = { kind: 'swapped', id: 'a' }
  const swap = (was: string | typeof WRONG_TYPE | undefined, text: string | undefined, until = NEVER) =>
    shared.swap({ name, was, text, until })
  const read = () => shared.read([name])

  t.same(await read(), [undefined])
  t.ok(await swap(undefined, 'one'))
  t.notOk(await swap(undefined, 'two'), 'something is there')
  t.notOk(await swap('two', 'three'), 'something else is there')
  t.notOk(await swap(WRONG_TYPE, 'three'), 'a text is there')
  t.same(await read(), ['one'])
  t.ok(await swap('one', 'with a space, ü, 🙂 and\na line', 5_000))
  t.same(await read(), ['with a space, ü, 🙂 and\na line'])
  t.notOk(await swap('one', undefined))
  t.ok(await swap('with a space, ü, 🙂 and\na line', undefined))
  t.same(await read(), [undefined])
  t.ok(await swap(undefined, ''), 'an empty text is a text')
  t.same(await read(), [''])
  t.notOk(await swap(undefined, 'more'))
})

test('several are read at once, in the order in which they are asked for', async (t) => {
  const name = namer('several')
  await Promise.all([put(shared, name('a'), 'A'), put(shared, name('b'), 'B')])
  t.same(await shared.read(['b', 'none', 'a', 'b'].map(name)), ['B', undefined, 'A', 'B'])
  t.same(await shared.read([{ kind: 'sever', id: 'al/a' }]), [undefined], 'another kind')
})

test('of many who swap the same at once, one is first', async (t) => {
  const name = { kind: 'contested', id: 'a' }
  for (let round = 0; round < 20; round++) {
    const [was] = await shared.read([name])
    const swaps = Array.from({ length: 64 }, (_, i) =>
      shared.swap({ name, was, text: `${round} ${i}`, until: NEVER }),
    )
    const won = (await Promise.all(swaps)).flatMap((done, i) => (done ? i : []))
    t.equal(won.length, 1)
    t.same(await shared.read([name]), [`${round} ${won[0]}`])
  }
})

test('whoever is told that something is written can read it at once', async (t) => {
  const name = { kind: 'at once', id: 'a' }
  for (let i = 0; i < 200; i++) {
    const [was] = await shared.read([name])
    await shared.swap({ name, was, text: String(i), until: NEVER })
    t.same(await shared.read([name]), [String(i)])
  }
})

test('what is asked for while the disk is busy is done together, and in order', async (t) => {
  const name = { kind: 'in order', id: 'a' }
  const all: Promise<boolean>[] = []
  for (let i = 0; i < 200; i++) {
    const was = i === 0 ? undefined : String(i - 1)
    all.push(shared.swap({ name, was, text: String(i), until: NEVER }))
    await new Promise(setImmediate)
  }
  t.ok((await Promise.all(all)).every(Boolean))
  t.same(await shared.read([name]), ['199'])
})

test('what cannot be read or written is rejected', async (t) => {
  const said: string[] = []
  const texts = await opened(t, { onChange: (isUp, why) => said.push(`${isUp} ${why}`) })
  const tooLong = { kind: 'long', id: 'x'.repeat(5_000) }
  await t.rejects(async () => texts.read([tooLong]), StoreUnavailableError)
  await t.rejects(put(texts, tooLong, 'text'), StoreUnavailableError)
  t.match(said, [/^false ./])
  await t.rejects(async () => texts.read([undefined as never]), TypeError)
})

test('a list is in the order of time and then of ids, from either end', async (t) => {
  const list = { kind: 'lists', id: 'all' }
  const inOrder = [
    { id: 'z', at: -1 },
    { id: 'b', at: 5 },
    { id: 'c', at: 5 },
    { id: 'a', at: 10 },
    { id: 'd', at: 1_767_225_600_000 },
  ]
  for (const entry of [...inOrder].reverse()) await shared.enlist(list, entry, NEVER)
  await shared.enlist(list, { id: 'b', at: 5 }, NEVER)
  await shared.enlist({ kind: 'lists', id: 'al' }, { id: 'other', at: 6 }, NEVER)
  await shared.enlist({ kind: 'lists', id: 'alll' }, { id: 'other', at: 6 }, NEVER)

  t.same(await shared.entries(list, { order: 'oldest first', limit: 10 }), inOrder)
  t.same(await shared.entries(list, { order: 'newest first', limit: 10 }), [...inOrder].reverse())
  t.same(await shared.entries({ kind: 'lists', id: 'none' }, { order: 'newest first', limit: 10 }), [])
})

test('a piece of a list begins behind an entry, also when that has left', async (t) => {
  const list = { kind: 'pieces', id: 'all' }
  const entry = (id: string, at: number) => ({ id, at })
  const [a, b, c] = [entry('a', 0), entry('b', 10), entry('c', 20)]
  const [d, e, f] = [entry('d', 30), entry('e', 40), entry('f', 50)]
  const all = [a, b, c, d, e, f]
  await Promise.all(all.map((entry) => shared.enlist(list, entry, NEVER)))
  const older = (after: Entry) => shared.entries(list, { order: 'newest first', after, limit: 2 })
  const newer = (after: Entry) => shared.entries(list, { order: 'oldest first', after, limit: 2 })

  t.same(await newer(b), [c, d])
  t.same(await older(e), [d, c])
  t.same(await newer(f), [])
  t.same(await older(a), [])
  await shared.delist(list, [b, e])
  await shared.delist(list, [])
  t.same(await newer(b), [c, d])
  t.same(await older(e), [d, c])
  t.same(await older({ id: 'zz', at: 99 }), [f, d])
  t.same(await newer({ id: '', at: -9 }), [a, c])
  t.same(await newer({ id: 'c', at: 19 }), [c, d])
  t.same(await older({ id: 'c', at: 21 }), [c, a])
})

test('all texts of a kind are found in pieces of a bounded size, and others are served in between', async (t) => {
  const name = namer('found')
  const ids = Array.from({ length: 1_001 }, (_, i) => `id-${String(i).padStart(4, '0')}`)
  await Promise.all(ids.map((id) => put(shared, name(id), `text of ${id}`)))
  await put(shared, { kind: 'foun', id: 'x' }, 'x')
  await put(shared, { kind: 'founds', id: 'x' }, 'x')

  const pieces: (readonly FoundText[])[] = []
  let turns = 0
  for await (const piece of shared.all('found')) {
    t.equal(turns, pieces.length)
    setImmediate(() => turns++)
    pieces.push(piece)
  }
  t.same(
    pieces.map((piece) => piece.length),
    [500, 500, 1],
  )
  t.same(
    pieces.flat(),
    ids.map((id) => ({ id, text: `text of ${id}` })),
  )
  for await (const _ of shared.all('nothing')) t.fail('there is none')
})

test('what is over is forgotten, and nothing before', async (t) => {
  let now = 1_000
  const texts = await opened(t, { now: () => now })
  const name = namer('thing')
  const list = namer('list')
  await put(texts, name('short'), 'a', 2_000)
  await put(texts, name('long'), 'b', 3_000)
  await put(texts, name('for ever'), 'c')
  await texts.enlist(list('short'), { id: 'a', at: 1 }, 2_000)
  await texts.enlist(list('long'), { id: 'a', at: 1 }, 3_000)
  await texts.enlist(list('long'), { id: 'a', at: 1 }, 1_500)
  await texts.enlist(list('long'), { id: 'b', at: 2 }, 2_000)
  const left = async () => [
    ...(await texts.read(['short', 'long', 'for ever'].map(name))),
    await size(texts, list('short')),
    await size(texts, list('long')),
  ]

  now = 2_000
  await texts.upkeep()
  t.same(await left(), ['a', 'b', 'c', 1, 2])
  now = 2_001
  await texts.upkeep()
  t.same(await left(), [undefined, 'b', 'c', 0, 1], 'the longest time that was asked for counts')
  now = 3_001
  await texts.upkeep()
  t.same(await left(), [undefined, undefined, 'c', 0, 0])

  const many = Array.from({ length: 2_500 }, (_, i) => name(String(i)))
  await Promise.all(many.map((one) => put(texts, one, 'text', 4_000)))
  const count = async () => (await texts.read(many)).filter((text) => text !== undefined).length
  now = 5_000
  await texts.upkeep()
  t.equal(await count(), 500, 'a bounded piece at a time')
  await texts.upkeep()
  t.equal(await count(), 0)

  const entries = Array.from({ length: 4_100 }, (_, i) => ({ id: String(i), at: i }))
  await Promise.all(entries.map((entry) => texts.enlist(list('long'), entry, 6_000)))
  now = 7_000
  const counts: number[] = []
  for (let i = 0; i < 4; i++) {
    await texts.upkeep()
    counts.push(await size(texts, list('long')))
  }
  t.same(counts, [2_100, 100, 0, 0], 'also a long list, to its last entry')

  const lists = ['a', 'b', 'c', 'd'].map(list)
  const some = entries.slice(0, 900)
  await Promise.all(lists.flatMap((one) => some.map((entry) => texts.enlist(one, entry, 8_000))))
  now = 9_000
  await texts.upkeep()
  const sizes = await Promise.all(lists.map((one) => size(texts, one)))
  t.ok(Math.max(...sizes) === 900 && Math.min(...sizes) === 0, 'and many lists')
  for (let i = 0; i < 2; i++) await texts.upkeep()
  t.same(await Promise.all(lists.map((one) => size(texts, one))), [0, 0, 0, 0])
  t.same(await texts.read([name('for ever')]), ['c'])
})

test('everything is there after a restart, and the clock does not go back', async (t) => {
  const folder = temporaryFolder(t)
  const before = await opened(t, { folder, now: () => 9_000 })
  t.equal(before.behindMs, 0)
  const name = namer('thing')
  const all = Array.from({ length: 50 }, (_, i) => put(before, name(String(i)), `text ${i}`))
  const list = { kind: 'list', id: 'all' }
  await before.enlist(list, { id: 'a', at: 5 }, NEVER)
  await t.rejects(opened(t, { folder }), {
    name: 'StoreFolderError',
    message: `Another callmask has ${folder} open: one process uses a folder. End it first, or give this one a folder of its own (STORE_URL).`,
  })
  // Also what is asked for when it closes.
  const last = put(before, name('last'), 'asked')
  await before.close()
  t.ok(await last)
  t.ok((await Promise.all(all)).every(Boolean))

  t.comment('closed')
  await before.close()
  await t.rejects(async () => before.read([name('0')]), StoreUnavailableError)
  await t.rejects(put(before, name('more'), 'text'), StoreUnavailableError)
  await t.rejects(before.entries(list, { order: 'newest first', limit: 1 }), StoreUnavailableError)
  await t.resolves(before.upkeep())

  t.comment('opened again')
  let now = 2_000
  const after = await opened(t, { folder, now: () => now })
  for (let i = 0; i < 50; i++) t.same(await after.read([name(String(i))]), [`text ${i}`])
  t.same(await after.read([name('last'), name('more')]), ['asked', undefined])
  t.same(await after.entries(list, { order: 'newest first', limit: 2 }), [{ id: 'a', at: 5 }])
  t.equal(after.now(), 9_000)
  t.equal(after.behindMs, 7_000, 'which tells that a clock is wrong')
  now = 9_001
  t.equal(after.now(), 9_001)
  now = 9_000
  t.equal(after.now(), 9_001)
  t.equal(await after.confirm(() => [name('0')]), true)
})

test('the time is written with what is written, and now and then', async (t) => {
  const folder = temporaryFolder(t)
  let now = 1_000
  const texts = await opened(t, { folder, now: () => now })
  /** What is there when the process is killed now. */
  const clockThere = async () => {
    const copy = join(folder, 'copy')
    mkdirSync(copy)
    copyFileSync(join(folder, 'data.mdb'), join(copy, 'data.mdb'))
    const other = await opened(t, { folder: copy, now: () => 0 })
    const clock = other.now()
    await other.close()
    rmSync(copy, { recursive: true })
    return clock
  }
  await put(texts, { kind: 'thing', id: 'a' }, 'text')
  t.equal(await clockThere(), 1_000)
  now = 10_999
  await texts.upkeep()
  t.equal(await clockThere(), 1_000)
  now = 11_000
  await texts.upkeep()
  t.equal(await clockThere(), 11_000)
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
  const data = join(foreign, 'data.mdb')
  mkdirSync(foreign)
  writeFileSync(data, 'x'.repeat(10_000))
  await t.rejects(opened(t, { folder: foreign }), { message: /data.mdb .* is damaged, or is no store/ })
  await t.rejects(opened(t, { folder: foreign }), { message: /is damaged/ }, 'and is given up')
  writeFileSync(data, 'short')
  await t.rejects(opened(t, { folder: foreign }), { message: /is damaged/ })
  rmSync(data)
  mkdirSync(data)
  await t.rejects(opened(t, { folder: foreign }), { name: 'StoreFolderError', message: /EISDIR/ })
})
