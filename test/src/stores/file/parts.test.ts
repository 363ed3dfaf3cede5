import { linkSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'tap'
import { checkFiles } from '../../../../src/stores/file/check-files.js'
import { type Database, openToWrite } from '../../../../src/stores/file/database.js'
import { entriesOf, entryKey } from '../../../../src/stores/file/layout.js'
import { moveOlderEntries } from '../../../../src/stores/file/older-layout.js'
import { takeFolder } from '../../../../src/stores/file/ownership.js'
import { reasonOf, write } from '../../../../src/stores/file/serve-writes.js'
import { createGate, passGate, shutGate } from '../../../../src/stores/file/transaction-gate.js'
import { workerSource } from '../../../../src/stores/file/worker-source.js'
import { createWriter, type WriteBatch } from '../../../../src/stores/file/writer.js'
import { temporaryFolder } from './folders.js'

test('of many who take a folder at once, one has it', async (t) => {
  const folder = temporaryFolder(t)
  for (let round = 1; round <= 3; round++) {
    const all = await Promise.allSettled(Array.from({ length: 16 }, () => takeFolder(folder)))
    const owners = all.flatMap((one) => (one.status === 'fulfilled' ? one.value : []))
    t.equal(owners.length, 1)
    t.same(readdirSync(folder), [`owner.${round}`], 'nothing else is left behind')
    await owners[0]?.release()
  }
})

test('a folder is taken from a process that has ended, but not by one that comes too late', async (t) => {
  const folder = temporaryFolder(t)
  // Nobody listens at a file.
  writeFileSync(join(folder, 'owner.3'), '')
  writeFileSync(join(folder, 'owner.x'), '')
  const first = await takeFolder(folder)
  t.same(readdirSync(folder).sort(), ['owner.4', 'owner.x'])

  // What one sees that was held up since nobody listened at the third.
  const late = createServer()
  const own = join(folder, 'late')
  await new Promise<void>((resolve) => late.listen(own, resolve))
  linkSync(own, join(folder, 'owner.3'))
  late.close()
  await t.rejects(takeFolder(folder), { name: 'StoreFolderError' }, 'the highest counts')
  await first.release()
})

/** When a folder is being taken: it has seen the numbers, and waits for an answer of the highest one. */
async function untilItAsks(): Promise<void> {
  for (let tick = 0; tick < 3; tick++) await new Promise<void>((resolve) => process.nextTick(resolve))
}

test('whoever finds that another one was faster looks again', async (t) => {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'owner.1'), '')
  const taken = takeFolder(folder)
  await untilItAsks()
  writeFileSync(join(folder, 'owner.3'), '')
  const owner = await taken
  t.same(readdirSync(folder), ['owner.4'])
  await owner.release()
})

test('a folder whose owner went away since it was looked at is taken', async (t) => {
  const folder = temporaryFolder(t)
  symlinkSync('gone', join(folder, 'owner.1'))
  const owner = await takeFolder(folder)
  t.same(readdirSync(folder), ['owner.2'])
  await owner.release()
})

test('a folder that goes away while it is taken is not taken', async (t) => {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'owner.1'), '')
  const taken = takeFolder(folder)
  await untilItAsks()
  for (const file of readdirSync(folder)) if (file.startsWith('starting')) rmSync(join(folder, file))
  await t.rejects(taken, { code: 'ENOENT' })
})

test('a folder whose path is too long for a socket is refused', async (t) => {
  await t.rejects(takeFolder(`/${'a'.repeat(80)}`), {
    name: 'StoreFolderError',
    message: /too long: 80 bytes/,
  })
})

test('a transaction that fails changes nothing, nor does the time', async (t) => {
  const folder = temporaryFolder(t)
  const db = openToWrite(folder)
  t.teardown(() => db.close())
  const writer = createWriter(db)
  const swap = (key: string) => ({ do: 'swap', key, was: undefined, text: 'text', until: 1 }) as const
  const batch = (now: number, ...keys: string[]): WriteBatch => ({ now, writes: keys.map(swap) })
  t.same(write(db, writer, [batch(1_000, 'text k/a')], folder), { told: 'done', results: [[true]] })

  // Longer than a key can be.
  const told = write(db, writer, [batch(2_000, 'text k/b'), batch(3_000, 'k'.repeat(3_000))], folder)
  t.match(told, { told: 'failed', why: /./, batches: 2 })
  t.equal(writer.clock, 1_000)
  t.same(write(db, writer, [batch(4_000, 'text k/a', 'text k/b')], folder), {
    told: 'done',
    results: [[false, true]],
  })
  t.equal(writer.clock, 4_000)
})

