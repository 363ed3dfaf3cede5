import { test } from 'tap'
import { modelContract, serviceOn } from '../../model-contract.js'

test('the service agrees with the oracle in random histories', (t) =>
  modelContract(t, { histories: 12, start: (clock) => serviceOn({}, clock) }))

test('so it does where sessions have PINs', (t) =>
  modelContract(t, {
    histories: 4,
    start: (clock) => serviceOn({ PIN_LENGTH: '4', PUBLIC_BASE_URL: 'https://mask.example.com' }, clock),
  }))
