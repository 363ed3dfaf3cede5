import { test } from 'tap'
import type { PoolNumber } from '../../../src/masking/pool.js'
import { beginSurvey, surveyPool } from '../../../src/masking/usage.js'
import { draft, sessionIn, standing } from '../../drafts.js'
import { STORE_KEY } from '../../redis-store.js'
import { openTexts, sealedOver } from '../../sealed-store.js'
import { HOUR } from '../../session-store-contract.js'
import { memoryStorage, storeOver } from '../../store-under-test.js'

const [A, B, C] = ['919000000011', '919000000012', '919000000013'] as const
const numbers: PoolNumber[] = [
  { number: A, state: 'active' },
  { number: B, state: 'active' },
  { number: C, state: 'draining' },
]

async function surveyed(pool: readonly string[] = [A]) {
  const world = standing({ pool, restMs: HOUR })
  const storage = memoryStorage(world.options.now)
  const store = await storeOver(storage, world.options)
  const options = { storage, numbers, restMs: HOUR, fixed: [] }
  return Object.assign(world, { store, options, survey: () => surveyPool(options) })
}

test('a survey counts open legs, and the room of the busiest person among the numbers that are given', async (t) => {
  const { store, survey } = await surveyed()
  t.same(await survey(), {
    numbers: numbers.map((number) => ({ ...number, openLegs: 0 })),
    headRoom: 2,
    openSessions: 0,
  })
  await store.create(draft(1, 2))
  t.match(await survey(), {
    numbers: [{ openLegs: 2 }, { openLegs: 0 }, { state: 'draining', openLegs: 0 }],
    headRoom: 1,
    openSessions: 1,
  })
})

test('a resting number is not free, and a person without an open session does not count', async (t) => {
  const { store, survey } = await surveyed()
  const { id } = sessionIn(await store.create(draft(1, 2)))
  await store.close(id)
  t.match(await survey(), { numbers: [{ openLegs: 0 }, {}, {}], headRoom: 2 })
})

test('a survey is taken in pieces that say how much they had', async (t) => {
  const { store, options } = await surveyed()
  await store.create(draft(1, 2))
  const pieces: number[] = []
  for await (const piece of beginSurvey(options)) pieces.push(piece)
  t.same(pieces, [1, 2], 'a record, and two books')
})

test('a number that has rested is free again', async (t) => {
  const world = await surveyed([A, B])
  await world.store.close(sessionIn(await world.store.create(draft(1, 2))).id)
  world.time += HOUR
  await world.store.create(draft(1, 3))
  t.equal((await world.survey()).headRoom, 1)
})

test('a session that cannot be read has no open legs, and its numbers stay taken; a book that cannot be read takes none', async (t) => {
  const world = standing({ pool: [A, B] })
  const texts = openTexts(world.options.now)
  const { storage } = sealedOver(texts, STORE_KEY)
  const store = await storeOver(storage, world.options)
  const bad = sessionIn(await store.create(draft(1, 2)))
  await store.create(draft(1, 3))
  const survey = () => surveyPool({ storage, numbers, restMs: HOUR, fixed: [] })
  const openLegs = async () => (await survey()).numbers.reduce((sum, number) => sum + number.openLegs, 0)
  t.same([await openLegs(), (await survey()).headRoom], [4, 0])
  await texts.put('session', bad.id, 'nothing')
  t.same([await openLegs(), (await survey()).headRoom], [2, 0])
  for (const id of await texts.idsOf('book')) await texts.put('book', id, 'nothing')
  t.equal((await survey()).headRoom, 2)
})
