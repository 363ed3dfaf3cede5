import { test } from 'tap'
import { ABANDONED_MS } from '../../../src/masking/books.js'
import { bookKey, recordKey } from '../../../src/masking/keys.js'
import { useOf } from '../../../src/masking/number-use.js'
import { draft, replace, sessionIn, standing } from '../../drafts.js'
import { HOUR, POOL, person, START, whole } from '../../session-store-contract.js'
import { memoryStorage, storeOver } from '../../store-under-test.js'

const NUMBER = POOL[0] as string

async function used() {
  const world = standing({ pool: [NUMBER], restMs: HOUR })
  const storage = memoryStorage(world.options.now)
  const store = await storeOver(storage, world.options)
  const use = (over = storage) => useOf({ storage: over, number: NUMBER, restMs: HOUR })
  const put = (key: Parameters<typeof storage.read>[0][number], value: unknown) =>
    storage.swap({ key, was: undefined, value, until: Number.POSITIVE_INFINITY })
  return Object.assign(world, { storage, store, use, put })
}

test('a number is used while sessions are open and while people rest, and then not', async (t) => {
  const { store, use } = await used()
  t.same(await use(), { openLegs: 0, restingLegs: 0, restedAt: undefined, unreadable: 0 })
  const { id } = sessionIn(await store.create(draft(1, 2)))
  t.match(await use(), { openLegs: 2 })
  t.match(await store.change(id, replace(3)), { kind: 'changed' })
  t.match(await use(), { openLegs: 2 }, 'whoever takes part')
  await store.close(id)
  t.match(await use(), { openLegs: 0, restingLegs: 3, restedAt: START + HOUR })
})

test('a number rests until the end of the last rest', async (t) => {
  const world = await used()
  const { id } = sessionIn(await world.store.create(draft(1, 2)))
  await world.store.close(id)
  world.time += HOUR - 1
  t.match(await world.use(), { restingLegs: 2 })
  world.time += 1
  t.match(await world.use(), { openLegs: 0, restingLegs: 0 })
})

test('a number that was claimed for a session counts as used until the session can never be opened', async (t) => {
  const world = await used()
  const book = [[NUMBER, 's_never_opened', world.time, 'stamp']]
  await world.put(bookKey(whole(person(1))), book)
  t.match(await world.use(), { openLegs: 1 })
  world.time += ABANDONED_MS
  t.match(await world.use(), { openLegs: 0, restingLegs: 0 })
  t.equal(await world.put(recordKey('s_never_opened'), {}), false, 'and now it cannot be opened')
})

test('a number that was claimed for a session which was given up is not used', async (t) => {
  const world = await used()
  await world.put(bookKey(whole(person(1))), [[NUMBER, 's_given_up', world.time, 'stamp']])
  await world.put(recordKey('s_given_up'), { over: 'aborted' })
  t.match(await world.use(), { openLegs: 0, restingLegs: 0 })
})

test('somebody who was replaced while nobody settled their book keeps the number only as long as the session', async (t) => {
  const world = await used()
  const { id } = sessionIn(await world.store.create(draft(1, 2)))
  await world.store.close(id)
  await world.put(bookKey(whole(person(9))), [[NUMBER, id, world.time, 'stamp']])
  t.match(await world.use(), { openLegs: 0, restingLegs: 3 })
  world.time += HOUR
  t.match(await world.use(), { restingLegs: 0 })
})

test('what another instance could read may need the number, and what nobody can read does not', async (t) => {
  const world = await used()
  const unreadable = (unreadable: 'unknown-key' | 'altered') =>
    world.use({
      ...world.storage,
      async *all() {
        yield [{ name: 'x', value: undefined, unreadable, version: 'x' }]
      },
    })
  t.match(await unreadable('unknown-key'), { openLegs: 0, unreadable: 2 })
  t.match(await unreadable('altered'), { openLegs: 0, unreadable: 0 })
})

test('a number of somebody whose session others could read, or was just opened, is used', async (t) => {
  const world = await used()
  const sealed = { value: undefined, unreadable: 'unknown-key', version: 'x' } as const
  await world.put(bookKey(whole(person(9))), [[NUMBER, 's_of_others', world.time, 'stamp']])
  t.match(await world.use({ ...world.storage, read: async () => [sealed] }), { openLegs: 1 })

  const { storage, store, use } = await used()
  const opening = {
    ...storage,
    async *all(kind: string) {
      if (kind === 'book') await store.create(draft(1, 2))
      yield* storage.all(kind)
    },
  }
  t.match(await use(opening), { openLegs: 2 })
})
