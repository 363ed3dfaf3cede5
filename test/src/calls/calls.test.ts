import { randomUUID } from 'node:crypto'
import { test } from 'tap'
import type { CallFacts } from '../../../src/calls/call-facts.js'
import { CALL_SCAN, callKey, createCalls, ONGOING, ONGOING_MS, ROOM_STEP } from '../../../src/calls/calls.js'
import { CALL_KIND } from '../../../src/masking/keys.js'
import { type Storage, StoreUnavailableError, type Unreadable } from '../../../src/masking/storage.js'
import type { StorageMaker } from '../../erasure-contract.js'
import { onEveryStorage } from '../../every-storage.js'
import { STORE_KEY } from '../../redis-store.js'
import { openTexts, sealedOver } from '../../sealed-store.js'
import { DAY, SECOND, START } from '../../session-store-contract.js'
import { spiedOn } from '../../spied-storage.js'
import { memoryStorage } from '../../store-under-test.js'

const BUSY: CallFacts = { dialled: 'busy' }
const TALKED: CallFacts = { dialled: 'talked' }

function begun(at: number, more: Partial<NonNullable<CallFacts['begun']>> = {}): CallFacts {
  return { begun: { at, ...more } }
}

async function open(makeStorage: StorageMaker) {
  const world = { time: START }
  const storage = await makeStorage(() => world.time)
  return Object.assign(world, { storage, calls: callsOver(storage) })
}

function callsOver(storage: Storage, onUnreadable: (reason: Unreadable) => void = () => undefined) {
  return createCalls({ storage, retentionMs: 90 * DAY, onUnreadable })
}

