import { test } from 'tap'
import { POOL } from '../../../src/masking/keys.js'
import {
  ASK_MS,
  createLivePool,
  type LivePoolOptions,
  liveRules,
  MAX_AGE_MS,
  MAX_REPLACED,
} from '../../../src/masking/live-pool.js'
import { splitNumber } from '../../../src/masking/phone-number.js'
import { createPool, type PoolNumber } from '../../../src/masking/pool.js'
import { type Storage, StoreUnavailableError } from '../../../src/masking/storage.js'
import { testClock } from '../../clocks.js'
import { STORE_KEY } from '../../redis-store.js'
import { openTexts, sealedOver } from '../../sealed-store.js'
import { spiedOn } from '../../spied-storage.js'
import { memoryStorage } from '../../store-under-test.js'

const [A, B, C] = ['919000000011', '919000000012', '919000000013'] as const
const active = (number: string): PoolNumber => ({ number, state: 'active' })
const spelled = (digits: string) => ({ digits, international: false })

/** An instance that follows a pool, and another one that changes it. */
function following(options: Partial<LivePoolOptions> = {}) {
  const clock = testClock()
  const storage = memoryStorage(clock.now)
  const world = { isDown: false, asked: 0, told: [] as unknown[] }
  const spied = spiedOn(storage, async (operation, run) => {
    if (operation === 'read pool') world.asked += 1
    if (world.isDown) throw new StoreUnavailableError()
    return run()
  })
  const pool = createLivePool({
    storage: spied,
    forCalls: spied,
    now: clock.now,
    configured: [],
    onDifference: (difference) => world.told.push(difference),
    onUnreadable: (reason) => world.told.push(reason),
    ...options,
  })
  const others = createPool(storage)
  return Object.assign(world, { clock, storage, pool, others })
}

test('an instance sees what others make of the pool, each time that it looks', async (t) => {
  const { pool, others } = following()
  t.same(pool.seen.numbers, [])
  await others.change(() => [active(A), { number: '97142345678', state: 'draining', label: 'Dubai' }])
  await pool.look()
  t.match(pool.seen.numbers, [
    { number: A, state: 'active', country: 'IN', split: { countryCode: '91', national: '9000000011' } },
    { number: '97142345678', state: 'draining', country: 'AE', label: 'Dubai' },
  ])
  t.same(pool.seen.active, [A])
  t.equal(pool.seen.find(spelled('09000000011'))?.national, '9000000011')
  t.equal(pool.seen.find({ digits: '9000000011', international: true }), undefined)
  t.equal(pool.seen.has(A), true)

  const before = pool.seen
  await pool.look()
  t.equal(pool.seen, before, 'a pool that did not change is not read anew')
  await others.change(() => [active(B)])
  await pool.look()
  t.same([pool.seen.has(A), pool.seen.has(B)], [false, true])
})

test('while the store is down, what was seen last goes on', async (t) => {
  const world = following()
  await world.others.change(() => [active(A)])
  await world.pool.look()
  world.isDown = true
  await t.rejects(world.pool.look(), StoreUnavailableError)
  t.equal(world.pool.seen.has(A), true)
  await t.rejects(world.pool.ask(), StoreUnavailableError)
  world.isDown = false
  await world.pool.look()
  t.equal(world.pool.seen.has(A), true)
})

test('numbers are given by a pool that is five seconds old at most', async (t) => {
  const world = following()
  await world.others.change(() => [active(A)])
  t.same(await world.pool.active(), [A])
  await world.others.change(() => [active(B)])
  world.clock.time += MAX_AGE_MS - 1
  t.same(await world.pool.active(), [A], 'without asking')
  world.clock.time += 1
  t.same(await world.pool.active(), [B])
  world.isDown = true
  t.same(await world.pool.active(), [B])
  world.clock.time -= 1
  await t.rejects(world.pool.active(), StoreUnavailableError, 'a clock that was set back proves no age')
  world.clock.time += MAX_AGE_MS + 1
  await t.rejects(world.pool.active(), StoreUnavailableError)
})

test('strangers make an instance ask once a second at most', async (t) => {
  const world = following()
  await world.others.change(() => [active(A)])
  const answers = await Promise.all([1, 2, 3].map(() => world.pool.ask()))
  t.equal(world.asked, 1)
  t.ok(answers.every((answer) => answer.has(A)))
  await world.others.change(() => [active(A), active(B)])
  world.clock.time += ASK_MS - 1
  t.equal((await world.pool.ask()).has(B), false)
  t.equal(world.asked, 1)
  world.clock.time += 1
  t.equal((await world.pool.ask()).has(B), true)
  t.equal(world.asked, 2)

  world.isDown = true
  world.clock.time += ASK_MS
  for (let i = 0; i < 3; i++) await t.rejects(world.pool.ask(), StoreUnavailableError)
  t.equal(world.asked, 3, 'also while the store is down')
})

