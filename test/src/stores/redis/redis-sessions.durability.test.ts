import { test } from 'tap'
import { bookKey, recordKey } from '../../../../src/masking/keys.js'
import { draft, replace, sessionIn, standing } from '../../../drafts.js'
import { startServer, until, withServer } from '../../../redis-server.js'
import { connect, PREFIX } from '../../../redis-store.js'
import { HOUR, person, START, whole } from '../../../session-store-contract.js'

test('a change is durable once a replica has it', withServer, async (t) => {
  const server = await startServer(t)
  const world = standing()
  const { store, storage } = await connect(t, server.url, world.options)
  const another = (await connect(t, server.url, world.options)).store
  const open = async (n: number) => sessionIn(await store.create(draft(n, n + 1)))
  const [alone, closed, changed] = [await open(10), await open(20), await open(30)]
  t.match(await store.close(alone.id), { durable: true }, 'without a replica there is none to wait for')
  t.equal(await server.client.exists(`${PREFIX}replicated`), 0)

  const replica = await startServer(t, '--replicaof', '127.0.0.1', String(server.port))
  const isLinked = async () => /master_link_status:up/.test(await replica.client.info('replication'))
  await until('the replica follows', isLinked)
  await until('a change is durable', async () => {
    const outcome = await store.change(changed.id, { ...replace(50), expiresAt: START + 2 * HOUR })
    return outcome.kind === 'changed' && outcome.durable
  })
  t.equal(await server.client.exists(`${PREFIX}replicated`), 1, 'from now on the store should have a replica')

  await replica.kill('SIGSTOP')
  t.match(await store.create(draft(80, 81)), { kind: 'created', durable: false })
  t.match(await store.close(closed.id), { durable: false, session: { closedAt: START } })
  const key = `${PREFIX}session:${changed.id}`
  const lost = String(await server.client.get(key))
  t.match(await store.change(changed.id, { expiresAt: START + HOUR, allowShortRest: false }), {
    kind: 'changed',
    durable: false,
  })
  const waits = async () =>
    Number(/cmdstat_wait:calls=(\d+)/.exec(await server.client.info('commandstats'))?.[1])
  await until('it asks again', async () => {
    const before = await waits()
    await store.upkeep()
    const asked = (await waits()) - before
    t.ok(asked <= 1, 'one question says for all changes that nothing can be confirmed')
    return asked === 1
  })

  const endNow = async () => (await another.find(changed.id))?.expiresAt
  await server.client.set(key, lost)
  t.equal(await endNow(), START + 2 * HOUR)
  await replica.kill('SIGCONT')
  await until('the replica follows', isLinked)
  await until('a change that was lost with a server is written again', async () => {
    await store.upkeep()
    return (await endNow()) === START + HOUR
  })
  t.match(await another.change(changed.id, { expiresAt: START + 5 * HOUR, allowShortRest: false }), {
    kind: 'changed',
    durable: true,
  })
  await store.upkeep()
  t.equal(await endNow(), START + 5 * HOUR, 'a later change of another instance is not overwritten')
  await until('nothing is left to be confirmed', async () => {
    const asked = await waits()
    await store.upkeep()
    return (await waits()) === asked
  })
  for (const id of [closed.id, changed.id])
    t.equal(
      await replica.client.get(`${PREFIX}session:${id}`),
      await server.client.get(`${PREFIX}session:${id}`),
      'the replica has it',
    )

  await replica.kill('SIGKILL')
  await until('the server notices that its replica is gone', async () =>
    /connected_slaves:0/.test(await server.client.info('replication')),
  )
  t.match(
    await store.close(changed.id),
    { durable: false },
    'a store that lost its replica does not confirm changes',
  )

  // A book that was lost, as with a server of a cluster, while the record lives.
  const last = await open(40)
  const [book] = await storage.read([bookKey(whole(person(40)))])
  await storage.swap({ key: bookKey(whole(person(40))), was: book, value: undefined, until: 0 })
  const [record] = await storage.read([recordKey(changed.id)])
  await storage.swap({ key: recordKey(changed.id), was: record, value: undefined, until: 0 })
  const again = await startServer(t, '--replicaof', '127.0.0.1', String(server.port))
  await until('another replica follows', async () =>
    /master_link_status:up/.test(await again.client.info('replication')),
  )
  const dialled = last.participants[0].maskingNumber
  await until('the leg is written again', async () => {
    await store.upkeep()
    return (await store.findLeg([whole(person(40))], dialled))?.kind === 'open'
  })
  t.match(await store.find(changed.id), { closedAt: START }, 'and so is a close')
})
