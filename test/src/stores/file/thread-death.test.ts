import type { Worker } from 'node:worker_threads'
import { type Test, test } from 'tap'
import { StoreUnavailableError } from '../../../../src/masking/storage.js'
import type { FileTexts } from '../../../../src/stores/file/file-texts.js'
import { opened } from './folders.js'

const NEVER = Number.POSITIVE_INFINITY

/** The threads that are started while the test runs. */
function threads(t: Test): Worker[] {
  const all: Worker[] = []
  const note = (worker: Worker) => all.push(worker)
  process.on('worker', note)
  t.teardown(() => process.off('worker', note))
  return all
}

/** The next that is said of the store. */
function told() {
  const all: string[] = []
  let next: (() => void) | undefined
  return {
    all,
    onChange(isUp: boolean, why?: string) {
      all.push(isUp ? 'up' : `down: ${why}`)
      next?.()
    },
    next: () => new Promise<void>((resolve) => (next = resolve)),
  }
}

function put(texts: FileTexts, id: string): Promise<boolean> {
  return texts.swap({ name: { kind: 'k', id }, was: undefined, text: `text ${id}`, until: NEVER })
}

/** Asks until it is answered, because a thread takes its time to start. */
async function answered<Result>(ask: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error
      await new Promise(setImmediate)
    }
  }
}

test('when the thread that writes dies, what was not answered is rejected, and another one starts', async (t) => {
  const started = threads(t)
  const { all, onChange } = told()
  const texts = await opened(t, { onChange })
  t.ok(await put(texts, 'before'))

  const unanswered = [put(texts, 'a'), put(texts, 'b')]
  await Promise.all([
    started[0]?.terminate(),
    ...unanswered.map((one) => t.rejects(one, StoreUnavailableError)),
  ])
  t.same(all, ['down: the thread that writes has ended'])
  await t.rejects(put(texts, 'c'), StoreUnavailableError)
  await t.rejects(texts.read([{ kind: 'k', id: 'before' }]), StoreUnavailableError)

  t.ok(await answered(() => put(texts, 'after')))
  t.same(await texts.read(['before', 'after'].map((id) => ({ kind: 'k', id }))), [
    'text before',
    'text after',
  ])
  await texts.upkeep()
  t.same(all.slice(1), ['up'])
  t.equal(started.length, 2)
})

test('one that dies again before the next upkeep is left to the upkeep', async (t) => {
  const started = threads(t)
  const texts = await opened(t)
  await started[0]?.terminate()
  await answered(() => put(texts, 'a'))
  await started[1]?.terminate()
  for (let i = 0; i < 20; i++) await t.rejects(put(texts, 'b'), StoreUnavailableError)
  t.equal(started.length, 2)
  await Promise.all([texts.upkeep(), texts.upkeep()])
  t.ok(await put(texts, 'b'))
  t.equal(started.length, 3)
})

test('a thread that dies in the middle of its work, whatever it was at, loses nothing that was acknowledged', async (t) => {
  const started = threads(t)
  const texts = await opened(t)
  const acknowledged: string[] = []
  for (let round = 0; round < 12; round++) {
    const writes = Array.from({ length: 300 }, async (_, i) => {
      // So that some are written while the thread is ended.
      for (let turn = 0; turn < i; turn += 20) await new Promise(setImmediate)
      const id = `${round} ${i}`
      if (await put(texts, id).catch(() => false)) acknowledged.push(id)
    })
    for (let turn = 0; turn < round; turn++) await new Promise(setImmediate)
    await started.at(-1)?.terminate()
    await Promise.all(writes)
    await answered(() => texts.upkeep())
  }
  const read = await texts.read(acknowledged.map((id) => ({ kind: 'k', id })))
  t.same(
    read,
    acknowledged.map((id) => `text ${id}`),
  )
  t.comment(`${acknowledged.length} acknowledged, ${started.length} threads`)
})

test('a store can be closed while its thread starts again', async (t) => {
  const started = threads(t)
  const texts = await opened(t)
  await started[0]?.terminate()
  await texts.close()
  await t.rejects(put(texts, 'a'), StoreUnavailableError)
})
