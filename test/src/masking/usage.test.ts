import { test } from 'tap'
import { legsOf } from '../../../src/masking/pair.js'
import { beginSurvey, type CountedNumber, surveyPool } from '../../../src/masking/usage.js'
import { draft, sessionIn, standing } from '../../drafts.js'
import { onEveryStorage } from '../../every-storage.js'
import { STORE_KEY } from '../../redis-store.js'
import { openTexts, sealedOver } from '../../sealed-store.js'
import { HOUR, person } from '../../session-store-contract.js'
import { memoryStorage, storeOver } from '../../store-under-test.js'

const [A, B, C] = ['919000000011', '919000000012', '919000000013'] as const
const numbers: CountedNumber[] = [
  { number: A, state: 'active', country: 'IN' },
  { number: B, state: 'active', country: 'IN' },
  { number: C, state: 'draining', country: 'IN' },
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
    holders: { all: {}, countries: {} },
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
  t.same(pieces, [1, 4], 'a record, and two books with what they lead to')
})

test('a piece without anything is told too', async (t) => {
  const { options } = await surveyed()
  const pieces: number[] = []
  for await (const piece of beginSurvey(options)) pieces.push(piece)
  t.same(pieces, [0, 0])
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
  t.equal(
    (await surveyPool({ storage, numbers, restMs: 0, fixed: [] })).headRoom,
    1,
    'without a rest they are free',
  )
  for (const id of await texts.idsOf('book')) await texts.put('book', id, 'nothing')
  t.equal((await survey()).headRoom, 2)
})

test('a survey tells how many people hold how many numbers, in all and of each country', async (t) => {
  const D = '14155550123'
  const all = [A, B, D]
  const world = standing({ pool: all, restMs: HOUR })
  const storage = memoryStorage(world.options.now)
  const store = await storeOver(storage, world.options)
  const counted = all.map(
    (number): CountedNumber => ({ number, state: 'active', country: number === D ? 'US' : 'IN' }),
  )
  const options = { storage, numbers: counted, restMs: HOUR, fixed: [] }
  const holders = async (more: object = {}) => (await surveyPool({ ...options, ...more })).holders
  await store.create(draft(1, 2))
  await store.create(draft(1, 3))
  t.same(await holders(), { all: { 1: 2, 2: 1 }, countries: { IN: { 1: 2, 2: 1 } } })
  const { id } = sessionIn(await store.create(draft(1, 4)))
  t.same(await holders(), { all: { 1: 3, 3: 1 }, countries: { IN: { 1: 3, 2: 1 }, US: { 1: 1 } } })

  await store.close(id)
  t.same(
    await holders(),
    { all: { 1: 2, 3: 1 }, countries: { IN: { 1: 2, 2: 1 }, US: { 1: 1 } } },
    'what rests is held, by those who have another session open',
  )
  t.equal((await surveyPool(options)).headRoom, 0)
  world.time += HOUR
  t.same(await holders(), { all: { 1: 2, 2: 1 }, countries: { IN: { 1: 2, 2: 1 } } }, 'and then it is free')
  t.same(await holders({ restMs: 0 }), await holders())

  const drained = counted.map((number) => (number.number === D ? number : { ...number, state: 'draining' }))
  t.same(await holders({ numbers: drained }), { all: {}, countries: {} }, 'a number that drains is no loss')
})

test('who holds a number for ever is one person, with what they hold besides', async (t) => {
  const world = await surveyed([A, B])
  const split = (whole: string) => ({ countryCode: '91', national: whole.slice(2), dialable: `+${whole}` })
  const fixed = legsOf({
    participants: [
      { number: person(1), maskingNumber: split(A) },
      { number: person(9), maskingNumber: split('919000000099') },
    ],
  })
  const options = { ...world.options, fixed }
  const holders = async () => (await surveyPool(options)).holders.all
  t.same(await holders(), { 1: 1 }, 'M2 is not in the pool')
  const store = await storeOver(world.options.storage, {
    ...world.options,
    ...options,
    now: () => world.time,
    pool: [A, B],
  })
  await store.create(draft(1, 2))
  t.same(await holders(), { 1: 1, 2: 1 })
  t.equal((await surveyPool(options)).headRoom, 0)
})

test('many books are counted in pieces, each person once', async (t) => {
  const { store, options } = await surveyed()
  for (let i = 0; i < 60; i++) await store.create(draft(100 + 2 * i, 101 + 2 * i))
  const survey = beginSurvey(options)
  const pieces: number[] = []
  let last = await survey.next()
  for (; !last.done; last = await survey.next()) pieces.push(last.value)
  t.same(pieces, [60, 200, 40])
  t.same(last.value.holders.all, { 1: 120 })
})

onEveryStorage('it is counted alike who holds how many numbers', async (t, make) => {
  const world = standing({ pool: [A, B], restMs: HOUR })
  const storage = await make(world.options.now)
  const store = await storeOver(storage, world.options)
  const survey = () => surveyPool({ storage, numbers, restMs: HOUR, fixed: [] })
  await store.create(draft(1, 2))
  const { id } = sessionIn(await store.create(draft(1, 3)))
  t.match(await survey(), { headRoom: 0, holders: { all: { 1: 2, 2: 1 } } })
  await store.close(id)
  t.match(await survey(), { headRoom: 0, holders: { all: { 1: 1, 2: 1 } } })
})
