import { test } from 'tap'
import { strategyOf } from '../../../src/config/strategy.js'
import { PAIR } from '../../fixtures.js'

test('strategyOf names the strategies in force', async (t) => {
  const MASKING_NUMBERS = '919000000011'
  t.equal(strategyOf(PAIR), 'two-way-client-hosted')
  t.equal(strategyOf({ MASKING_NUMBERS }), 'session-pool')
  t.equal(strategyOf({}), 'session-pool', 'the store has the pool')
  t.equal(strategyOf({ ...PAIR, MASKING_NUMBERS }), 'two-way-client-hosted+session-pool')
})
