import { test } from 'tap'
import { bookKey, recordKey } from '../../../src/masking/keys.js'
import { createRetention } from '../../../src/masking/retention.js'
import { StoreUnavailableError } from '../../../src/masking/storage.js'
import { draft, replace, sessionIn, standing } from '../../drafts.js'
import { STORE_KEY } from '../../redis-store.js'
import { openTexts, sealedOver } from '../../sealed-store.js'
import { DAY, HOUR, person, START, whole } from '../../session-store-contract.js'
import { memoryStorage, storeOver } from '../../store-under-test.js'

const RETENTION = { restMs: HOUR, retentionMs: 2 * DAY }

async function filled(makeStorage = memoryStorage) {
  const world = standing()
  const storage = makeStorage(world.options.now)
  const store = await storeOver(storage, { ...world.options, ...RETENTION })
  const retention = createRetention({ storage, ...RETENTION })
  // Person 2 leaves a session that goes on, and had one that has ended beside another that goes on.
  const left = sessionIn(await store.create(draft(1, 2)))
  await store.change(left.id, replace(3))
  const ended = sessionIn(await store.create(draft(4, 5)))
  await store.close(ended.id)
  await store.create(draft(5, 6))
  const sweepAll = async () => {
    for (let i = 0; i < 5; i += 1) await retention.sweep()
  }
  const valueAt = async (key: ReturnType<typeof bookKey>) =>
    JSON.stringify((await storage.read([key]))[0]?.value)
  const kept = async () => [
    (await valueAt(recordKey(left.id))).includes(whole(person(2))),
    (await valueAt(bookKey(whole(person(5))))).includes(whole(person(4))),
  ]
  return { world, storage, store, retention, left, sweepAll, kept }
}

test('who left a session, and whom somebody reached, is forgotten when their time is up', async (t) => {
  const { world, store, left, sweepAll, kept } = await filled()
  world.time += 2 * DAY - 1
  await sweepAll()
  t.same(await kept(), [true, true])
  world.time += 1
  await sweepAll()
  t.same(await kept(), [false, false])
  const [{ number, maskingNumber }, other] = left.participants
  t.match(await store.findLeg([number], maskingNumber), {
    kind: 'open',
    leg: { destination: `+${whole(person(3))}` },
  })
  t.match(await store.findLeg([whole(person(3))], other.maskingNumber), { kind: 'open' })
  world.time = START + 30 * DAY - 1
  await store.upkeep()
  t.match(await store.find(left.id), { id: left.id }, 'the session is kept for as long as before')
})

test('a book of which nothing is left is no more', async (t) => {
  const { world, storage, sweepAll } = await filled()
  const book = async () => (await storage.read([bookKey(whole(person(2)))]))[0]
  t.ok(await book())
  world.time += 2 * DAY
  await sweepAll()
  t.equal(await book(), undefined)
})

test('a sweep that failed begins again', async (t) => {
  const { world, storage, retention, sweepAll, kept } = await filled()
  world.time += 2 * DAY
  const { swap } = storage
  storage.swap = () => Promise.reject(new StoreUnavailableError())
  await t.rejects(retention.sweep(), StoreUnavailableError)
  storage.swap = swap
  await sweepAll()
  t.same(await kept(), [false, false])
})

test('what cannot be read is left as it is, and keeps nothing else', async (t) => {
  const texts = openTexts(() => START)
  const { world, sweepAll, kept } = await filled((now) => sealedOver({ ...texts, now }, STORE_KEY).storage)
  for (const kind of ['session', 'book']) await texts.put(kind, 'bad', 'nothing')
  world.time += 2 * DAY
  await sweepAll()
  t.same(await kept(), [false, false])
  for (const kind of ['session', 'book']) t.equal(await texts.textOf(kind, 'bad'), 'nothing')
})
