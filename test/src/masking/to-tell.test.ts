import { test } from 'tap'
import type { Entry, Key } from '../../../src/masking/storage.js'
import { createToTell, newsOfEntry, recordOfEntry, UNWRITTEN_MS } from '../../../src/masking/to-tell.js'
import { testClock } from '../../clocks.js'
import { memoryStorage } from '../../store-under-test.js'

const LIST: Key = { kind: 'things', id: 'to-tell' }

function lists() {
  const clock = testClock()
  const storage = memoryStorage(clock.now)
  const written: Entry[] = []
  const toTell = createToTell({ storage, list: LIST, onWritten: ({ entry }) => written.push(entry) })
  const listed = async () => [...(await storage.entries(LIST, { order: 'oldest first', limit: 9 }))]
  return { clock, toTell, written, listed }
}

test('a record is listed before it is written, each time by an entry of its own', async (t) => {
  const { toTell, written, listed } = lists()
  const write = async () => {
    t.equal((await listed()).length, written.length + 1)
    return true
  }
  t.equal(await toTell.through({ id: 's_1' }, write), true)
  t.equal(await toTell.through({ id: 's_1' }, write), true)
  t.same(
    await listed(),
    written.toSorted((one, other) => (one.id < other.id ? -1 : 1)),
  )
  t.same(written.map(recordOfEntry), ['s_1', 's_1'])
  t.not(written[0]?.id, written[1]?.id)
})

test('a record that somebody else was faster with leaves no entry', async (t) => {
  const { toTell, written, listed } = lists()
  t.equal(await toTell.through({ id: 's_1' }, async () => false), false)
  t.same([await listed(), written], [[], []])
})

test('whoever takes long to write lists the record again, because its entry may be taken out', async (t) => {
  const { clock, toTell, written, listed } = lists()
  await toTell.through({ id: 's_1' }, async () => {
    clock.time += UNWRITTEN_MS / 2
    return true
  })
  t.equal((await listed()).length, 2)
  t.match(written, [{ at: clock.time }])
})

test('an entry says what is new in a record that does not say it itself', async (t) => {
  const { toTell, written } = lists()
  await toTell.through({ id: 'c_1', news: ['call.started', 'recording.ready/r-1'] }, async () => true)
  await toTell.through({ id: 's_1' }, async () => true)
  t.same(written.map(recordOfEntry), ['c_1', 's_1'])
  t.same(written.map(newsOfEntry), [['call.started', 'recording.ready/r-1'], []])
})
