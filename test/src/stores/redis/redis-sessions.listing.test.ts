import { test } from 'tap'
import { startServer, withServer } from '../../../redis-server.js'
import { connect, draft, patient, sessionIn, standing } from '../../../redis-store.js'
import { START } from '../../../session-store-contract.js'

test('the list of sessions', withServer, async (t) => {
  const server = await startServer(t)
  const world = standing()
  const { store } = patient(await connect(t, server.url, world.options), world.options)
  t.beforeEach(() => server.client.flushall())
  const openMany = async (count: number) => {
    const all = Array.from({ length: count }, (_, i) =>
      store.create(draft(2 * i, 2 * i + 1, { createdAt: START + Math.floor(i / 250) })),
    )
    return (await Promise.all(all)).map((outcome) => sessionIn(outcome))
  }
  const newestFirst = (a: { createdAt: number; id: string }, b: { createdAt: number; id: string }) =>
    b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1)

  t.test('every session is listed once, page by page, also those from one millisecond', async (t) => {
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

  t.test('a page can still be turned when none of its sessions exists any more', async (t) => {
    const members = Array.from({ length: 10_050 }, (_, i) => [START + 1_000 + i, `s_gone_${i}`]).flat()
    await server.client.zadd('callmask:2:index', ...members)
    const [session] = await openMany(1)
    const page = await store.list({ limit: 9 })
    t.same(page, { sessions: [], next: page.next })
    t.match(page.next, /^\d+\.s_gone_50$/)
    t.match(await store.list({ limit: 9, cursor: page.next }), { sessions: [{ id: session?.id }] })
  })

  t.test('upkeep removes sessions that no longer exist, a bounded number at a time', async (t) => {
    const sessions = await openMany(250)
    const gone = sessions.filter((_, i) => i % 2 === 0).map(({ id }) => id)
    await server.client.del(...gone.map((id) => `callmask:2:session:${id}`))
    const counts: number[] = []
    for (let i = 0; i < 6; i++) counts.push(await store.upkeep())
    t.ok(counts.every((count) => count <= 100))
    t.equal(
      counts.reduce((sum, count) => sum + count, 0),
      gone.length,
    )
    t.equal(await server.client.zcard('callmask:2:index'), sessions.length - gone.length)
    t.equal((await store.list({ limit: 300 })).sessions.length, sessions.length - gone.length)
  })
})
