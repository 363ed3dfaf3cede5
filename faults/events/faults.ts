import { setTimeout as sleep } from 'node:timers/promises'
import { between, pick } from '../people.js'
import type { Cluster } from '../topologies/cluster.js'
import type { OneServer } from '../topologies/one-server.js'
import { eventually, isPrimary } from '../topologies/topology.js'
import type { StoreFault } from './strikes.js'

/** A server that is killed has all that it acknowledged when it starts again. */
export function faultsOfOneServer({ server: { service } }: OneServer): StoreFault[] {
  return [
    {
      name: 'restarts of the store',
      async strike() {
        await service.kill()
        await sleep(between(0, 1_000))
        await service.start()
      },
    },
  ]
}

/** A primary that is killed once, after which its replica goes on. */
export function faultsOfCluster(topology: Cluster): StoreFault[] {
  return [
    {
      name: 'primaries killed',
      times: 1,
      async strike() {
        const shard = pick(topology.shards)
        const [lost, replica] = [await shard.primary(), await shard.replica()]
        await lost.service.kill()
        await eventually('the replica takes over', () => isPrimary(replica))
        await lost.service.start()
        await topology.whole()
      },
    },
  ]
}
