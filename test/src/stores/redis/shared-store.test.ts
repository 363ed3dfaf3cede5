import { test } from 'tap'
import { StoreUnavailableError } from '../../../../src/masking/storage.js'
import { openSharedStore } from '../../../../src/stores/redis/shared-store.js'
import { testClock } from '../../../clocks.js'
import { PREFIX, STORE_KEY } from '../../../redis-store.js'

test('a shared store needs a valid URL', async (t) => {
  const nothing = () => undefined
  const options = {
    keys: [STORE_KEY],
    prefix: PREFIX,
    clock: testClock(),
    onChange: nothing,
    onRefusal: nothing,
  } as const
  t.throws(() => openSharedStore({ ...options, url: 'redis://a,b' }), { message: 'STORE_URL is not valid' })
  const store = openSharedStore({ ...options, url: 'redis://127.0.0.1:1' })
  t.match(store, { kind: 'standalone', isUp: false, link: { isUp: false } })
  for (const storage of [store.forCalls, store.storage]) {
    await t.rejects(async () => storage.read([{ kind: 'any', id: 'one' }]), StoreUnavailableError)
    await t.rejects(
      storage.swap({ key: { kind: 'any', id: 'one' }, was: undefined, value: 1, until: 1 }),
      StoreUnavailableError,
    )
  }
  await t.rejects(store.beat(), StoreUnavailableError)
  store.close()
})