test('a look that was overtaken does not bring back what was there before', async (t) => {
  const clock = testClock()
  const storage = memoryStorage(clock.now)
  const others = createPool(storage)
  await others.change(() => [active(A)])
  let release = () => {}
  const slow: Storage = spiedOn(storage, async (_operation, run) => {
    const found = await run()
    await new Promise<void>((resolve) => {
      release = resolve
    })
    return found
  })
  const { pool } = following({ storage, forCalls: slow })
  const overtaken = pool.ask()
  await pool.look()
  await pool.change((numbers) => [...numbers, active(B)])
  release()
  t.equal((await overtaken).has(B), true)
  t.equal(pool.seen.has(B), true)
})

test('the numbers of the configuration fill an empty pool, and only tell of differences later', async (t) => {
  const configured = [splitNumber(A), splitNumber(B)]
  const world = following({ configured })
  t.same(world.pool.seen.active, [A, B], 'they stand for the pool until it was seen')
  t.same(await world.pool.active(), [A, B])
  t.same(await world.others.numbers(), [active(A), active(B)])
  t.same(world.told, [])

  await world.others.change(() => [])
  await world.pool.look()
  t.same(world.pool.seen.active, [], 'a pool that was emptied stays empty')

  await world.others.change(() => [active(B), active(C), { number: '919000000014', state: 'draining' }])
  const told: unknown[] = []
  const started = createLivePool({
    storage: world.storage,
    forCalls: world.storage,
    now: world.clock.now,
    configured,
    onDifference: (difference) => told.push(difference),
    onUnreadable: () => t.fail('unreadable'),
  })
  await started.look()
  await started.look()
  t.same(started.seen.active, [B, C])
  t.same(told, [{ onlyConfigured: 1, onlyInPool: 2 }], 'once')

  const without = following()
  await without.others.change(() => [active(A)])
  await without.pool.look()
  t.same(without.told, [], 'a configuration without numbers says nothing')
})

test('a pool that is empty when an instance starts is filled', async (t) => {
  const { pool, others } = following({ configured: [splitNumber(A)] })
  await others.change(() => [])
  await pool.look()
  t.same(await others.numbers(), [active(A)])
  t.same(pool.seen.active, [A])
})

test('two instances that start at once fill the pool once', async (t) => {
  const world = following({ configured: [splitNumber(A)] })
  const other = createLivePool({
    storage: world.storage,
    forCalls: world.storage,
    now: world.clock.now,
    configured: [splitNumber(B)],
    onDifference: (difference) => world.told.push(difference),
    onUnreadable: () => undefined,
  })
  await Promise.all([world.pool.look(), other.look()])
  const [number, ...more] = await world.others.numbers()
  t.same(more, [])
  t.same([world.pool.seen.active, other.seen.active], [[number?.number], [number?.number]])
  t.same(world.told, [{ onlyConfigured: 1, onlyInPool: 1 }])
})

test('a change before the first look comes on top of the configuration', async (t) => {
  const { pool, others } = following({ configured: [splitNumber(A)] })
  await pool.change((numbers) => [...numbers, active(B)])
  t.same(await others.numbers(), [active(A), active(B)])
  t.same(pool.seen.active, [A, B])
})

test('a pool that was lost with a server comes back as it was seen last', async (t) => {
  const { pool, storage, others } = following({ configured: [splitNumber(A)] })
  await pool.change(() => [{ number: B, state: 'draining', label: 'old', drainingSince: 1 }])
  const [was] = await storage.read([POOL])
  await storage.swap({ key: POOL, was, value: undefined, until: 0 })
  t.equal((await pool.ask()).has(B), true, 'calls go on')
  await pool.look()
  t.same(await others.numbers(), [{ number: B, state: 'draining', label: 'old', drainingSince: 1 }])
})

/** An instance whose store has one server, another one that shares it, and that server's loss. */
async function unsure() {
  const clock = testClock()
  const texts = openTexts(clock.now)
  const { storage } = sealedOver(texts, STORE_KEY)
  const server = { isSafe: false, meanwhile: async () => {} }
  async function confirm() {
    const { isSafe, meanwhile } = server
    await meanwhile()
    return isSafe
  }
  const ours: Storage = { ...storage, confirm }
  const world = following({ storage: ours, forCalls: ours })
  const others = createPool(storage)
  await others.change(() => [active(A)])
  await world.pool.look()
  /** Remembers what a replica has, which then takes the place of the server. */
  async function replica() {
    const text = await texts.textOf('pool', 'numbers')
    return () => texts.put('pool', 'numbers', text)
  }
  return { pool: world.pool, others, server, replica }
}

const adding = (number: string) => (numbers: readonly PoolNumber[]) => [...numbers, active(number)]

