import { test } from 'tap'
import { recordKey, SESSION_ENDS } from '../../../src/masking/keys.js'
import { recordValue, type SessionRecord, type Tombstone } from '../../../src/masking/record.js'
import { createSessionEnds, ENDS_STEP, OPENING_MS } from '../../../src/masking/session-ends.js'
import { testClock } from '../../clocks.js'
import { memoryStorage } from '../../store-under-test.js'

const HOUR = 60 * 60 * 1_000
const WHOLE_LIST = { order: 'oldest first', limit: 10_000 } as const

function inMemory() {
  const clock = testClock()
  const storage = memoryStorage(clock.now)
  const ends = createSessionEnds({ storage, records: { write: async () => true }, nearMs: 60_000 })
  const record = (id: string, expiresAt: number) =>
    ({ kind: 'session', session: { id, expiresAt }, idempotencyKeys: [] }) as unknown as SessionRecord
  const listed = async () => (await storage.entries(SESSION_ENDS, WHOLE_LIST)).map(({ id }) => id)
  return { clock, storage, ends, record, listed }
}

test('whoever writes so late that its end is past lists it again', async (t) => {
  const { clock, ends, record, listed } = inMemory()
  const expiresAt = clock.time + HOUR
  const late = async (listing: Promise<unknown>) => {
    await listing
    clock.time += HOUR
    await ends.upkeep()
    t.same(await listed(), [], 'it led to nothing')
    return true
  }
  t.equal(await ends.through(record('s_1', expiresAt), 'opened', late), true)
  t.same(await listed(), ['s_1'])
  t.equal(
    await ends.through(record('s_2', expiresAt + HOUR), 'opened', async (listing) =>
      listing.then(() => false),
    ),
    false,
  )
})

test('many ends are looked at in pieces, by one instance', async (t) => {
  const { clock, storage, ends, listed } = inMemory()
  for (let i = 0; i < ENDS_STEP + 3; i += 1)
    await storage.enlist(SESSION_ENDS, { id: `s_${i}`, at: clock.time }, Infinity)
  clock.time += OPENING_MS
  await ends.upkeep()
  t.equal((await listed()).length, 3)
  const other = createSessionEnds({ storage, records: { write: async () => true }, nearMs: 0 })
  await other.upkeep()
  t.equal((await listed()).length, 3)
  await ends.upkeep()
  t.same(await listed(), [])
})

const overKinds: readonly Tombstone['kind'][] = ['aborted', 'closed-unread', 'erased']
for (const kind of overKinds) {
  test(`the end of a session is forgotten at once where it is ${kind}`, async (t) => {
    const { clock, storage, listed } = inMemory()
    const write = async () => t.fail('nothing is told of it')
    const ends = createSessionEnds({ storage, records: { write }, nearMs: 60_000 })
    const tombstone = { key: recordKey('s_1'), was: undefined, value: recordValue({ kind }), until: Infinity }
    t.equal(await storage.swap(tombstone), true)
    await storage.enlist(SESSION_ENDS, { id: 's_1', at: clock.time }, Infinity)
    t.same(await listed(), ['s_1'])
    await ends.upkeep()
    t.same(await listed(), [])
  })
}
