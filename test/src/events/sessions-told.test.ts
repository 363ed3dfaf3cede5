import { type Test, test } from 'tap'
import { OWN_MS } from '../../../src/events/relay.js'
import { recordKey, SESSION_ENDS, SESSIONS_TO_TELL } from '../../../src/masking/keys.js'
import { type Storage, StoreUnavailableError } from '../../../src/masking/storage.js'
import { UNWRITTEN_MS } from '../../../src/masking/to-tell.js'
import { draft, replace, sessionIn, standing } from '../../drafts.js'
import { onEveryStorage } from '../../every-storage.js'
import { DAY, HOUR, SECOND, START } from '../../session-store-contract.js'
import { type Spy, spiedOn, storeThrough } from '../../spied-storage.js'
import { memoryStorage, rulesOver, type SessionStore, storeOver } from '../../store-under-test.js'
import { toldOver } from '../../told.js'

const MINUTE = 60 * SECOND
const NEAR_MS = 5 * MINUTE
const WHOLE_LIST = { order: 'oldest first', limit: 100 } as const

/** Sessions of which is told, over a storage. */
async function telling(
  storage: Storage,
  world = standing(),
  { isPrompt = false, nearMs = NEAR_MS }: { isPrompt?: boolean; nearMs?: number } = {},
) {
  const told = toldOver(storage, { isPrompt })
  const tells = { toTell: told.sessionsToTell, nearMs }
  const store = await storeOver(storage, { ...world.options, tells })
  return {
    ...told,
    world,
    store,
    /** Time for whatever is told by others. */
    async later(ms = OWN_MS) {
      world.time += ms
      await store.upkeep()
      world.time += OWN_MS
      await told.relay.upkeep()
    },
    types: async () => (await told.events()).map(({ type }) => type),
    waiting: async () => (await storage.entries(SESSIONS_TO_TELL, WHOLE_LIST)).length,
    ends: async () => (await storage.entries(SESSION_ENDS, WHOLE_LIST)).length,
  }
}

onEveryStorage('what happens to a session is told in its order', async (t, make) => {
  const world = standing()
  const { store, later, events, types, waiting, ends } = await telling(await make(world.options.now), world)
  const { id } = sessionIn(await store.create(draft(1, 2, { externalId: 'order-1' })))
  await store.change(id, { expiresAt: START + 40 * DAY, allowShortRest: false })
  await store.change(id, replace(3))
  await store.change(id, { call: { timeLimit: 60 }, allowShortRest: false })
  await store.close(id)
  await store.close(id)
  t.same(await types(), [], 'it waits for the relay')
  await later()
  const all = [...(await events())].sort(
    (one, other) => Number(one.data.sequence) - Number(other.data.sequence),
  )
  t.same(
    all.map(({ type, sessionId, data }) => [type, sessionId === id, data.sequence, data.changed]),
    [
      ['session.opened', true, 1, undefined],
      ['session.changed', true, 2, ['expires_at']],
      ['session.changed', true, 3, ['participants.1']],
      ['session.changed', true, 4, ['call']],
      ['session.closed', true, 5, undefined],
    ],
  )
  t.match(all.find(({ data }) => data.sequence === 2)?.data, {
    version: 1,
    session_id: id,
    external_id: 'order-1',
    expires_at: new Date(START + 40 * DAY).toISOString(),
  })
  t.equal(new Set(all.map((event) => event.id)).size, 5)
  t.equal(await waiting(), 0)

  await later(50 * DAY)
  t.equal(await ends(), 0, 'its end was told before')
})

onEveryStorage('a session that ends by itself is told, and before that it is near', async (t, make) => {
  const world = standing()
  const { store, later, types, ends } = await telling(await make(world.options.now), world)
  const { id } = sessionIn(await store.create(draft(1, 2, { expiresAt: START + HOUR })))
  await store.change(id, { expiresAt: START + 2 * HOUR, allowShortRest: false })
  await later(HOUR)
  t.same((await types()).sort(), ['session.changed', 'session.opened'], 'its first end is none any more')
  await later(HOUR - NEAR_MS)
  t.same((await types()).at(-1), 'session.expiring')
  await later(NEAR_MS)
  t.same((await types()).at(-1), 'session.expired')
  await store.close(id)
  await later(HOUR)
  t.equal((await types()).length, 4, 'it ends once')
  t.equal(await ends(), 0)
})

