import { test } from 'tap'
import { createHeartbeat, HEARTBEAT_MS, instancesOf } from '../../../../src/stores/redis/instances.js'
import { createVault } from '../../../../src/stores/vault.js'
import { standing } from '../../../drafts.js'
import { startServer, withServer } from '../../../redis-server.js'
import { connect, OTHER_KEY, STORE_KEY } from '../../../redis-store.js'
import { START } from '../../../session-store-contract.js'

test('an instance is listed while its last heartbeat is recent', withServer, async (t) => {
  const server = await startServer(t)
  const { link } = await connect(t, server.url, standing().options)
  const prefix = 'one:'
  let time = START
  const vaults = [createVault([STORE_KEY]), createVault([OTHER_KEY, STORE_KEY])]
  const [first, second] = vaults.map((vault) => createHeartbeat({ link, vault, prefix }, () => time))
  await first?.()
  await second?.()
  const seen = await instancesOf(link, prefix, time)
  t.same(seen.map(({ keyIds }) => keyIds.length).toSorted(), [1, 2])
  t.same(seen.find(({ keyIds }) => keyIds.length === 2)?.keyIds, vaults[1]?.keyIds)
  t.not(seen[0]?.id, seen[1]?.id)
  time += 3 * HEARTBEAT_MS
  t.equal((await instancesOf(link, prefix, time)).length, 2)
  time += 1
  t.same(await instancesOf(link, prefix, time), [], 'all heartbeats are too old')
  await first?.()
  t.match(await instancesOf(link, prefix, time), [{ keyIds: vaults[0]?.keyIds }])
  t.equal(await server.client.zcard(`${prefix}instances`), 1, 'old heartbeats are forgotten')
  t.same(await instancesOf(link, 'another:', time), [], 'of another deployment nothing is seen')
})