onEveryStorage('records of calls', async (t, makeStorage) => {
  t.test('facts are added to a call that began, and to no other', async (t) => {
    const { calls } = await open(makeStorage)
    const id = randomUUID()
    t.same(await calls.note(id, BUSY), { kind: 'unknown' }, 'nothing tells that it began')
    t.equal(await calls.find(id), undefined)
    t.same(await calls.note(id, begun(START, { sessionId: 's_1', side: 1 })), { kind: 'noted' })
    t.same(await calls.note(id, begun(START)), { kind: 'noted' })
    const facts = { ...BUSY, begun: { at: START, sessionId: 's_1', side: 1 } }
    t.same(await calls.note(id, BUSY), { kind: 'noted', ended: facts }, 'its end')
    t.same(await calls.note(id, BUSY), { kind: 'noted' }, 'is told once')
    t.same(await calls.note(id, { pinUsed: true }), { kind: 'noted' }, 'also when more becomes known')
    t.same(await calls.find(id), { ...facts, pinUsed: true })
    t.equal(await calls.find(randomUUID()), undefined)
  })

  t.test('where only so many are remembered, the oldest make room', async (t) => {
    const world = await open(makeStorage)
    const { storage } = world
    const maxCalls = ROOM_STEP + 2
    let swaps = 0
    const contended = spiedOn(storage, async (operation, run) => {
      if (operation !== 'swap call') return run()
      swaps += 1
      return swaps % 3 === 0 ? false : run()
    })
    const calls = createCalls({
      storage: contended,
      retentionMs: DAY,
      maxCalls,
      onUnreadable: () => undefined,
    })
    const ids = Array.from({ length: maxCalls + 1 }, () => randomUUID())
    for (const [i, id] of ids.entries()) {
      const sessionId = i % 2 === 0 ? 's_1' : undefined
      await calls.note(id, begun(START + i, { ...(sessionId && { sessionId }) }))
      await calls.note(id, BUSY)
      if (i + 1 === maxCalls) t.ok(await calls.find(ids[0] as string), 'there is room for so many')
    }
    const kept = ids.slice(ROOM_STEP)
    const idsIn = async (query: object) =>
      (await calls.list({ ...query, limit: maxCalls })).calls.map(({ id }) => id).reverse()
    t.same(await idsIn({}), kept)
    t.same(
      await idsIn({ sessionId: 's_1' }),
      kept.filter((_, i) => (ROOM_STEP + i) % 2 === 0),
    )
    t.equal(await calls.find(ids[ROOM_STEP - 1] as string), undefined)
    t.same(await calls.note(ids[0] as string, TALKED), { kind: 'unknown' })
    const listed = await storage.entries({ kind: 'calls', id: 'all' }, { order: 'oldest first', limit: 500 })
    t.same(
      listed.map(({ id }) => id),
      kept,
    )

    world.time += 2 * DAY
    await storage.upkeep()
    const later = Array.from({ length: ROOM_STEP }, () => randomUUID())
    for (const [i, id] of later.entries()) await calls.note(id, begun(world.time + i))
    const left = later.slice(ROOM_STEP - kept.length)
    t.same(await idsIn({}), left, 'those of which nothing is kept any more go first')
  })

  t.test('what many note at once is all noted, and its end is told once', async (t) => {
    const { calls } = await open(makeStorage)
    const id = randomUUID()
    const legs = Array.from({ length: 4 }, () => randomUUID()).sort()
    const noted = await Promise.all([
      ...legs.map((leg) => calls.note(id, { ...begun(START), legs: { [leg]: { answered: true } } })),
      ...[BUSY, BUSY, TALKED].map((end) => calls.note(id, { ...begun(START), ...end })),
    ])
    t.equal(noted.filter(({ ended }) => ended).length, 1)
    const facts = await calls.find(id)
    t.same(Object.keys(facts?.legs ?? {}).sort(), legs)
    t.equal(facts?.dialled, 'talked')
  })

  t.test('calls are listed, the newest first, by session, time and outcome', async (t) => {
    const { calls } = await open(makeStorage)
    const ids: string[] = Array.from({ length: 7 }, () => randomUUID())
    for (const [i, id] of ids.entries()) {
      const sessionId = i % 2 === 0 ? 's_even' : 's_odd'
      await calls.note(id, { ...begun(START + i * SECOND, { sessionId }), ...(i > 3 ? BUSY : TALKED) })
    }
    const pair = randomUUID()
    await calls.note(pair, begun(START + 7 * SECOND))
    const listed = async (query: Partial<Parameters<typeof calls.list>[0]>) => {
      const { calls: found, next } = await calls.list({ limit: 50, ...query })
      t.equal(next, undefined)
      return found.map(({ id }) => (id === pair ? 'pair' : ids.indexOf(id)))
    }
    t.same(await listed({}), ['pair', 6, 5, 4, 3, 2, 1, 0])
    t.same(await listed({ sessionId: 's_even' }), [6, 4, 2, 0])
    t.same(await listed({ sessionId: 's_none' }), [])
    t.same(await listed({ from: START + 2 * SECOND }), ['pair', 6, 5, 4, 3, 2])
    t.same(await listed({ to: START + 2 * SECOND }), [1, 0], 'the end is not within')
    t.same(await listed({ from: START + 2 * SECOND, to: START + 5 * SECOND, sessionId: 's_odd' }), [3])
    t.same(await listed({ outcome: 'busy' }), [6, 5, 4])
    t.same(await listed({ outcome: 'talked', sessionId: 's_odd' }), [3, 1])
    t.same(await listed({ outcome: 'failed' }), [])

    for (const limit of [1, 2, 3, 8]) {
      const walked: unknown[] = []
      let cursor: string | undefined
      do {
        const page = await calls.list({ limit, cursor })
        t.ok(page.calls.length <= limit)
        walked.push(...page.calls.map(({ id }) => (id === pair ? 'pair' : ids.indexOf(id))))
        cursor = page.next
      } while (cursor !== undefined)
      t.same(walked, ['pair', 6, 5, 4, 3, 2, 1, 0], `${limit} at a time`)
    }
  })

  t.test('calls in progress are found without a look at the others', async (t) => {
    const world = await open(makeStorage)
    const { storage } = world
    const looked: string[] = []
    const calls = callsOver(
      spiedOn(storage, async (operation, run) => {
        const result = await run()
        if (operation === 'read call') looked.push(...(result as unknown[]).map(String))
        return result
      }),
    )
    const [live, done, refused, left] = Array.from({ length: 4 }, () => randomUUID()) as [
      string,
      string,
      string,
      string,
    ]
    await calls.note(live, begun(START, { sessionId: 's_1' }))
    await calls.note(done, begun(START + 1))
    await calls.note(done, BUSY)
    await calls.note(refused, begun(START + 2, { refused: 'unknown-caller' }))
    await calls.note(left, begun(START + 3))
    const failing = spiedOn(storage, async (operation, run) => {
      if (operation === 'delist calls') throw new StoreUnavailableError()
      return run()
    })
    t.match(await callsOver(failing).note(left, BUSY), { ended: BUSY }, 'an end is told all the same')
    const listed = async (state: 'in_progress' | 'ended') =>
      (await calls.list({ state, limit: 9 })).calls.map(({ id }) => id)
    looked.length = 0
    t.same(await listed('in_progress'), [live])
    t.equal(looked.length, 2, 'the one, and what was left in the list')
    t.same(await listed('ended'), [left, refused, done])

    const ongoing = async () => (await storage.entries(ONGOING, { order: 'oldest first', limit: 9 })).length
    world.time += ONGOING_MS - 1
    await calls.sweep()
    t.equal(await ongoing(), 2)
    world.time += 4
    await calls.sweep()
    t.equal(await ongoing(), 0, 'whose end nobody told')
    t.same(await listed('in_progress'), [])
    t.same((await calls.list({ state: 'in_progress', sessionId: 's_1', limit: 9 })).calls, [])
  })

  t.test('a call that was answered twice is listed once, at the first time', async (t) => {
    const { storage, calls } = await open(makeStorage)
    const later = begun(START + SECOND, { sessionId: 's_1' })
    const earlier = begun(START, { sessionId: 's_1', side: 0 })
    const list = async (query = {}) => (await calls.list({ limit: 9, ...query })).calls
    const one = randomUUID()
    await calls.note(one, later)
    await calls.note(one, earlier)
    t.same(await list(), [{ id: one, facts: earlier }])

    // Of two instances, the one with the later time puts its own into the list last.
    const two = randomUUID()
    const slow = callsOver(
      spiedOn(storage, async (operation, run) => {
        if (operation === 'enlist calls') await calls.note(two, earlier)
        return run()
      }),
    )
    await slow.note(two, later)
    const both = [one, two].sort().reverse()
    for (const query of [{}, { sessionId: 's_1' }, { to: START + SECOND }])
      t.same(
        (await list(query)).map(({ id }) => id),
        both,
      )
    t.equal(await calls.forget('s_1'), 2)
    t.same(await list(), [])
  })

  t.test('the calls of a session are forgotten for good', async (t) => {
    const { storage, calls } = await open(makeStorage)
    const ids = Array.from({ length: 203 }, () => randomUUID())
    for (const [i, id] of ids.entries()) await calls.note(id, begun(START + i, { sessionId: 's_1' }))
    const other = randomUUID()
    await calls.note(other, begun(START, { sessionId: 's_2' }))
    const counts = await Promise.all([calls.forget('s_1'), calls.forget('s_1')])
    t.equal(counts[0] + counts[1], ids.length, 'each is counted once')
    t.equal(await calls.forget('s_1'), 0)
    const [first = ''] = ids
    t.equal(await calls.find(first), undefined)
    t.same(
      (await calls.list({ limit: 9 })).calls.map(({ id }) => id),
      [other],
    )
    t.same((await calls.list({ limit: 9, sessionId: 's_1' })).calls, [])
    const late = { ...begun(START, { sessionId: 's_1' }), ...TALKED }
    t.same(await calls.note(first, late), { kind: 'noted' }, 'an event of a forgotten call is done with')
    t.equal(await calls.find(first), undefined, 'and does not bring it back')
    t.same((await calls.list({ limit: 9, sessionId: 's_1' })).calls, [])

    const racing = randomUUID()
    const busy = callsOver(
      spiedOn(storage, async (operation, run) => {
        if (operation === 'swap call') await calls.forget('s_3')
        return run()
      }),
    )
    t.same(await busy.note(racing, begun(START, { sessionId: 's_3' })), { kind: 'noted' })
    t.equal(await calls.find(racing), undefined, 'one that was just being written does not come back either')
    const unseen = randomUUID()
    t.same(await calls.note(unseen, begun(START, { sessionId: 's_1' })), { kind: 'noted' })
    t.equal(await calls.find(unseen), undefined, 'nor one that begins to be told of only now')
    const unknown = randomUUID()
    await calls.note(unknown, begun(START))
    t.ok(await calls.find(unknown))
    await calls.note(unknown, { pinOf: { sessionId: 's_1', side: 0 } })
    t.equal(await calls.find(unknown), undefined, 'nor one whose session only a PIN tells')
    t.same(
      (await calls.list({ limit: 9 })).calls.map(({ id }) => id),
      [other],
    )
  })

  t.test('what is past its time leaves the list', async (t) => {
    const world = await open(makeStorage)
    const { calls } = world
    const [old, young] = [randomUUID(), randomUUID()]
    await calls.note(old, begun(START))
    await calls.note(young, begun(START + SECOND))
    const listed = async () => (await calls.list({ limit: 9 })).calls.map(({ id }) => id)
    world.time = START + 90 * DAY - 1
    await calls.sweep()
    t.same(await listed(), [young, old])
    world.time += 1
    await calls.sweep()
    t.same(await listed(), [young])
  })
})

