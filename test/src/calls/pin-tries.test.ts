import fc from 'fast-check'
import { type Test, test } from 'tap'
import {
  CALLER_LOCK,
  createPinTries,
  type LockPolicy,
  lockedUntil,
  MAX_WRONG_A_DAY,
  NUMBER_LOCK,
  PIN_CALL_KIND,
  PIN_CALLER_KIND,
  PIN_NUMBER_KIND,
  type PinTries,
  type PinTry,
} from '../../../src/calls/pin-tries.js'
import type { Storage } from '../../../src/masking/storage.js'
import type { StorageMaker } from '../../erasure-contract.js'
import { onEveryStorage } from '../../every-storage.js'
import { STORE_KEY } from '../../redis-store.js'
import { openTexts, sealedOver } from '../../sealed-store.js'
import { DAY, HOUR, SECOND, START } from '../../session-store-contract.js'
import { spiedOn } from '../../spied-storage.js'
import { memoryStorage } from '../../store-under-test.js'

interface World {
  readonly tries: PinTries
  readonly storage: Storage
  time: number
}

const MINUTE = 60 * SECOND
const NUMBER = '919000000011'
const inMemory: StorageMaker = async (now) => memoryStorage(now)

async function open(make: StorageMaker = inMemory): Promise<World> {
  const world = { time: START } as { -readonly [name in keyof World]: World[name] }
  world.storage = await make(() => world.time)
  world.tries = createPinTries(world.storage)
  return world
}

let calls = 0
/** A try in a call of its own, unless it says otherwise. */
function pinTry(more: Partial<PinTry> = {}): PinTry {
  calls += 1
  return {
    callId: `call-${calls}`,
    attempt: 0,
    caller: '919700000001',
    dialled: NUMBER,
    pin: '1234',
    isKnown: false,
    ...more,
  }
}

const mayOpen = async ({ tries }: World, more: Partial<PinTry> = {}) =>
  (await tries.begin(pinTry(more))).mayOpen

onEveryStorage('wrong PINs', async (t, make) => {
  t.test('however many are tried at once, no more are judged than are free', async (t) => {
    const world = await open(make)
    // Another instance.
    const other = createPinTries(world.storage)
    const all = await Promise.all(
      Array.from({ length: 12 }, (_, i) => [world.tries, other][i % 2]?.begin(pinTry())),
    )
    t.equal(all.filter((one) => one?.mayOpen).length, CALLER_LOCK.free)
  })

  t.test('nor on one masking number, by however many callers', async (t) => {
    const world = await open(make)
    const callers = Array.from({ length: NUMBER_LOCK.free + 4 }, (_, n) => ({ caller: `9197000${n}` }))
    const last = callers.splice(NUMBER_LOCK.free - 1)
    for (const caller of callers) t.equal(await mayOpen(world, caller), true)
    const atOnce = await Promise.all(last.map((caller) => mayOpen(world, caller)))
    t.equal(atOnce.filter(Boolean).length, 1)
  })

  t.test('locks of a caller grow, and are forgotten in the end', async (t) => {
    const world = await open(make)
    for (let i = 0; i < CALLER_LOCK.free; i += 1) t.equal(await mayOpen(world), true)
    for (const minutes of [1, 2, 4, 8]) {
      world.time += minutes * MINUTE - 1
      t.equal(await mayOpen(world), false)
      world.time += 1
      t.equal(await mayOpen(world), true, `after ${minutes} minutes`)
    }
    t.equal(await mayOpen(world, { dialled: '919000000012' }), false, 'on all numbers')
    t.equal(await mayOpen(world, { caller: '919700000002' }), true, 'but not for others')
    world.time += CALLER_LOCK.forgetMs
    for (let i = 0; i < CALLER_LOCK.free; i += 1) t.equal(await mayOpen(world), true)
    t.equal(await mayOpen(world), false)
  })
})

test('a masking number is locked for all whose number is not known', async (t) => {
  const world = await open()
  const caller = (n: number) => ({ caller: `9197000${n}` })
  for (let n = 0; n < NUMBER_LOCK.free; n += 1) t.equal(await mayOpen(world, caller(n)), true)
  t.equal(await mayOpen(world, caller(99)), false)
  t.equal(await mayOpen(world, { ...caller(99), dialled: '919000000012' }), true, 'another number')
  for (let i = 0; i < CALLER_LOCK.free + 1; i += 1)
    t.equal(await mayOpen(world, { ...caller(99), isKnown: true }), i + 1 < CALLER_LOCK.free, 'a known one')
  world.time += NUMBER_LOCK.firstMs
  t.equal(await mayOpen(world, caller(98)), true)
  t.equal(await mayOpen(world, caller(97)), false)
})

