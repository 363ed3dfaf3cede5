import { test } from 'tap'
import { ALL_SESSIONS, namesakesOf } from '../../../src/masking/keys.js'
import { LIST_SCAN } from '../../../src/masking/session-lists.js'
import { UPKEEP_STEP } from '../../../src/stores/memory-texts.js'
import { DAY, POOL, person, SECOND, START, sessionStoreContract } from '../../session-store-contract.js'
import { memoryStorage, storeOver } from '../../store-under-test.js'

test('sessions in memory keep the contract of a session store', async (t) => {
  sessionStoreContract(t, (options) => storeOver(memoryStorage(options.now), options))
})

test('upkeep frees the memory of forgotten sessions, a bounded number at a time', async (t) => {
  let time = START
  const storage = memoryStorage(() => time)
  const store = await storeOver(storage, { now: () => time, pool: POOL, restMs: DAY, fixed: [] })
  const kept = async (kind: string) => {
    let count = 0
    for await (const found of storage.all(kind)) count += found.length
    return count
  }
  const open = (n: number, seconds: number) =>
    store.create({
      participants: [person(2 * n), person(2 * n + 1)],
      createdAt: time,
      expiresAt: time + seconds * SECOND,
      externalId: `order-${n}`,
      idempotencyKey: `key-${n}`,
      fingerprint: '',
      allowShortRest: false,
    })
  const count = UPKEEP_STEP + 10
  for (let n = 0; n < count; n++) await open(n, n % 2 === 0 ? 60 : 60 * 60 * 24 * 30)
  for (let round = 1; round <= 2; round++) await store.upkeep()
  for (const kind of ['session', 'name', 'request']) t.equal(await kept(kind), count, 'what is remembered')
  t.equal(await kept('book'), 2 * count)
  const { sessions } = await store.list({ limit: 1 })
  await store.change(String(sessions[0]?.id), {
    replace: { side: 0, number: '919800999999' },
    allowShortRest: false,
  })

  time += 8 * DAY
  await store.upkeep()
  t.equal(await kept('session'), count - UPKEEP_STEP / 2, 'the first round looks at so many')
  await store.upkeep()
  for (const kind of ['session', 'name', 'request']) t.equal(await kept(kind), count / 2, `${kind}: the rest`)
  for (let round = 1; round <= 2; round++) await store.upkeep()
  t.equal(await kept('book'), count, 'who was replaced is forgotten too')
  t.same(await storage.entries(namesakesOf('order-0'), { order: 'newest first', limit: 9 }), [])
  t.equal(
    (await store.usage()).numbers.reduce((sum, { openLegs }) => sum + openLegs, 0),
    count,
  )
  time += 40 * DAY
  for (let round = 1; round <= 6; round++) await store.upkeep()
  for (const kind of ['session', 'book', 'name', 'request']) t.equal(await kept(kind), 0, kind)
  t.same(await storage.entries(ALL_SESSIONS, { order: 'newest first', limit: 9 }), [])
  t.equal((await store.usage()).headRoom, 3)
  t.match(await open(0, 60), { kind: 'created' }, 'the keys of a forgotten session are free again')
})

test('a list looks at a bounded number of sessions per page', async (t) => {
  const store = await storeOver(
    memoryStorage(() => START),
    { now: () => START, pool: POOL, restMs: DAY, fixed: [] },
  )
  const draft = { createdAt: START, expiresAt: START + SECOND, fingerprint: '', allowShortRest: false }
  for (let n = 0; n < LIST_SCAN + 1; n++) {
    await store.create({ ...draft, participants: [person(2 * n), person(2 * n + 1)] })
  }
  const first = await store.list({ status: 'closed', limit: 9 })
  t.match(first, { sessions: { length: 0 }, next: String }, 'nothing found yet, but there is more to look at')
  t.same(await store.list({ status: 'closed', limit: 9, cursor: first.next }), { sessions: [] })
  t.same(
    (await store.usage()).numbers.reduce((sum, { openLegs }) => sum + openLegs, 0),
    2 * (LIST_SCAN + 1),
  )
})
