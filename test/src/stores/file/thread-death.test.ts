import { mkdirSync, renameSync, rmdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { type Test, test } from 'tap'
import { StoreUnavailableError } from '../../../../src/masking/storage.js'
import type { FileTexts } from '../../../../src/stores/file/file-texts.js'
import { opened, temporaryFolder } from './folders.js'

/** The threads that are started while the test runs. */
function threads(t: Test): Worker[] {
  const all: Worker[] = []
  const note = (worker: Worker) => all.push(worker)
  process.on('worker', note)
  t.teardown(() => process.off('worker', note))
  return all
}

/** Notes what is said of the store. */
function listener() {
  const said: string[] = []
  let heard: (() => void) | undefined
  return {
    said,
    onChange(isUp: boolean, why?: string) {
      said.push(isUp ? 'up' : `down: ${why}`)
      heard?.()
    },
    /** Resolves when so many things have been said. */
    async until(count: number) {
      while (said.length < count) {
        await new Promise<void>((resolve) => {
          heard = resolve
        })
      }
    },
  }
}

function put(texts: FileTexts, id: string): Promise<boolean> {
  const until = Number.POSITIVE_INFINITY
  return texts.swap({ name: { kind: 'k', id }, was: undefined, text: `text ${id}`, until })
}

test('when the thread that writes dies, what was not answered is rejected, and another one starts', async (t) => {
  const all = threads(t)
  const { said, onChange, until } = listener()
  const texts = await opened(t, { onChange })
  t.ok(await put(texts, 'before'))

  const unanswered = [put(texts, 'a'), put(texts, 'b')]
  const rejected = unanswered.map((one) => t.rejects(one, StoreUnavailableError))
  await Promise.all([all[0]?.terminate(), ...rejected])
  t.same(said, ['down: the thread that writes has ended'])
  await t.rejects(put(texts, 'c'), StoreUnavailableError)
  await t.rejects(async () => texts.read([{ kind: 'k', id: 'before' }]), StoreUnavailableError)

  await until(2)
  t.same(said.slice(1), ['up'])
  t.ok(await put(texts, 'after'))
  t.same(await texts.read(['before', 'after'].map((id) => ({ kind: 'k', id }))), [
    'text before',
    'text after',
  ])
  t.equal(all.length, 2)
})

test('one that dies again before the next upkeep is left to the upkeep', async (t) => {
  const all = threads(t)
  const { said, onChange, until } = listener()
  const texts = await opened(t, { onChange })
  await all[0]?.terminate()
  await until(2)
  await all[1]?.terminate()
  await until(3)
  await new Promise(setImmediate)
  await t.rejects(put(texts, 'a'), StoreUnavailableError)
  t.equal(all.length, 2)

  await Promise.all([texts.upkeep(), texts.upkeep()])
  t.ok(await put(texts, 'a'))
  t.equal(all.length, 3)
  t.equal(said.at(-1), 'up')
})

test('a thread that cannot open the database is no thread', async (t) => {
  const folder = temporaryFolder(t)
  const data = join(folder, 'data.mdb')
  const all = threads(t)
  const { said, onChange, until } = listener()
  const texts = await opened(t, { folder, onChange })
  t.ok(await put(texts, 'a'))
  renameSync(data, `${data}.away`)
  mkdirSync(data)
  await all[0]?.terminate()
  await until(1)
  await t.rejects(texts.upkeep(), StoreUnavailableError)
  t.same(said, ['down: the thread that writes has ended'])

  rmdirSync(data)
  renameSync(`${data}.away`, data)
  await texts.upkeep()
  t.same(await texts.read([{ kind: 'k', id: 'a' }]), ['text a'])
})

test('a database that goes away while it is opened is not opened, and the folder is given up', async (t) => {
  const folder = temporaryFolder(t)
  const data = join(folder, 'data.mdb')
  const remove = (worker: Worker) => worker.once('message', () => rmSync(data))
  process.once('worker', remove)
  await t.rejects(opened(t, { folder }), { name: 'StoreFolderError', message: /cannot be opened/ })
  t.ok(await put(await opened(t, { folder }), 'a'))
})

test('a store can be closed while its thread starts again', async (t) => {
  const all = threads(t)
  const texts = await opened(t)
  await all[0]?.terminate()
  await texts.close()
  await t.rejects(put(texts, 'a'), StoreUnavailableError)
})

test('or has none, or is given one by the upkeep', async (t) => {
  for (const close of [
    (texts: FileTexts) => texts.close(),
    async (texts: FileTexts) => {
      const upkeep = texts.upkeep().catch(() => undefined)
      await texts.close()
      await upkeep
    },
  ]) {
    const all = threads(t)
    const { onChange, until } = listener()
    const texts = await opened(t, { onChange })
    await all[0]?.terminate()
    await until(2)
    await all[1]?.terminate()
    await until(3)
    await close(texts)
    await t.rejects(put(texts, 'a'), StoreUnavailableError)
  }
})

test('nobody waits for a disk that does not answer, until it does', async (t) => {
  const { said, onChange } = listener()
  let time: (() => void) | undefined
  const limits = new Set<number>()
  const texts = await opened(t, {
    onChange,
    answerLimitMs: 700,
    after(ms, run) {
      limits.add(ms)
      time = run
      return () => {
        time = undefined
      }
    },
  })
  const late = put(texts, 'late')
  await new Promise(setImmediate)
  time?.()
  await t.rejects(late, StoreUnavailableError)
  await t.rejects(put(texts, 'next'), StoreUnavailableError, 'rejected at once')
  t.same(said, ['down: the disk does not answer'])

  // It answers after all.
  while (!(await put(texts, 'later').catch(() => false))) await new Promise(setImmediate)
  t.same(await texts.read([{ kind: 'k', id: 'late' }]), ['text late'], 'it was done')
  await texts.upkeep()
  t.same(said.slice(1), [], 'an upkeep in whose time a write failed does not tell')
  await texts.upkeep()
  t.same(said.slice(1), ['up'])
  t.equal(time, undefined, 'no timer is left')
  t.same([...limits], [700])
})
