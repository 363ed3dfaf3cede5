import { setImmediate as turn } from 'node:timers/promises'
import { test } from 'tap'
import { createMemoryTexts, UPKEEP_STEP } from '../../../src/stores/memory-texts.js'
import { SECOND, START } from '../../session-store-contract.js'
import { allOf, LATER, NEVER, put, textsContract } from '../../texts-contract.js'

const thing = (id: string | number) => ({ kind: 'thing', id: String(id) })
const ALL = { order: 'oldest first', limit: 99 } as const

test('texts in memory do what every driver does', async (t) => {
  textsContract(t, async () => createMemoryTexts(() => START))
})

test('the clock of texts in memory never goes back', async (t) => {
  let time = START
  const texts = createMemoryTexts(() => time)
  t.equal(texts.now(), START)
  time = START - SECOND
  t.equal(texts.now(), START)
  time = START + SECOND
  t.equal(texts.now(), START + SECOND)
})

test('upkeep forgets a text when its time is up, and not before', async (t) => {
  let time = START
  const texts = createMemoryTexts(() => time)
  await put(texts, thing('short'), 'short', START + SECOND)
  await put(texts, thing('past'), 'past', START)
  await put(texts, thing('fraction'), 'fraction', START + SECOND + 0.5)
  await put(texts, thing('for ever'), 'for ever', NEVER)
  await put(texts, thing('no time'), 'no time', 0)
  const upkeep = async () => {
    await texts.upkeep()
    return (await allOf(texts, 'thing')).map(({ text }) => text)
  }
  t.same(await upkeep(), ['short', 'fraction', 'for ever'])
  time = START + SECOND - 1
  t.same(await upkeep(), ['short', 'fraction', 'for ever'])
  time += 1
  t.same(await upkeep(), ['fraction', 'for ever'])
  time = START + 100 * 365 * 24 * 60 * 60 * SECOND
  t.same(await upkeep(), ['for ever'])
})

test('a text that was written again is kept until its new time', async (t) => {
  let time = START
  const texts = createMemoryTexts(() => time)
  await put(texts, thing('longer'), 'one', START + SECOND)
  await put(texts, thing('shorter'), 'one', LATER)
  await texts.swap({ name: thing('longer'), was: 'one', text: 'two', until: LATER })
  await texts.swap({ name: thing('shorter'), was: 'one', text: 'two', until: START + SECOND })
  time += SECOND
  await texts.upkeep()
  t.same(await texts.read([thing('longer'), thing('shorter')]), ['two', undefined])
})

test('a text that takes the place of another for as long as that one is forgotten with it', async (t) => {
  let time = START
  const texts = createMemoryTexts(() => time)
  await put(texts, thing('a'), 'one', START + SECOND)
  await put(texts, thing('b'), 'one', NEVER)
  for (const id of ['a', 'b'])
    t.ok(await texts.swap({ name: thing(id), was: 'one', text: 'two', until: 'as before' }))
  await texts.upkeep()
  t.same(await texts.read([thing('a'), thing('b')]), ['two', 'two'])
  time += 1_000 * SECOND
  await texts.upkeep()
  t.same(await texts.read([thing('a'), thing('b')]), [undefined, 'two'])
})

test('a text for as long as before, where there was none, is kept for ever', async (t) => {
  const texts = createMemoryTexts(() => START + 100 * 365 * 24 * 60 * 60 * SECOND)
  t.ok(await texts.swap({ name: thing('a'), was: undefined, text: 'one', until: 'as before' }))
  await texts.upkeep()
  t.same(await texts.read([thing('a')]), ['one'])
})

test('each upkeep looks at a bounded number of each kind, and comes to all in turn', async (t) => {
  let time = START
  const texts = createMemoryTexts(() => time)
  const count = UPKEEP_STEP + 10
  for (let i = 0; i < count; i++) {
    await put(texts, thing(i), 'text')
    await put(texts, { kind: 'other', id: String(i) }, 'text')
    await texts.enlist({ kind: 'list', id: String(i) }, { id: 'a', at: START }, LATER)
  }
  const left = async () => [(await allOf(texts, 'thing')).length, (await allOf(texts, 'other')).length]
  const lists = async () => {
    const pieces = await Promise.all(
      Array.from({ length: count }, (_, i) => texts.entries({ kind: 'list', id: String(i) }, ALL)),
    )
    return pieces.flat().length
  }
  await texts.upkeep()
  t.same([...(await left()), await lists()], [count, count, count], 'nothing is over')
  // So it begins at the start again.
  await texts.upkeep()
  time = LATER
  await texts.upkeep()
  t.same([...(await left()), await lists()], [10, 10, 10])
  await put(texts, thing('new'), 'text', NEVER)
  await texts.upkeep()
  t.same([...(await left()), await lists()], [1, 0, 0], 'also where something came meanwhile')
})

test('a list in memory is kept for the longest time that was asked for', async (t) => {
  let time = START
  const texts = createMemoryTexts(() => time)
  const list = { kind: 'list', id: 'a' }
  const forEver = { kind: 'list', id: 'b' }
  for (const until of [START + SECOND, LATER, START]) await texts.enlist(list, { id: 'a', at: START }, until)
  for (const until of [NEVER, START]) await texts.enlist(forEver, { id: 'a', at: START }, until)
  time = LATER - 1
  await texts.upkeep()
  t.equal((await texts.entries(list, ALL)).length, 1)
  time = LATER
  await texts.upkeep()
  t.same(await texts.entries(list, ALL), [])
  time = START + 100 * 365 * 24 * 60 * 60 * SECOND
  await texts.upkeep()
  t.equal((await texts.entries(forEver, ALL)).length, 1)
})

test('who looks at all texts lets other work have its turn between two pieces', async (t) => {
  const texts = createMemoryTexts(() => START)
  for (let i = 0; i < 5_000; i++) await put(texts, thing(i), 'text')
  let turns = 0
  let isOver = false
  const counting = (async () => {
    while (!isOver) {
      await turn()
      turns += 1
    }
  })()
  const sizes: number[] = []
  for await (const found of texts.all('thing')) {
    sizes.push(found.length)
    // What changes meanwhile does no harm.
    await texts.swap({ name: thing(4_999), was: 'text', text: undefined, until: LATER })
  }
  isOver = true
  await counting
  t.equal(
    sizes.reduce((sum, size) => sum + size, 0),
    4_999,
  )
  t.ok(sizes.every((size) => size <= 2_000))
  t.ok(turns >= sizes.length - 1)
})
