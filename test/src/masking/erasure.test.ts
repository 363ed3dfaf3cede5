import { test } from 'tap'
import { erasureContract } from '../../erasure-contract.js'
import { memoryStorage } from '../../store-under-test.js'

test('in memory, people are found and erased', async (t) => {
  erasureContract(t, async (_t, now) => memoryStorage(now))
})