test('while a number is locked, a caller is not counted; nor is a number by callers that are locked or known', async (t) => {
  const world = await open()
  for (let n = 0; n < NUMBER_LOCK.free; n += 1) await mayOpen(world, { caller: `a${n}` })
  for (let i = 0; i < 20; i += 1) t.equal(await mayOpen(world, { caller: 'b' }), false)
  t.equal(await mayOpen(world, { caller: 'b', dialled: '919000000012' }), true)

  const other = await open()
  for (let i = 0; i < 50; i += 1) await mayOpen(other, { caller: 'locked' })
  for (let i = 0; i < 50; i += 1) await mayOpen(other, { caller: `known ${i}`, isKnown: true })
  for (let n = 0; n < NUMBER_LOCK.free - CALLER_LOCK.free; n += 1)
    t.equal(await mayOpen(other, { caller: `c${n}` }), true)
  t.equal(await mayOpen(other, { caller: 'd' }), false)
})

test('all who hide their number are one caller on each masking number', async (t) => {
  const world = await open()
  const hidden = { caller: undefined }
  for (let i = 0; i < CALLER_LOCK.free; i += 1) t.equal(await mayOpen(world, hidden), true)
  t.equal(await mayOpen(world, hidden), false)
  t.equal(await mayOpen(world, { ...hidden, dialled: '919000000012' }), true)
})

test('a right PIN does not count, and makes up for no wrong one', async (t) => {
  const world = await open()
  const right = async () => {
    const begun = await world.tries.begin(pinTry())
    await begun.succeed()
    return begun.mayOpen
  }
  for (let i = 0; i < 30; i += 1) t.equal(await right(), true)
  for (let i = 0; i < CALLER_LOCK.free; i += 1) {
    t.equal(await right(), true)
    t.equal(await mayOpen(world), true)
  }
  t.equal(await right(), false)
  world.time += MINUTE
  t.equal(await right(), true, 'the lock is over')
  t.equal(await right(), true, 'and the next one has not begun')
})

test('a wrong try beside a right one stays counted', async (t) => {
  const world = await open()
  const begun = await world.tries.begin(pinTry())
  for (let i = 1; i < CALLER_LOCK.free; i += 1) t.equal(await mayOpen(world), true)
  t.equal(await mayOpen(world), false, 'until it is known to be right, it counts')
  await begun.succeed()
  t.equal(await mayOpen(world), true)
  t.equal(await mayOpen(world), false)
})

test('the same request again counts once, and gets the same', async (t) => {
  const world = await open()
  const wrong = pinTry()
  t.equal((await world.tries.begin(wrong)).mayOpen, true)
  for (let i = 0; i < 20; i += 1)
    t.equal((await world.tries.begin(wrong)).mayOpen, true, 'it is looked at again')
  const right = pinTry()
  await (await world.tries.begin(right)).succeed()
  t.equal((await world.tries.begin(right)).mayOpen, true)
  t.equal((await world.tries.begin({ ...right, pin: '4321' })).mayOpen, false, 'another PIN in its place')
  for (let i = 1; i < CALLER_LOCK.free; i += 1) t.equal(await mayOpen(world), true)
  t.equal(await mayOpen(world), false)
})

test('the same request while the first one is judged gets the same, and counts nothing more', async (t) => {
  const world = await open()
  for (let i = 1; i < CALLER_LOCK.free; i += 1) await mayOpen(world)
  const right = pinTry()
  const begun = await Promise.all(Array.from({ length: 6 }, () => world.tries.begin(right)))
  t.same(
    begun.map((one) => one.mayOpen),
    Array(6).fill(true),
    'with the last try before a lock',
  )
  t.equal(await mayOpen(world), false, 'until it is known to be right, it counts')
  await Promise.all(begun.map((one) => one.succeed()))
  t.equal((await world.tries.begin(right)).mayOpen, true)
  t.equal(await mayOpen(world), true, 'then it does not')
  t.equal(await mayOpen(world), false)
})

test('a request that was locked out is not let in by being sent again', async (t) => {
  const world = await open()
  for (let i = 0; i < CALLER_LOCK.free; i += 1) await mayOpen(world)
  const locked = pinTry()
  for (let i = 0; i < 3; i += 1) t.equal((await world.tries.begin(locked)).mayOpen, false)
  world.time += CALLER_LOCK.firstMs
  t.equal((await world.tries.begin(locked)).mayOpen, true, 'when the lock is over it is tried, and counts')
  t.equal(await mayOpen(world), false)
})

test('the try that locks somebody says until when, also when it is sent again, and no other does', async (t) => {
  const world = await open()
  const locksOf = async (pinTry: PinTry) => (await world.tries.begin(pinTry)).locks
  const none = { caller: undefined, number: undefined }
  for (let i = 1; i < CALLER_LOCK.free; i += 1) t.same(await locksOf(pinTry()), none)
  const last = pinTry()
  const caller = START + CALLER_LOCK.firstMs
  for (let i = 0; i < 2; i += 1) t.same(await locksOf(last), { caller, number: undefined })
  t.same(await locksOf(pinTry()), none, 'it is locked already')
  t.same(await locksOf({ ...last, pin: '4321' }), {}, 'another PIN in its place')
  world.time = caller
  t.same(await locksOf(pinTry()), { caller: caller + 2 * CALLER_LOCK.firstMs, number: undefined })

  for (let n = CALLER_LOCK.free + 2; n < NUMBER_LOCK.free; n += 1)
    t.same(await locksOf(pinTry({ caller: `a${n}` })), none)
  t.same(await locksOf(pinTry({ caller: 'b' })), { caller: undefined, number: caller + NUMBER_LOCK.firstMs })
  t.same(await locksOf(pinTry({ caller: 'c' })), none)
})

