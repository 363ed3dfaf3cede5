import { test } from 'tap'
import { startServer, until, withServer } from '../../../redis-server.js'
import { connect, draft, patient, replace, sessionIn, standing } from '../../../redis-store.js'
import { HOUR, START } from '../../../session-store-contract.js'

test('a change is durable once a replica has it', withServer, async (t) => {
  const server = await startServer(t)
  const world = standing()
  const base = await connect(t, server.url, world.options)
  const [store, another] = [patient(base, world.options).store, patient(base, world.options).store]
  const open = async (n: number) => sessionIn(await store.create(draft(n, n + 1)))
  const [alone, closed, changed] = [await open(10), await open(20), await open(30)]
  t.match(await store.close(alone.id), { durable: true }, 'without a replica there is none to wait for')
  t.equal(await server.client.exists('callmask:replicated'), 0)

  const replica = await startServer(t, '--replicaof', '127.0.0.1', String(server.port))
  const isLinked = async () => /master_link_status:up/.test(await replica.client.info('replication'))
  await until('the replica follows', isLinked)
  await until('a change is durable', async () => {
    const outcome = await store.change(changed.id, replace(50))
    return outcome.kind === 'changed' && outcome.durable
  })
  t.equal(await server.client.exists('callmask:replicated'), 1, 'from now on the store should have a replica')

  await replica.kill('SIGSTOP')
  t.match(await store.close(closed.id), { durable: false, session: { closedAt: START } })
  const key = `callmask:2:session:${changed.id}`
  const lost = await server.client.hgetall(key)
  t.match(await store.change(changed.id, { expiresAt: START + HOUR, allowShortRest: false }), {
    kind: 'changed',
    durable: false,
  })
  const written = async () =>
    Number(/cmdstat_wait:calls=(\d+)/.exec(await server.client.info('commandstats'))?.[1])
  let waits = await written()
  await store.upkeep()
  t.equal(await written(), waits + 2, 'both changes are tried again')

  const endOnServer = async () => Number(await server.client.hget(key, 'x'))
  await server.client.hset(key, lost)
  await store.upkeep()
  t.equal(await endOnServer(), START + HOUR, 'a change that was lost with a server is written again')
  await another.change(changed.id, { expiresAt: START + 5 * HOUR, allowShortRest: false })
  await store.upkeep()
  t.equal(await endOnServer(), START + 5 * HOUR, 'a later change of another instance is not overwritten')
  await replica.kill('SIGCONT')
  await until('the replica follows', isLinked)
  await until('both are on the replica', async () => {
    waits = await written()
    await store.upkeep()
    return (await written()) === waits
  })
  const record = (id: string) => replica.client.hgetall(`callmask:2:session:${id}`)
  t.match(await record(closed.id), { c: String(START) })
  t.match(await record(changed.id), { x: String(START + 5 * HOUR) })

  await replica.kill('SIGKILL')
  await until('the server notices that its replica is gone', async () =>
    /connected_slaves:0/.test(await server.client.info('replication')),
  )
  t.match(
    await store.close(changed.id),
    { durable: false },
    'a store that lost its replica does not confirm changes',
  )
  await server.client.del(`callmask:2:session:${changed.id}`)
  const last = await open(40)
  t.match(await store.change(last.id, replace(60)), { durable: false })
  await another.close(last.id)
  await store.upkeep()
  waits = await written()
  await store.upkeep()
  t.equal(await written(), waits, 'a session that is gone or over is not written again')
})
