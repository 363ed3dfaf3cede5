import { test } from 'tap'
import { CRASH, crashContract } from '../../../crash-contract.js'
import { startServer, withServer } from '../../../redis-server.js'
import { emptying } from '../../../redis-store.js'

test('on Redis, a crash at any step of an operation leaves nothing wrong', withServer, async (t) => {
  const server = await startServer(t)
  await crashContract(t, await emptying(t, server.url, [server]), [CRASH])
})
