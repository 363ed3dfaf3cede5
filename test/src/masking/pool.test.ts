import { test } from 'tap'
import { createPool } from '../../../src/masking/pool.js'
import { type Storage, StoreUnavailableError } from '../../../src/masking/storage.js'
import { START } from '../../session-store-contract.js'
import { memoryStorage } from '../../store-under-test.js'

const memory = memoryStorage(() => START)

test('a change of the pool that others always overtake gives up as if the store had failed', async (t) => {
  let seen = 0
  const pool = createPool({ ...memory, swap: async () => false })
  const change = pool.change(() => {
    seen += 1
    return [{ number: '919000000011', state: 'active' }]
  })
  await t.rejects(change, StoreUnavailableError)
  t.ok(seen > 1, 'not at once')
  t.same(await pool.numbers(), [])
})

test('a pool that cannot be read is no empty pool', async (t) => {
  const unreadable = { value: undefined, unreadable: 'unknown-key', version: 'x' } as const
  const storage: Storage = {
    ...memory,
    read: async () => [unreadable],
    swap: async () => t.fail('it was written over') as never,
  }
  const pool = createPool(storage)
  await t.rejects(pool.numbers(), StoreUnavailableError)
  await t.rejects(pool.active(), StoreUnavailableError)
  await t.rejects(
    pool.change(() => []),
    StoreUnavailableError,
  )
})
