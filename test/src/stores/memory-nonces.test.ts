import { test } from 'tap'
import { createNonceMemory, NONCE_LIFE_MS } from '../../../src/stores/memory-nonces.js'

test('nonce memory', async (t) => {
  t.test('tells a retry from a replay', async (t) => {
    const nonces = createNonceMemory()
    t.equal(await nonces.use('1', 'a'), 'new')
    t.equal(await nonces.use('1', 'a'), 'retry')
    t.equal(await nonces.use('1', 'b'), 'altered')
    t.equal(await nonces.use('1', 'a'), 'retry', 'and the first body stays the right one')
    t.equal(await nonces.use('2', 'b'), 'new', 'another nonce is another request')
  })

  t.test('forgets after the life of a nonce, not before, and not longer when it is used', async (t) => {
    let now = 0
    const nonces = createNonceMemory({ now: () => now })
    await nonces.use('1', 'a')
    now = NONCE_LIFE_MS - 1
    t.equal(await nonces.use('1', 'b'), 'altered')
    now = NONCE_LIFE_MS
    t.equal(await nonces.use('1', 'b'), 'new')
  })

  t.test('forgets the oldest when it is full', async (t) => {
    const nonces = createNonceMemory({ capacity: 2 })
    await nonces.use('1', 'a')
    await nonces.use('2', 'a')
    await nonces.use('1', 'a')
    await nonces.use('3', 'a')
    t.equal(await nonces.use('3', 'b'), 'altered')
    t.equal(await nonces.use('2', 'b'), 'altered')
    t.equal(await nonces.use('1', 'b'), 'new', 'the first use counts')
  })
})
