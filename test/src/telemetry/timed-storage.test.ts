import { test } from 'tap'
import { StoreUnavailableError } from '../../../src/masking/storage.js'
import { createMemoryTexts } from '../../../src/stores/memory-texts.js'
import { createStorage, plainScript } from '../../../src/stores/storage.js'
import { createMeter } from '../../../src/telemetry/meter.js'
import { timedStorage } from '../../../src/telemetry/timed-storage.js'
import { valuesOf } from '../../meters.js'

const key = { kind: 'session', id: 's_1' }
const list = { kind: 'list', id: 'all' }

/** A storage whose every operation takes three milliseconds. */
function world() {
  const meter = createMeter()
  let time = 0
  const elapsed = () => {
    time += 3
    return time
  }
  const inner = createStorage(
    createMemoryTexts(() => 0),
    plainScript,
  )
  const counts = () => {
    const values = valuesOf(meter.families(), 'callmask_store_operation_duration_seconds')
    return Object.fromEntries(Object.entries(values).filter(([name]) => name.startsWith('_count')))
  }
  return { inner, meter, counts, storage: timedStorage(inner, meter, elapsed) }
}

test('operations do what they do, and are timed', async (t) => {
  const { storage, meter, counts } = world()
  const change = { key, was: undefined, value: 1, until: Number.POSITIVE_INFINITY }
  t.equal(await storage.swap(change), true)
  t.equal(await storage.swap(change), false)
  t.match(storage.read([key]), [{ value: 1 }], 'what is there at once comes at once')
  await storage.enlist(list, { id: 'a', at: 1 }, 10)
  t.same(await storage.entries(list, { order: 'oldest first', limit: 5 }), [{ id: 'a', at: 1 }])
  await storage.delist(list, [{ id: 'a', at: 1 }])
  t.equal(await storage.confirm([key]), true)
  t.equal(await storage.nameOf(key), 's_1')
  t.equal(storage.now(), 0)
  t.same(counts(), {
    '_count swap': 2,
    '_count read': 1,
    '_count enlist': 1,
    '_count entries': 1,
    '_count delist': 1,
    '_count confirm': 1,
  })
  const families = meter.families()
  t.equal(valuesOf(families, 'callmask_store_operation_duration_seconds')['_sum read'], 0.003)
  t.same(valuesOf(families, 'callmask_store_conflicts_total'), { '': 1 })
  t.same(valuesOf(families, 'callmask_store_unconfirmed_total'), {})
})

test('what fails is counted, and not timed', async (t) => {
  const { inner, storage, meter, counts } = world()
  const fail = () => Promise.reject(new StoreUnavailableError())
  Object.assign(inner, { read: fail, swap: fail, confirm: fail })
  const failing = timedStorage(inner, meter, () => 0)
  await t.rejects(async () => failing.read([key]), StoreUnavailableError)
  await t.rejects(failing.swap({ key, was: undefined, value: 1, until: 1 }), StoreUnavailableError)
  await t.rejects(failing.confirm([key]), StoreUnavailableError)
  t.same(counts(), {})
  const atOnce = timedStorage(
    {
      ...inner,
      read: () => {
        throw new StoreUnavailableError()
      },
    },
    meter,
    () => 0,
  )
  t.throws(() => atOnce.read([key]), StoreUnavailableError)
  t.same(valuesOf(meter.families(), 'callmask_store_failures_total'), { read: 2, swap: 1, confirm: 1 })
  t.ok(storage)
})

test('what no replica has is counted', async (t) => {
  const { inner, meter } = world()
  const storage = timedStorage({ ...inner, read: async () => [], confirm: async () => false }, meter, () => 0)
  t.equal(await storage.confirm([key]), false)
  t.same(await storage.read([key]), [])
  t.same(valuesOf(meter.families(), 'callmask_store_unconfirmed_total'), { '': 1 })
  t.equal(valuesOf(meter.families(), 'callmask_store_operation_duration_seconds')['_count read'], 1)
})