test('a change of the pool that was answered as not durable, and is lost, is written again', async (t) => {
  const { pool, others, replica } = await unsure()
  const takeOver = await replica()
  t.match(await pool.change(adding(B)), { durable: false })
  t.match(await pool.change((numbers) => numbers), { durable: false }, 'nothing is written')
  const takeOverLater = await replica()
  await pool.change(adding(C))
  await takeOver()
  t.equal((await pool.ask()).has(C), true, 'calls do not see what is no more')
  await pool.upkeep()
  t.same(await others.numbers(), [active(A), active(B), active(C)])
  await takeOverLater()
  await pool.upkeep()
  t.same(await others.numbers(), [active(A), active(B), active(C)])

  await pool.change(() => [])
  await takeOver()
  await pool.upkeep()
  t.same(await others.numbers(), [], 'also the loss of the last number')
})

test('what is lost of the pool comes back before the next change of it', async (t) => {
  const { pool, others, replica } = await unsure()
  const takeOver = await replica()
  await pool.change(adding(B))
  await takeOver()
  await pool.change(adding(C))
  t.same(await others.numbers(), [active(A), active(B), active(C)])
})

test('what others made of the pool since an unconfirmed change stays, and comes back with it', async (t) => {
  const { pool, others, replica } = await unsure()
  const takeOver = await replica()
  await pool.change(adding(B))
  await others.change(adding(C))
  await pool.upkeep()
  t.same(await others.numbers(), [active(A), active(B), active(C)])
  await takeOver()
  await pool.upkeep()
  t.same(await others.numbers(), [active(A), active(B), active(C)])
})

test('once a change of the pool is confirmed, what it replaced may come again', async (t) => {
  for (const how of ['by the upkeep', 'by the next change', 'by the same change again'] as const) {
    const { pool, others, server, replica } = await unsure()
    const takeOver = await replica()
    await pool.change(adding(B))
    server.isSafe = true
    if (how === 'by the upkeep') await pool.upkeep()
    else if (how === 'by the next change') await pool.change(adding(C))
    else t.match(await pool.change((numbers) => numbers), { durable: true })
    // Somebody put an older copy back.
    await takeOver()
    await pool.upkeep()
    t.same(await others.numbers(), [active(A)], how)
  }
})

test('a change of the pool while another one is confirmed stays to be confirmed', async (t) => {
  const { pool, others, server, replica } = await unsure()
  await pool.change(adding(B))
  const takeOver = await replica()
  async function meanwhile() {
    Object.assign(server, { isSafe: false, meanwhile: async () => {} })
    await pool.change(adding(C))
  }
  Object.assign(server, { isSafe: true, meanwhile })
  await pool.upkeep()
  await takeOver()
  await pool.upkeep()
  t.same(await others.numbers(), [active(A), active(B), active(C)])
})

test('an instance remembers a bounded number of unconfirmed changes of the pool', async (t) => {
  const { pool, others, replica } = await unsure()
  const takeOver = await replica()
  for (let i = 0; i <= MAX_REPLACED; i += 1) await pool.change(() => [{ ...active(A), label: String(i) }])
  await takeOver()
  await pool.upkeep()
  t.same(await others.numbers(), [active(A)], 'the oldest one is forgotten')
})

test('a pool that cannot be read is neither empty nor filled', async (t) => {
  const unreadable = { value: undefined, unreadable: 'unknown-key', version: 'x' } as const
  const clock = testClock()
  const storage: Storage = {
    ...memoryStorage(clock.now),
    read: async () => [unreadable],
    swap: async () => t.fail('it was written over') as never,
  }
  const world = following({ storage, forCalls: storage, configured: [splitNumber(A)] })
  await t.rejects(world.pool.look(), StoreUnavailableError)
  await t.rejects(world.pool.ask(), StoreUnavailableError)
  await t.rejects(world.pool.active(), StoreUnavailableError)
  await t.rejects(
    world.pool.change(() => []),
    StoreUnavailableError,
  )
  t.equal(world.pool.seen.has(A), true)
  t.ok(world.told.length > 0 && world.told.every((reason) => reason === 'unknown-key'))
})

test('who can be a participant follows the pool', async (t) => {
  const { pool } = following()
  const rules = (listed?: ReadonlySet<string>) =>
    liveRules({ pool, country: 'IN', listed, others: [splitNumber(C)] })
  const live = rules()
  t.equal(live.allowedCountries, undefined, 'without numbers there is nothing to be given')
  t.same([live.isMasking(A), live.isMasking(C)], [false, true])
  await pool.change(() => [active(A), active('97142345678')])
  t.same([...(live.allowedCountries ?? [])], ['IN', 'AE'])
  t.same([live.isMasking(A), live.isMasking(C)], [true, true])
  t.same([...(rules(new Set(['SG'])).allowedCountries ?? [])], ['SG'])
})