test('the attempts of a call are told apart, in whatever order they come', async (t) => {
  const world = await open()
  for (const attempt of [2, 0, 1]) {
    const asked = { callId: 'one', attempt, caller: `caller ${attempt}` }
    t.equal(await mayOpen(world, asked), true)
    t.equal(await mayOpen(world, { ...asked, pin: '9999' }), false)
  }
})

test('whatever is wrong, the store is asked the same', async (t) => {
  const asked: string[] = []
  const world = await open(async (now) =>
    spiedOn(memoryStorage(now), async (operation, run) => {
      asked.push(operation)
      return run()
    }),
  )
  const workOf = async (more: Partial<PinTry>) => {
    asked.length = 0
    const { mayOpen } = await world.tries.begin(pinTry(more))
    return { mayOpen, asked: asked.join(', ') }
  }
  const first = await workOf({})
  t.equal(first.mayOpen, true)
  t.match(first.asked, /swap pin-call.*swap pin-caller.*swap pin-number/)
  for (let i = 1; i < CALLER_LOCK.free; i += 1) await workOf({})
  t.same(await workOf({}), { mayOpen: false, asked: first.asked }, 'a locked caller')
  t.same(await workOf({ caller: undefined }), first, 'a hidden one')
  for (let n = 0; n < NUMBER_LOCK.free; n += 1) await workOf({ caller: `a${n}` })
  t.same(await workOf({ caller: 'b' }), { mayOpen: false, asked: first.asked }, 'a locked number')
})

test('where somebody was faster, it is looked at again', async (t) => {
  let swaps = 0
  const world = await open(async (now) =>
    spiedOn(memoryStorage(now), async (operation, run) => {
      if (!operation.startsWith('swap')) return run()
      swaps += 1
      return swaps % 2 === 1 ? false : run()
    }),
  )
  for (let i = 0; i < CALLER_LOCK.free; i += 1) {
    const right = await world.tries.begin(pinTry())
    t.equal(right.mayOpen, true)
    await right.succeed()
    t.equal(await mayOpen(world), true)
  }
  t.equal(await mayOpen(world), false)
})

test('counts that somebody altered begin anew', async (t) => {
  const texts = openTexts(() => START)
  const { storage } = sealedOver(texts, STORE_KEY)
  const world = await open(async () => storage)
  for (let i = 0; i < CALLER_LOCK.free; i += 1) await mayOpen(world)
  t.equal(await mayOpen(world), false)
  for (const kind of [PIN_CALL_KIND, PIN_CALLER_KIND, PIN_NUMBER_KIND]) {
    for (const id of await texts.idsOf(kind)) await texts.put(kind, id, 'nothing')
  }
  t.equal(await mayOpen(world), true)
})

test('a right PIN is told also where its counts are gone', async (t) => {
  const texts = openTexts(() => START)
  const { storage } = sealedOver(texts, STORE_KEY)
  const world = await open(async () => storage)
  const asked = pinTry()
  const begun = await world.tries.begin(asked)
  for (const kind of [PIN_CALL_KIND, PIN_CALLER_KIND, PIN_NUMBER_KIND]) {
    for (const id of await texts.idsOf(kind)) await texts.put(kind, id, undefined)
  }
  await begun.succeed()
  t.equal((await world.tries.begin(asked)).mayOpen, true)
})

/** How many wrong PINs are judged in each window of a day, where somebody tries whenever these gaps are over. */
function mostInADay(t: Test, policy: LockPolicy, gaps: readonly number[]): number {
  let [now, wrong] = [START, { times: 0, at: 0 }]
  const judged: number[] = []
  for (const gap of gaps) {
    now += gap
    const counted = now < wrong.at + policy.forgetMs ? wrong : { times: 0, at: 0 }
    if (now < lockedUntil(counted, policy)) continue
    judged.push(now)
    wrong = { times: counted.times + 1, at: now }
  }
  t.ok(judged.length > 0)
  return Math.max(...judged.map((from) => judged.filter((at) => at >= from && at < from + DAY).length))
}

test('in no day more wrong PINs are judged than is stated, whatever the rhythm of them', async (t) => {
  t.equal(mostInADay(t, NUMBER_LOCK, Array(4 * 24 * 60).fill(MINUTE)), 48, 'one a minute')
  t.equal(mostInADay(t, CALLER_LOCK, Array(4 * 24 * 60).fill(MINUTE)), 15)
  t.ok(48 <= MAX_WRONG_A_DAY)
  const gap = fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 2 * HOUR }), fc.constant(DAY))
  fc.assert(
    fc.property(fc.array(gap, { minLength: 1, maxLength: 300 }), (gaps) => {
      return mostInADay(t, NUMBER_LOCK, gaps) <= MAX_WRONG_A_DAY && mostInADay(t, CALLER_LOCK, gaps) <= 16
    }),
    { numRuns: 300 },
  )
})
