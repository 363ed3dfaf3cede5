import { test } from 'tap'
import { StoreUnavailableError } from '../../../../src/masking/session-store.js'
import { openSharedStore } from '../../../../src/stores/redis/shared-store.js'
import { testClock } from '../../../clocks.js'
import { STORE_KEY } from '../../../redis-store.js'

test('a shared store needs a valid URL', async (t) => {
  const nothing = () => undefined
  const options = { keys: [STORE_KEY], clock: testClock(), onChange: nothing, onRefusal: nothing } as const
  t.throws(() => openSharedStore({ ...options, url: 'redis://a,b' }), { message: 'STORE_URL is not valid' })
  const store = openSharedStore({ ...options, url: 'redis://127.0.0.1:1' })
  t.match(store, { kind: 'standalone', link: { isUp: false } })
  await t.rejects(
    store.lane.write('key', async () => t.fail('written')),
    StoreUnavailableError,
  )
  store.close()
})
