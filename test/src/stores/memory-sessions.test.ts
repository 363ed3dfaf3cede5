import { test } from 'tap'
import { LIST_SCAN } from '../../../src/masking/sessions.js'
import { UPKEEP_STEP } from '../../../src/stores/memory-texts.js'
import { DAY, POOL, person, SECOND, START, sessionStoreContract } from '../../session-store-contract.js'
import { memoryStorage, storeOver } from '../../store-under-test.js'

test('sessions in memory keep the contract of a session store', async (t) => {
  sessionStoreContract(t, (_t, options) => storeOver(memoryStorage(options.now), options))
})

test('upkeep frees the memory of forgotten sessions, a bounded number at a time', async (t) => {
  let time = START
  const store = await storeOver(
    memoryStorage(() => time),
    { now: () => time, pool: POOL, restMs: DAY, fixed: [] },
  )
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
  t.equal((await store.upkeep()) + (await store.upkeep()), 0, 'remembered sessions are kept')
  const { sessions } = await store.list({ limit: 1 })
  await store.change(String(sessions[0]?.id), {
    replace: { side: 0, number: '919800999999' },
    allowShortRest: false,
  })

  time += 8 * DAY
  const rounds = [await store.upkeep(), await store.upkeep()]
  t.equal(Number(rounds[0]) + Number(rounds[1]), count / 2, 'two rounds forget all ended sessions')
  t.ok(
    Number(rounds[0]) > 10 && Number(rounds[1]) <= 10,
    'the second round takes only what the first one left',
  )
  t.equal(
    (await store.usage()).numbers.reduce((sum, { openLegs }) => sum + openLegs, 0),
    count,
  )
  time += 40 * DAY
  t.equal((await store.upkeep()) + (await store.upkeep()), count / 2)
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
