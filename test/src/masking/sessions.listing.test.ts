import { test } from 'tap'
import { ALL_SESSIONS, namesakesOf, recordKey } from '../../../src/masking/keys.js'
import { LIST_SCAN, UPKEEP_STEP } from '../../../src/masking/session-lists.js'
import { draft, sessionIn, standing } from '../../drafts.js'
import { DAY, HOUR, START } from '../../session-store-contract.js'
import { spiedOn } from '../../spied-storage.js'
import { memoryStorage, storeOver } from '../../store-under-test.js'

test('the list of sessions', async (t) => {
  async function begin() {
    const world = standing()
    const storage = memoryStorage(world.options.now)
    const store = await storeOver(storage, world.options)
    const openMany = async (count: number) => {
      const all = Array.from({ length: count }, (_, i) =>
        store.create(draft(2 * i, 2 * i + 1, { createdAt: START + Math.floor(i / 250) })),
      )
      return (await Promise.all(all)).map((outcome) => sessionIn(outcome))
    }
    const remove = async (id: string) => {
      const [was] = await storage.read([recordKey(id)])
      await storage.swap({ key: recordKey(id), was, value: undefined, until: 0 })
    }
    const listed = async (limit = 2 * LIST_SCAN) =>
      (await storage.entries(ALL_SESSIONS, { order: 'oldest first', limit })).length
    return { world, storage, store, openMany, remove, listed }
  }
  const newestFirst = (a: { createdAt: number; id: string }, b: { createdAt: number; id: string }) =>
    b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1)

  t.test('every session is listed once, page by page, also those from one millisecond', async (t) => {
    const { store, openMany } = await begin()
    const ids = (await openMany(450)).toSorted(newestFirst).map(({ id }) => id)
    for (const limit of [100, 200, 450]) {
      const seen: string[] = []
      let cursor: string | undefined
      do {
        const page = await store.list({ limit, cursor })
        seen.push(...page.sessions.map(({ id }) => id))
        cursor = page.next
      } while (cursor !== undefined)
      t.same(seen, ids, `pages of ${limit}`)
    }
    t.same(await store.list({ limit: 0 }), { sessions: [], next: undefined })
  })

  t.test('sessions are listed by when they were created, without a look at the others', async (t) => {
    const world = standing()
    const storage = memoryStorage(world.options.now)
    const looked: number[] = []
    const counting = spiedOn(storage, async (operation, run) => {
      const result = await run()
      if (operation === 'read session') looked.push((result as unknown[]).length)
      return result
    })
    const store = await storeOver(counting, world.options)
    const ids: string[] = []
    for (let i = 0; i < 450; i += 1) {
      const created = draft(2 * i, 2 * i + 1, {
        createdAt: START + i,
        ...(i % 2 === 0 && { externalId: 'ride' }),
      })
      const session = sessionIn(await store.create(created))
      ids.push(session.id)
      if (i % 2 === 0) await store.close(session.id)
    }
    const listed = async (query: Partial<Parameters<typeof store.list>[0]>) => {
      looked.length = 0
      const { sessions, next } = await store.list({ limit: 450, ...query })
      t.equal(next, undefined)
      return sessions.map(({ id }) => ids.indexOf(id))
    }
    t.same(await listed({ from: START + 446 }), [449, 448, 447, 446])
    t.same(looked, [200], 'what is older is not looked at')
    t.same(await listed({ to: START + 3 }), [2, 1, 0], 'the end is not within')
    t.same(looked, [3], 'nor is what is newer')
    t.same(await listed({ from: START + 10, to: START + 14, status: 'open' }), [13, 11])
    t.same(await listed({ from: START + 10, to: START + 14, externalId: 'ride' }), [12, 10])
    t.same(await listed({ from: START + 14, to: START + 10 }), [])
    t.same(await listed({ to: 0 }), [])
    const first = await store.list({ from: START + 10, to: START + 14, limit: 3 })
    t.same(
      first.sessions.map(({ id }) => ids.indexOf(id)),
      [13, 12, 11],
    )
    t.same(await listed({ from: START + 10, to: START + 14, cursor: first.next }), [10])
  })

  t.test('a page can still be turned when none of its sessions exists any more', async (t) => {
    const { storage, store, openMany } = await begin()
    for (let i = 0; i < LIST_SCAN + 50; i++)
      await storage.enlist(
        ALL_SESSIONS,
        { id: `s_gone_${i}`, at: START + 1_000 + i },
        Number.POSITIVE_INFINITY,
      )
    const [session] = await openMany(1)
    const page = await store.list({ limit: 9 })
    t.same(page, { sessions: [], next: page.next })
    t.match(page.next, /^\d+\.s_gone_50$/)
    t.match(await store.list({ limit: 9, cursor: page.next }), { sessions: [{ id: session?.id }] })
  })

  t.test('upkeep removes sessions that no longer exist, a bounded number at a time', async (t) => {
    const { world, store, openMany, remove, listed } = await begin()
    const count = UPKEEP_STEP + 10
    const sessions = await openMany(count)
    const gone = sessions.filter((_, i) => i % 2 === 0).map(({ id }) => id)
    for (const id of gone) await remove(id)
    await store.upkeep()
    t.equal(await listed(), count, 'not those that may be about to be written')
    world.time += 8 * DAY
    const sizes: number[] = [await listed()]
    for (let i = 0; i < 4; i++) {
      await store.upkeep()
      sizes.push(await listed())
    }
    t.ok(
      sizes.every((size, i) => i === 0 || Number(sizes[i - 1]) - size <= UPKEEP_STEP / 2),
      sizes.join(),
    )
    t.equal(await listed(), count - gone.length)
    t.equal((await store.list({ limit: count })).sessions.length, count - gone.length)
  })

  t.test('an external id no longer lists its sessions once they are forgotten', async (t) => {
    const { world, storage, store } = await begin()
    for (let day = 0; day < 20; day++) {
      world.time = START + day * DAY
      await store.create(
        draft(1, 2, { externalId: 'order-1', createdAt: world.time, expiresAt: world.time + HOUR }),
      )
    }
    const kept = await storage.entries(namesakesOf('order-1'), { order: 'oldest first', limit: 99 })
    t.ok(kept.length <= 9, `those of a week, and the one before: ${kept.length}`)
    t.ok((await store.list({ externalId: 'order-1', limit: 99 })).sessions.length >= 7)
    world.time += 9 * DAY
    await store.upkeep()
    t.same(await storage.entries(namesakesOf('order-1'), { order: 'oldest first', limit: 99 }), [])
  })
})
