import { test } from 'tap'
import { ALL_FAILURES, crashContract } from '../../crash-contract.js'
import { memoryStorage } from '../../store-under-test.js'

test('in memory, a failure at any step of an operation leaves nothing wrong', (t) =>
  crashContract(t, async (now) => memoryStorage(now), ALL_FAILURES))