test('whoever closes a session that was over tells that it has expired', async (t) => {
  const world = standing()
  const { store, later, types } = await telling(memoryStorage(world.options.now), world)
  const { id } = sessionIn(await store.create(draft(1, 2, { expiresAt: START + HOUR })))
  world.time += HOUR
  await store.close(id)
  await later()
  t.same((await types()).sort(), ['session.expired', 'session.opened'])
})

test('a session that is shorter than the time before its end gets no word of it', async (t) => {
  const world = standing()
  const { store, later, types } = await telling(memoryStorage(world.options.now), world)
  await store.create(draft(1, 2, { expiresAt: START + NEAR_MS }))
  await later(NEAR_MS)
  t.same((await types()).sort(), ['session.expired', 'session.opened'])
})

test('where it is never told that an end is near, the end is', async (t) => {
  const world = standing()
  const { store, later, types, ends } = await telling(memoryStorage(world.options.now), world, { nearMs: 0 })
  await store.create(draft(1, 2, { expiresAt: START + HOUR }))
  await later(HOUR)
  t.same((await types()).sort(), ['session.expired', 'session.opened'])
  t.equal(await ends(), 0)
})

for (const [what, before, after] of [
  ['shorter', NEAR_MS / 5, NEAR_MS],
  ['longer', 2 * NEAR_MS, NEAR_MS],
] as const)
  onEveryStorage(
    `a session that was opened while SESSION_EXPIRING_BEFORE was ${what} is told of too`,
    async (t, make) => {
      const world = standing()
      const storage = await make(world.options.now)
      const { store } = await telling(storage, world, { nearMs: before })
      await store.create(draft(1, 2, { expiresAt: START + HOUR }))
      const { later, types, ends } = await telling(storage, world, { nearMs: after })
      await later(HOUR - 2 * NEAR_MS)
      t.same(await types(), ['session.opened'])
      await later(NEAR_MS)
      await later(NEAR_MS - MINUTE)
      t.same((await types()).at(-1), 'session.expiring')
      await later(NEAR_MS)
      t.same((await types()).at(-1), 'session.expired')
      t.equal((await types()).length, 3)
      t.equal(await ends(), 0)
    },
  )

test('an open session stands once in the list of ends, by its own id', async (t) => {
  const world = standing()
  const storage = memoryStorage(world.options.now)
  const { store, later } = await telling(storage, world)
  const { id } = sessionIn(await store.create(draft(1, 2, { expiresAt: START + HOUR })))
  const entries = () => storage.entries(SESSION_ENDS, WHOLE_LIST)
  t.same(await entries(), [{ id, at: START + HOUR - NEAR_MS }])
  await later(HOUR - NEAR_MS)
  t.same(await entries(), [{ id: `${id}.${START + HOUR}`, at: START + HOUR }])
})

test('a session that others may open too has an entry for each end that they ask for', async (t) => {
  for (const keys of [{ externalId: 'order-1' }, { idempotencyKey: 'key-1' }]) {
    const world = standing()
    const storage = memoryStorage(world.options.now)
    const { store } = await telling(storage, world)
    const { id } = sessionIn(await store.create(draft(1, 2, { ...keys, expiresAt: START + HOUR })))
    const at = START + HOUR - NEAR_MS
    t.same(await storage.entries(SESSION_ENDS, WHOLE_LIST), [{ id: `${id}.${at}`, at }])
  }
})

test('the end of a session that is moved all the time is looked at no more than it must be', async (t) => {
  const world = standing()
  const storage = memoryStorage(world.options.now)
  let enlisted = 0
  const spy: Spy = async (operation, run) => {
    if (operation === 'enlist session-ends') enlisted += 1
    return run()
  }
  const { store, ends } = await telling(spiedOn(storage, spy), world, { nearMs: 0 })
  const { id } = sessionIn(await store.create(draft(1, 2, { expiresAt: START + MINUTE })))
  const MOVES = 10
  for (let i = 0; i < MOVES; i += 1) {
    await store.change(id, { expiresAt: world.time + MINUTE, allowShortRest: false })
    for (let second = 0; second < 30; second += 1) {
      world.time += SECOND
      await store.upkeep()
    }
  }
  t.equal(await ends(), 2, 'what was overtaken is taken out')
  t.ok(enlisted <= 1 + 2 * MOVES, `${enlisted} entries`)
})

