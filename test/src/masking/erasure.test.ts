import { test } from 'tap'
import { createErasure, type Receipt } from '../../../src/masking/erasure.js'
import { sessionsOf } from '../../../src/masking/people.js'
import { StoreUnavailableError, type Unreadable } from '../../../src/masking/storage.js'
import { draft, sessionIn, standing } from '../../drafts.js'
import { atEachStep, erasureContract, interrupted, tracesFor } from '../../erasure-contract.js'
import { STORE_KEY } from '../../redis-store.js'
import { openTexts, sealedOver } from '../../sealed-store.js'
import { person, whole } from '../../session-store-contract.js'
import { spiedOn } from '../../spied-storage.js'
import { memoryStorage, rulesOver, storeOver } from '../../store-under-test.js'

const FIRST = whole(person(1))

test('in memory, people are found and erased', async (t) => {
  erasureContract(t, async (now) => memoryStorage(now), 25)
})

/** A sealed store, into which a test may write what cannot be read. */
async function sealed() {
  const world = standing()
  const texts = openTexts(world.options.now)
  const { storage } = sealedOver(texts, STORE_KEY)
  const store = await storeOver(storage, world.options)
  const told: Unreadable[] = []
  const onUnreadable = (reason: Unreadable) => void told.push(reason)
  const options = { storage, sessions: store, fixed: [], restMs: world.options.restMs, onUnreadable }
  const spoil = (kind: string, id: string) => texts.put(kind, id, 'nothing')
  return { texts, storage, store, told, options, erasure: createErasure(options), spoil }
}

test('an open session of the person that cannot be read is closed', async (t) => {
  const { store, told, options, spoil } = await sealed()
  const erasure = createErasure({ ...options, forgetCalls: async () => 3 })
  const { id, participants } = sessionIn(await store.create(draft(1, 2)))
  await spoil('session', id)
  const { removed, unreadable } = await erasure.erase(FIRST)
  t.match(removed, { sessions: 1, closed: 0, calls: 3, books: 1, mentions: 1 })
  t.equal(unreadable, 0, 'nothing of it is left')
  t.same(told, [])
  for (const { number, maskingNumber } of participants)
    t.not((await store.findLeg([number], maskingNumber))?.kind, 'open')
  t.equal(await store.find(id), undefined)
})

test('the calls of the person’s sessions are forgotten, until that is done', async (t) => {
  const { store, options } = await sealed()
  const over = sessionIn(await store.create(draft(1, 2)))
  await store.close(over.id)
  const open = sessionIn(await store.create(draft(1, 3)))
  const other = sessionIn(await store.create(draft(8, 9)))
  const left = sessionIn(await store.create(draft(1, 5)))
  await store.change(left.id, { replace: { side: 0, number: whole(person(6)) }, allowShortRest: true })

  const asked: string[] = []
  const failing = createErasure({
    ...options,
    forgetCalls: () => Promise.reject(new StoreUnavailableError()),
  })
  await t.rejects(failing.erase(FIRST), StoreUnavailableError)
  const erasure = createErasure({
    ...options,
    async forgetCalls(id) {
      asked.push(id)
      return 2
    },
  })
  const { removed } = await erasure.erase(FIRST)
  t.ok(asked.includes(over.id) && asked.includes(open.id), 'what failed is found again')
  t.notOk(asked.includes(other.id) || asked.includes(left.id), 'and none of others')
  t.equal(removed.calls, 2 * asked.length)
})

test('what cannot be read of others, or of what is over, is left and counted', async (t) => {
  const { texts, storage, store, told, options, spoil } = await sealed()
  const over = sessionIn(await store.create(draft(1, 2)))
  await store.close(over.id)
  const before = await texts.idsOf('book')
  const other = sessionIn(await store.create(draft(8, 9)))
  const [book = ''] = (await texts.idsOf('book')).filter((id) => !before.includes(id))
  // The book of the person says since then that the first one is over.
  const open = sessionIn(await store.create(draft(1, 3)))
  for (const { id } of [over, other]) await spoil('session', id)
  await spoil('book', book)

  const { unreadable, removed } = await createErasure(options).erase(FIRST)
  t.match(removed, { sessions: 1, closed: 1, books: 1 })
  t.equal(unreadable, 3)
  t.same(told, ['unknown-key', 'unknown-key', 'unknown-key'])
  t.equal(await store.find(open.id), undefined, 'they keep nothing else from being erased')
  t.equal(await texts.textOf('session', other.id), 'nothing')
  t.same((await sessionsOf(FIRST, 9, { storage, restMs: 0 })).sessions, [])

  const { onUnreadable: _told, ...quiet } = options
  t.match(await createErasure(quiet).erase(FIRST), { unreadable: 3 }, 'also where nobody is told')
})

test('an erasure that others always overtake gives up as if the store had failed', async (t) => {
  const world = standing()
  const storage = memoryStorage(world.options.now)
  await (await storeOver(storage, world.options)).create(draft(1, 2))
  const busy = spiedOn(storage, async (operation, run) => operation !== 'swap book' && run())
  const sessions = rulesOver(busy, world.options)
  const erasure = createErasure({ storage: busy, sessions, fixed: [], restMs: 0 })
  await t.rejects(erasure.erase(FIRST), StoreUnavailableError)
})

test('people who had to do with each other may be erased at once', async (t) => {
  // Who is erased beside person 1, and how many sessions the two have had, and have left, together.
  for (const [other, ofBoth, leftByBoth] of [
    [2, 3, 2],
    [3, 4, 1],
  ] as const) {
    await atEachStep(async (step) => {
      const { options } = standing()
      const storage = memoryStorage(options.now)
      const store = await storeOver(storage, options)
      const create = async (one: number, two: number, more = {}) =>
        sessionIn(await store.create(draft(one, two, more)))
      const left = await create(1, 4)
      for (const n of [2, 5]) {
        const side = { side: 0, number: whole(person(n)) } as const
        await store.change(left.id, { replace: side, allowShortRest: true })
      }
      await create(1, 2, { externalId: 'order', idempotencyKey: 'key' })
      for (const n of [1, 2]) await store.close((await create(3, n)).id)
      // From now on the book of person 3 says whom those two reached.
      await create(3, 7)

      const rules = { sessions: store, fixed: [], restMs: options.restMs }
      let beside: Receipt | undefined
      const ours = interrupted({ storage, options }, step, async () => {
        beside = await createErasure({ ...rules, storage }).erase(whole(person(other)))
      })
      const erasure = createErasure({ ...rules, storage: ours.storage, sessions: ours.store })
      const { removed } = await erasure.erase(FIRST)
      if (!beside) return ours.steps()
      for (const n of [1, other]) t.same(await tracesFor({ storage }, whole(person(n))), [], `step ${step}`)
      t.equal(removed.sessions + beside.removed.sessions, ofBoth, 'each is counted once')
      t.equal(removed.replaced + beside.removed.replaced, leftByBoth)
      return ours.steps()
    })
  }
})
