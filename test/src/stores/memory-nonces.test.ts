import { test } from 'tap'
import { createNonceMemory } from '../../../src/stores/memory-nonces.js'
import { NONCE_LIFE_MS } from '../../../src/vobiz/nonces.js'

test('nonce memory', async (t) => {
  t.test('tells a retry from a replay', async (t) => {
    const nonces = createNonceMemory()
    t.equal(await nonces.use('1', 'a'), 'new')
    t.equal(await nonces.use('1', 'a'), 'retry')
    t.equal(await nonces.use('1', 'b'), 'altered')
    t.equal(await nonces.use('1', 'a'), 'retry', 'the first body stays the genuine one')
    t.equal(await nonces.use('2', 'b'), 'new', 'another nonce is another request')
  })

  t.test('remembers a nonce for its lifetime, and forgets it after twice that time', async (t) => {
    let now = 0
    const nonces = createNonceMemory({ now: () => now })
    now = NONCE_LIFE_MS - 1
    await nonces.use('1', 'a')
    now = 2 * NONCE_LIFE_MS - 1
    t.equal(await nonces.use('1', 'b'), 'altered')
    now = 3 * NONCE_LIFE_MS
    t.equal(await nonces.use('1', 'b'), 'new')
  })

  t.test('forgets the older half when it is full, and using a nonce again does not refresh it', async (t) => {
    const nonces = createNonceMemory({ capacity: 4 })
    for (const nonce of ['1', '2', '3', '1', '4']) await nonces.use(nonce, 'a')
    t.equal(await nonces.use('3', 'b'), 'altered')
    t.equal(await nonces.use('4', 'b'), 'altered')
    t.equal(await nonces.use('2', 'b'), 'new')
  })
})
