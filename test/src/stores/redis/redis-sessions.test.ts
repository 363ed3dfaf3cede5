import { test } from 'tap'
import { startCluster, startServer, withServer } from '../../../redis-server.js'
import { emptying } from '../../../redis-store.js'
import { DAY, POOL, person, START, sessionStoreContract } from '../../../session-store-contract.js'
import { storeOver } from '../../../store-under-test.js'

test('sessions on one Redis server keep the contract of a session store', withServer, async (t) => {
  const server = await startServer(t)
  const empty = await emptying(t, server.url, [server])
  sessionStoreContract(t, async (options) => storeOver(await empty(options.now), options))
})

test('sessions on a Redis cluster keep the contract of a session store', withServer, async (t) => {
  const nodes = await startCluster(t)
  const [first, second] = nodes
  const url = `${first?.url},127.0.0.1:${second?.port}?cluster`
  const empty = await emptying(t, url, nodes)
  sessionStoreContract(t, async (options) => storeOver(await empty(options.now), options))
  t.test('keys are spread over all servers, and changes are durable without a replica', async (t) => {
    const options = { now: () => START, pool: POOL, restMs: DAY, fixed: [] }
    const store = await storeOver(await empty(options.now), options)
    for (let i = 0; i < 40; i += 2) {
      const participants = [person(i), person(i + 1)] as const
      const draft = { createdAt: START, expiresAt: START + DAY, fingerprint: '', allowShortRest: false }
      const outcome = await store.create({ ...draft, participants })
      t.equal(outcome.kind, 'created')
      if (i < 20 && 'session' in outcome)
        t.match(await store.close(outcome.session.id), { durable: true, session: { closedAt: START } })
    }
    for (const { client } of nodes) t.ok((await client.dbsize()) > 3)
    t.equal(
      (await store.usage()).numbers.reduce((sum, { openLegs }) => sum + openLegs, 0),
      20,
    )
  })
})
