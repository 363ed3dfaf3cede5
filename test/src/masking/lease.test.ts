import { test } from 'tap'
import { createLease } from '../../../src/masking/lease.js'
import { memoryStorage } from '../../store-under-test.js'

test('one holds a lease, keeps it by taking it again, and loses it otherwise', async (t) => {
  let time = 0
  const storage = memoryStorage(() => time)
  const key = { kind: 'pool', id: 'a lease' }
  const [first, second] = [createLease(storage, key, 100), createLease(storage, key, 100)]
  t.same(await Promise.all([first.take(), second.take()]), [true, false])
  time = 99
  t.equal(await second.take(), false)
  t.equal(await first.take(), true)
  time = 198
  t.equal(await second.take(), false)
  time = 199
  t.equal(await second.take(), true)
  t.equal(await first.take(), false)
  await first.release()
  t.equal(await first.take(), false, 'who has lost it cannot release it')
  await second.release()
  await second.release()
  t.equal(await first.take(), true)
})