/** Two instances: the one writes while the other, whose clock is a little ahead, looks at what is listed. */
async function lookedAtWhileWritten(
  write: (store: SessionStore, id: string) => Promise<unknown>,
): Promise<readonly string[]> {
  const world = standing()
  const storage = memoryStorage(world.options.now)
  const { store, sessionsToTell, later, types } = await telling(storage, world)
  const { id } = sessionIn(await store.create(draft(1, 2, { expiresAt: START + DAY })))
  const tells = { toTell: sessionsToTell, nearMs: NEAR_MS }
  const ahead = new Proxy(storage, {
    get: (target, name) => (name === 'now' ? () => world.time + 100 : Reflect.get(target, name)),
  })
  const other = rulesOver(ahead, { ...world.options, tells })
  let isLooked = false
  const spy: Spy = async (operation, run) => {
    if (operation === 'swap session' && !isLooked) {
      isLooked = true
      await other.upkeep()
    }
    return run()
  }
  await write(storeThrough(storage, { ...world.options, tells }, spy), id)
  // Until the other one has gone.
  await later(MINUTE)
  for (let i = 0; i < 4; i += 1) await later(NEAR_MS)
  return types()
}

/** An end that is near within the time that a write takes. */
const NEAR_AT_ONCE = START + NEAR_MS + 50

test('the end is told of a session that is looked at while it is opened', async (t) => {
  const types = await lookedAtWhileWritten((store) => store.create(draft(3, 4, { expiresAt: NEAR_AT_ONCE })))
  t.ok(types.includes('session.expired'), types.join())
})

test('the end is told of a session that is looked at while its end is moved', async (t) => {
  const types = await lookedAtWhileWritten((store, id) =>
    store.change(id, { expiresAt: NEAR_AT_ONCE, allowShortRest: false }),
  )
  t.ok(types.includes('session.expired'), types.join())
})

onEveryStorage('what is told of a session does not change while it waits for a replica', async (t, make) => {
  const world = standing()
  const storage = spiedOn(await make(world.options.now), async (operation, run) =>
    operation.startsWith('confirm') ? false : run(),
  )
  const { store, ends } = await telling(storage, world)
  const { id } = sessionIn(await store.create(draft(1, 2, { expiresAt: START + HOUR })))
  world.time = START + HOUR - NEAR_MS
  await store.upkeep()
  t.ok(await ends())
  const [kept] = await storage.read([recordKey(id)])
  t.match(JSON.stringify(kept?.value), /"expiring"/)
})

test('whoever moves the end so near just knows', async (t) => {
  const world = standing()
  const { store, later, types } = await telling(memoryStorage(world.options.now), world)
  const { id } = sessionIn(await store.create(draft(1, 2, { expiresAt: START + 2 * NEAR_MS })))
  await later(NEAR_MS / 2)
  await store.change(id, { expiresAt: START + NEAR_MS + MINUTE, allowShortRest: false })
  for (let i = 0; i < 8; i += 1) await later(MINUTE)
  t.same((await types()).sort(), ['session.changed', 'session.expired', 'session.opened'])
})

test('a little more time, once it was told that the end is near, brings no second word of it', async (t) => {
  const world = standing()
  const { store, later, types } = await telling(memoryStorage(world.options.now), world)
  const { id } = sessionIn(await store.create(draft(1, 2, { expiresAt: START + HOUR })))
  await later(HOUR - NEAR_MS)
  world.time = START + HOUR - MINUTE
  await store.change(id, { expiresAt: START + HOUR + MINUTE, allowShortRest: false })
  for (let i = 0; i < 10; i += 1) await later(MINUTE)
  t.same((await types()).sort(), ['session.changed', 'session.expired', 'session.expiring', 'session.opened'])
})

test('a new participant does not keep it from being told that the end is near', async (t) => {
  const world = standing()
  const { store, later, types } = await telling(memoryStorage(world.options.now), world)
  const { id } = sessionIn(await store.create(draft(1, 2, { expiresAt: START + HOUR })))
  world.time = START + HOUR - NEAR_MS
  await store.change(id, replace(3))
  await later()
  t.ok((await types()).includes('session.expiring'))
})

test('a change that changes nothing is not told', async (t) => {
  const world = standing()
  const { store, later, types } = await telling(memoryStorage(world.options.now), world)
  const { id, expiresAt } = sessionIn(await store.create(draft(1, 2)))
  await store.change(id, { expiresAt, allowShortRest: false })
  await later()
  t.same(await types(), ['session.opened'])
})

