import { test } from 'tap'
import { createNonceMemory, NONCE_CAPACITY, NONCE_RATE } from '../../../src/stores/memory-nonces.js'
import { NONCE_LIFE_MS } from '../../../src/vobiz/nonces.js'

const HOUR_MS = 60 * 60 * 1_000
/** Of the requirement, not of the code: 40 bytes on average, 57 just after a table has grown. */
const MOST_BYTES = 60

test('nonce memory', async (t) => {
  t.test('tells a retry from a replay, and when the nonce was first seen', async (t) => {
    let now = 5
    const nonces = createNonceMemory({ now: () => now })
    t.same(await nonces.use(['1'], 'a'), { kind: 'new', at: 5 })
    now = 9
    t.same(await nonces.use(['1'], 'a'), { kind: 'retry', at: 5 })
    t.same(await nonces.use(['1'], 'b'), { kind: 'altered', at: 5 })
    t.same(await nonces.use(['1'], 'a'), { kind: 'retry', at: 5 }, 'and the first body stays the right one')
    t.same(await nonces.use(['2'], 'b'), { kind: 'new', at: 9 }, 'another nonce is another request')
    now = 0
    t.same(await nonces.use(['3'], 'b'), { kind: 'new', at: 5 }, 'a clock that is set back does no harm')
  })

  t.test('remembers for the life of a nonce, and forgets an hour later', async (t) => {
    let now = 0
    const early: number[] = []
    const nonces = createNonceMemory({ now: () => now, onEarlyTurn: (ms) => early.push(ms) })
    now = HOUR_MS - 1
    await nonces.use(['1'], 'a')
    for (let hour = 1; hour < 24; hour += 1) {
      now = hour * HOUR_MS
      await nonces.use([`of hour ${hour}`], 'a')
    }
    now += HOUR_MS - 1
    t.match(await nonces.use(['1'], 'b'), { kind: 'altered' }, 'after a day')
    now += 1
    t.match(await nonces.use(['1'], 'b'), { kind: 'altered' })
    now += HOUR_MS
    t.match(await nonces.use(['1'], 'b'), { kind: 'new' })
    t.same(early, [])
  })

  t.test('when it is full, forgets the oldest part and tells for how long it remembers', async (t) => {
    let now = 0
    const early: number[] = []
    const capacity = 240
    const nonces = createNonceMemory({ now: () => now, capacity, onEarlyTurn: (ms) => early.push(ms) })
    for (let i = 0; i < capacity; i += 1) {
      await nonces.use(['0'], 'a')
      await nonces.use([String(i)], 'a')
      now += 1_000
    }
    t.same(early, [], 'being used again takes no place')
    await nonces.use(['one more'], 'a')
    t.same(early, [230_000])
    t.match(await nonces.use(['10'], 'b'), { kind: 'altered' }, 'all others are there')
    t.match(await nonces.use(['9'], 'b'), { kind: 'new' })
  })

  t.test('keeps the promised day at the stated rate, in few bytes', async (t) => {
    t.equal(NONCE_CAPACITY, 2 * NONCE_RATE * 24 * 60 * 60)
    t.ok(NONCE_CAPACITY * MOST_BYTES < 110e6)
    let now = 0
    const count = 72_000
    const early: number[] = []
    const nonces = createNonceMemory({ now: () => now, onEarlyTurn: (ms) => early.push(ms) })
    const before = process.memoryUsage().arrayBuffers
    for (let i = 0; i < count; i += 1) {
      now += HOUR_MS / count
      await nonces.use([String(i).padStart(20, '0')], 'a body')
    }
    const each = (process.memoryUsage().arrayBuffers - before) / count
    t.ok(each < 2 * MOST_BYTES, `${Math.round(each)} bytes each, with what was not collected yet`)
    t.match(await nonces.use(['0'.repeat(20)], 'another'), { kind: 'altered', at: HOUR_MS / count })
    t.same(early, [])
    t.ok(NONCE_LIFE_MS > now)
  })
})
