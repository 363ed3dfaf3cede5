import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault } from '../nemesis.js'
import { pick } from '../people.js'
import type { Cluster } from '../topologies/cluster.js'
import { eventually, isPrimary, type StoreServer } from '../topologies/topology.js'

const RECOVERY_MS = 2_000
/** Where calls should not be interrupted at all. */
const AT_ONCE_MS = 500

/** What happens to the servers of a cluster. */
export function faultsOfCluster(topology: Cluster): Fault[] {
  let lost: StoreServer

  async function losePrimary(how: (server: StoreServer) => Promise<unknown>): Promise<void> {
    const shard = pick(topology.shards)
    lost = await shard.primary()
    const replica = await shard.replica()
    await how(lost)
    await eventually('the replica takes over', () => isPrimary(replica))
  }

  return [
    {
      name: 'a primary is killed',
      limitMs: RECOVERY_MS,
      strike: () => losePrimary(({ service }) => service.kill()),
      async heal() {
        await lost.service.start()
        await topology.whole()
      },
    },
    {
      name: 'a replica is killed',
      limitMs: AT_ONCE_MS,
      async strike() {
        lost = await pick(topology.shards).replica()
        await lost.service.kill()
        await sleep(2_000)
      },
      async heal() {
        await lost.service.start()
        await topology.whole()
      },
    },
    {
      name: 'a primary stands still',
      limitMs: RECOVERY_MS,
      strike: () => losePrimary(async ({ service }) => service.signal('SIGSTOP')),
      async heal() {
        lost.service.signal('SIGCONT')
        await topology.whole()
      },
    },
  ]
}