test('what is over is found behind much that is kept', async (t) => {
  const folder = temporaryFolder(t)
  const db = openToWrite(folder)
  t.teardown(() => db.close())
  const writer = createWriter(db)
  const swap = (key: string, until: number) =>
    ({ do: 'swap', key, was: undefined, text: 'text', until }) as const
  const kept = Array.from({ length: 3_000 }, (_, i) => swap(`text k/${String(i).padStart(4, '0')}`, 9_000))
  writer.write([{ now: 400, writes: [...kept, swap('text k/over', 500)] }])
  const forget: WriteBatch = { now: 1_000, writes: [{ do: 'forget' }] }
  writer.write([forget])
  t.ok(db.get('text k/over'), 'not with the first piece')
  writer.write([forget])
  t.equal(db.get('text k/over'), undefined)
  t.equal(db.getKeysCount({ start: 'text ', end: 'text!' }), 3_000)
})

test('what fails at the very end is as if it had not been asked for', async (t) => {
  const folder = temporaryFolder(t)
  const db = openToWrite(folder)
  t.teardown(() => db.close())
  let isFull = false
  const filling = new Proxy(db, {
    get(target, name) {
      if (name !== 'transactionSync') return Reflect.get(target, name).bind(target)
      return (run: () => unknown) =>
        target.transactionSync(() => {
          const result = run()
          if (isFull) throw new Error('No space left on device: whatever')
          return result
        })
    },
  })
  const writer = createWriter(filling)
  const keys = Array.from({ length: 3_000 }, (_, i) => `text k/${String(i).padStart(4, '0')}`)
  const writes = keys.map((key) => ({ do: 'swap', key, was: undefined, text: 'text', until: 500 }) as const)
  writer.write([{ now: 400, writes }])

  isFull = true
  const forget: WriteBatch = { now: 1_000, writes: [{ do: 'forget' }] }
  t.throws(() => writer.write([forget]))
  t.equal(writer.clock, 400)
  isFull = false
  writer.write([forget])
  t.equal(writer.clock, 1_000)
  t.same([...db.getKeys({ start: 'text ', end: 'text!' })], keys.slice(2_000), 'it begins where it had begun')
})

test('the entries of an older file are moved, each kept for as long as its list was', async (t) => {
  const db = openToWrite(temporaryFolder(t))
  t.teardown(() => db.close())
  const OLDER = 10_001
  await db.put('list calls-of/s_1', '7000')
  await db.put('list sessions/all/of', 'Infinity')
  for (let at = 0; at < OLDER; at += 1) void db.put(['entries calls-of/s_1', at, `c_${at}`], '')
  void db.put(['entries sessions/all/of', 5, 's_1'], '')
  await db.put(['entries lost/x', 6, 'y'], '')
  moveOlderEntries(db)
  const calls = [...db.getRange(entriesOf('list s_1/calls-of'))]
  t.equal(calls.length, OLDER)
  t.same(calls[10_000], { key: ['list s_1/calls-of', 10_000, 'c_10000'], value: '7000' })
  t.equal(db.get(entryKey('list all/of/sessions', { at: 5, id: 's_1' })), 'Infinity')
  t.equal(db.get(entryKey('list x/lost', { at: 6, id: 'y' })), 'Infinity')
  t.equal(db.getKeysCount({ start: 'entries ', end: 'entries!' }), 0)
})

test('why something was not written', async (t) => {
  t.equal(reasonOf('Input/output error: Attempting to open', 0), 'the disk is full')
  t.equal(reasonOf('Input/output error: Attempting: to open', 2 ** 30), 'Input/output error')
  t.equal(reasonOf('MDB_PANIC', 2 ** 30), 'MDB_PANIC')
})

test('a database that takes no transaction any longer ends the thread', async (t) => {
  const db = {
    transactionSync() {
      throw new Error('MDB_PANIC: Update of meta page failed')
    },
  } as unknown as Database
  const writer = {
    clock: 0,
    write: () => db.transactionSync(() => []),
  }
  t.throws(() => write(db, writer, [], temporaryFolder(t)), /MDB_PANIC/)
})

test('the end of the process lets no transaction begin', async (t) => {
  const gate = createGate()
  t.equal(
    passGate(gate, () => 'done'),
    'done',
  )
  t.throws(() =>
    passGate(gate, () => {
      throw new Error('failed')
    }),
  )
  shutGate(gate, 5_000)
  t.equal(
    passGate(gate, () => 'done'),
    undefined,
  )
})

test('a thread runs what is compiled, or the source as it is', async (t) => {
  t.match(workerSource('file:///app/dist/thread.js', './worker.js'), {
    source: { href: 'file:///app/dist/worker.js' },
    options: { eval: undefined },
  })
  t.same(workerSource('file:///app/src/thread.ts', './worker.js'), {
    source: `import('tsx/esm/api').then(({ tsImport }) => tsImport('file:///app/src/worker.ts', 'file:///app/src/thread.ts'))`,
    options: { eval: true },
  })
})

test('a database that is there may be opened, also on a disk without room', async (t) => {
  const folder = temporaryFolder(t)
  const db = openToWrite(folder)
  await db.close()
  t.doesNotThrow(() => checkFiles(folder))
  rmSync(join(folder, 'data.mdb'))
  t.doesNotThrow(() => checkFiles(folder))
})
