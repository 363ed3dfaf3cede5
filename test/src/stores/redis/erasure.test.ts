import { test } from 'tap'
import { erasureContract } from '../../../erasure-contract.js'
import { startServer, withServer } from '../../../redis-server.js'
import { emptying } from '../../../redis-store.js'

test('on a Redis server, people are found and erased', withServer, async (t) => {
  const server = await startServer(t)
  erasureContract(t, await emptying(t, server.url, [server]), 5)
})
