import { test } from 'tap'
import { modelContract, serviceOn } from '../../model-contract.js'

test('the service agrees with the oracle in random histories', (t) =>
  modelContract(t, { histories: 12, start: (clock) => serviceOn({}, clock) }))
