import { freePorts } from '../../test/ports.js'
import { endServers, eventually, type StoreServer, startServer, type Topology } from './topology.js'

/** Three primaries that share all keys, with a replica each. */
export interface Cluster extends Topology {
  readonly shards: readonly Shard[]
  /** Resolves when all keys have a primary, and each primary its replica. */
  whole(): Promise<void>
}

/** Those who have the same keys. Who of them is the primary changes. */
export interface Shard {
  readonly servers: readonly [StoreServer, StoreServer]
  primary(): Promise<StoreServer>
  replica(): Promise<StoreServer>
}

const SHARDS = 3
const SLOTS = 16_384
/** Milliseconds after which a server that does not answer counts as gone. */
const NODE_TIMEOUT_MS = 1_000
const OPTIONS = [
  ['--cluster-enabled', 'yes'],
  ['--cluster-announce-ip', '127.0.0.1'],
  ['--cluster-node-timeout', String(NODE_TIMEOUT_MS)],
  // However long a replica was without its primary, it takes over.
  ['--cluster-replica-validity-factor', '0'],
  ['--cluster-allow-replica-migration', 'no'],
  ['--repl-timeout', '5'],
].flat()

export async function startCluster(): Promise<Cluster> {
  const ports = await freePorts(SHARDS * 2)
  // By default the servers talk to each other on a port of the range from which the system takes those of connections.
  const busPorts = await freePorts(ports.length)
  const servers = await Promise.all(
    ports.map((port, i) => startServer(port, ...OPTIONS, '--cluster-port', String(busPorts[i]))),
  )
  const [first] = servers as [StoreServer]
  for (const [i, { client }] of servers.slice(0, SHARDS).entries()) {
    const from = Math.ceil((i * SLOTS) / SHARDS)
    const to = Math.ceil(((i + 1) * SLOTS) / SHARDS) - 1
    await client.call('CLUSTER', 'SET-CONFIG-EPOCH', i + 1)
    await client.call('CLUSTER', 'ADDSLOTSRANGE', from, to)
  }
  for (const [i, port] of ports.entries())
    if (i > 0) await first.client.call('CLUSTER', 'MEET', '127.0.0.1', port, busPorts[i] as number)
  for (const { client } of servers)
    await eventually('the servers know each other', async () =>
      /cluster_known_nodes:6/.test(String(await client.call('CLUSTER', 'INFO'))),
    )
  const shards = servers
    .slice(0, SHARDS)
    .map((primary, i) => shardOf(primary, servers[SHARDS + i] as StoreServer))
  for (const {
    servers: [primary, replica],
  } of shards) {
    const id = String(await primary.client.call('CLUSTER', 'MYID'))
    await eventually('the replica knows its primary', async () => {
      await replica.client.call('CLUSTER', 'REPLICATE', id)
      return true
    })
  }

  async function whole(): Promise<void> {
    for (const { client } of servers)
      await eventually('the cluster is whole', async () => {
        const info = String(await client.call('CLUSTER', 'INFO'))
        return /cluster_state:ok/.test(info) && /cluster_slots_ok:16384/.test(info)
      })
    for (const shard of shards)
      await eventually('each primary has its replica', async () => {
        const info = await (await shard.primary()).client.info('replication')
        return /state=online/.test(info)
      })
  }

  await whole()
  return {
    name: 'a cluster of three with replicas',
    storeUrl: `redis://${ports.map((port) => `127.0.0.1:${port}`).join()}?cluster`,
    servers,
    shards,
    whole,
    pids: () => servers.map(({ service }) => service.pid),
    end: () => endServers(servers),
  }
}

function shardOf(...servers: [StoreServer, StoreServer]): Shard {
  const withRole = async (role: string) => {
    let found: StoreServer | undefined
    await eventually(`a shard has a ${role}`, async () => {
      const roles = await Promise.all(servers.map(({ client }) => client.info('replication').catch(() => '')))
      found = servers[roles.findIndex((info) => info.includes(`role:${role}`))]
      return found !== undefined
    })
    return found as StoreServer
  }
  return { servers, primary: () => withRole('master'), replica: () => withRole('slave') }
}
