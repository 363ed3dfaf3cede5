import { test } from 'tap'
import { crashContract } from '../../../crash-contract.js'
import { standing } from '../../../drafts.js'
import { startServer, withServer } from '../../../redis-server.js'
import { connect } from '../../../redis-store.js'
import { START } from '../../../session-store-contract.js'

test('on Redis, a failure at any step of an operation leaves nothing wrong', withServer, async (t) => {
  const server = await startServer(t)
  let now = () => START
  const { storage } = await connect(t, server.url, { ...standing().options, now: () => now() })
  await crashContract(t, async (clock) => {
    now = clock
    await server.client.flushall()
    return storage
  })
})
