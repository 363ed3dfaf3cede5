import { test } from 'tap'
import { erasureContract } from '../../../erasure-contract.js'
import { startServer, withServer } from '../../../redis-server.js'
import { connect } from '../../../redis-store.js'
import { DAY, POOL } from '../../../session-store-contract.js'

test('on a Redis server, people are found and erased', withServer, async (t) => {
  const server = await startServer(t)
  erasureContract(t, async (t, now) => {
    await server.client.flushall()
    return (await connect(t, server.url, { now, pool: POOL, restMs: DAY, fixed: [] })).storage
  })
})