test('what a process writes it tells at once', async (t) => {
  const world = standing()
  const { store, relay, types, waiting } = await telling(memoryStorage(world.options.now), world, {
    isPrompt: true,
  })
  for (const n of [1, 2, 3]) await store.create(draft(n, 10 + n))
  await relay.idle()
  t.same(await types(), Array(3).fill('session.opened'))
  t.equal(await waiting(), 0)
})

test('where nobody is told, a record says nothing of it', async (t) => {
  const world = standing()
  const storage = memoryStorage(world.options.now)
  const store = await storeOver(storage, world.options)
  await store.create(draft(1, 2))
  t.same(await storage.entries(SESSIONS_TO_TELL, WHOLE_LIST), [])
  for await (const [found] of storage.all('session')) t.notOk('n' in Object(found?.value))
})

/** Fails the nth step, and all that follow, before or after it takes effect. */
function failing(nth: number, when: 'before' | 'after') {
  const counter = { asked: 0 }
  const spy: Spy = async (_operation, run) => {
    counter.asked += 1
    if (counter.asked < nth) return run()
    if (counter.asked === nth && when === 'after') await run()
    throw new StoreUnavailableError()
  }
  return { spy, counter }
}

/** A life of a session that is cut off at each of its steps, by `act`. What is acknowledged has to be told, each with one id. */
async function cutOff(
  t: Test,
  act: (world: Awaited<ReturnType<typeof telling>>, id: string) => Promise<unknown>,
): Promise<number> {
  let steps = 0
  for (const when of ['before', 'after'] as const) {
    for (let nth = 1; ; nth += 1) {
      const world = standing()
      const storage = memoryStorage(world.options.now)
      const sound = await telling(storage, world)
      const { id } = sessionIn(await sound.store.create(draft(1, 2, { expiresAt: START + HOUR })))
      const { spy, counter } = failing(nth, when)
      const cut = spiedOn(storage, spy)
      const told = toldOver(cut, { isPrompt: true })
      const tells = { toTell: told.sessionsToTell, nearMs: NEAR_MS }
      const store = rulesOver(cut, { ...world.options, tells })
      await act({ ...sound, ...told, store }, id).catch((error) => {
        if (!(error instanceof StoreUnavailableError)) throw error
      })
      await told.relay.idle()
      if (counter.asked < nth) break
      steps = nth
      // Others go on.
      for (const _ of [1, 2]) await sound.later()
      await sound.later(UNWRITTEN_MS)
      const session = await sound.store.find(id)
      const events = (await sound.events()).filter(({ sessionId }) => sessionId === id)
      const sequences = events.map(({ data }) => data.sequence)
      const expected = ['session.opened']
      if (session?.closedAt !== undefined) expected.push('session.closed')
      else expected.push('session.expired')
      for (const type of expected)
        t.ok(
          events.some((event) => event.type === type),
          `${when} ${nth}: ${type}`,
        )
      t.equal(new Set(sequences).size, sequences.length, `${when} ${nth}: each is told once`)
      t.same(
        sequences.toSorted(),
        Array.from(sequences, (_, i) => i + 1),
        `${when} ${nth}: none is missing`,
      )
      t.equal(await sound.waiting(), 0, `${when} ${nth}: nothing waits for ever`)
      t.same(told.errors, [])
    }
  }
  return steps
}

test('a close that is cut off at any step is told if it was made', async (t) => {
  const steps = await cutOff(t, async ({ store, relay }, id) => {
    await store.close(id)
    await relay.idle()
  })
  t.ok(steps > 8, String(steps))
})

test('an end that is noticed, and cut off at any step, is told', async (t) => {
  const steps = await cutOff(t, async ({ store, relay, world }) => {
    world.time += HOUR
    await store.upkeep()
    await relay.idle()
  })
  t.ok(steps > 8, String(steps))
})

test('a word that the end is near, cut off at any step, is followed by that of the end', async (t) => {
  const steps = await cutOff(t, async ({ store, relay, world }) => {
    world.time += HOUR - NEAR_MS
    await store.upkeep()
    await relay.idle()
  })
  t.ok(steps > 8, String(steps))
})

test('a relay that is cut off at any step tells everything all the same', async (t) => {
  const steps = await cutOff(t, async ({ relay, world }) => {
    world.time += OWN_MS
    await relay.upkeep()
  })
  t.ok(steps > 8, String(steps))
})