test('a page looks at a bounded number of calls', async (t) => {
  const calls = callsOver(memoryStorage(() => START))
  for (let i = 0; i <= CALL_SCAN; i += 1) await calls.note(randomUUID(), { ...begun(START + i), ...BUSY })
  const last = randomUUID()
  await calls.note(last, { ...begun(START - 1), ...TALKED })
  const first = await calls.list({ limit: 9, outcome: 'talked' })
  t.match(first, { calls: { length: 0 }, next: String })
  const { calls: found, next } = await calls.list({ limit: 9, outcome: 'talked', cursor: first.next })
  t.match(found, [{ id: last }])
  t.equal(next, undefined)
})

test('a record that cannot be read hides no other, and is not written over', async (t) => {
  const texts = openTexts(() => START)
  const told: Unreadable[] = []
  const calls = callsOver(sealedOver(texts, STORE_KEY).storage, (reason) => void told.push(reason))
  const [bad, good] = [randomUUID(), randomUUID()]
  for (const id of [bad, good]) await calls.note(id, begun(START, { sessionId: 's_1' }))
  await texts.put(CALL_KIND, bad, 'nothing')
  t.equal(await calls.find(bad), undefined)
  t.same(
    (await calls.list({ limit: 9 })).calls.map(({ id }) => id),
    [good],
  )
  t.same(told, ['unknown-key', 'unknown-key'])
  t.same(await calls.note(bad, { ...begun(START), ...BUSY }), { kind: 'unknown' })
  t.equal(await texts.textOf(CALL_KIND, bad), 'nothing')
  t.equal(await calls.forget('s_1'), 2, 'but it is forgotten with its session')
  t.not(await texts.textOf(CALL_KIND, bad), 'nothing')
})

test('a note that others always overtake gives up as if the store had failed', async (t) => {
  const storage = memoryStorage(() => START)
  const busy = callsOver(spiedOn(storage, async (operation, run) => operation !== 'swap call' && run()))
  await t.rejects(busy.note(randomUUID(), begun(START)), StoreUnavailableError)
})

test('a crash between the list and the record leaves an entry that is passed over', async (t) => {
  const storage = memoryStorage(() => START)
  const dying = callsOver(
    spiedOn(storage, async (operation, run) => {
      if (operation === 'swap call') throw new Error('crash')
      return run()
    }),
  )
  const id = randomUUID()
  await t.rejects(dying.note(id, begun(START, { sessionId: 's_1' })), /crash/)
  const calls = callsOver(storage)
  t.same(await calls.list({ limit: 9 }), { calls: [] })
  t.same(await storage.read([callKey(id)]), [undefined])
  t.equal(await calls.forget('s_1'), 0)
  t.same(await calls.list({ limit: 9, sessionId: 's_1' }), { calls: [] })
})
