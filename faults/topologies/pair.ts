import { freePorts } from '../../test/ports.js'
import { startProxy, type TcpProxy } from '../tcp-proxy.js'
import {
  endServers,
  eventually,
  hasReplicas,
  isFollowing,
  type StoreServer,
  startServer,
  type Topology,
} from './topology.js'

/** A primary and its replica without anybody who promotes it. The instances reach the primary through a proxy. */
export interface Pair extends Topology {
  readonly primary: StoreServer
  readonly replica: StoreServer
  readonly proxy: TcpProxy
  /** The way of the data from the primary to the replica. */
  readonly replication: TcpProxy
}

/** A replica counts as connected as soon as it has the primary's data, not at the next full second. */
const QUICK = ['--hz', '100', '--repl-diskless-sync', 'no']

export async function startPair(): Promise<Pair> {
  const [primary, replica] = (await Promise.all(
    (await freePorts(2)).map((port) => startServer(port, ...QUICK)),
  )) as [StoreServer, StoreServer]
  const [proxy, replication] = (await Promise.all([1, 2].map(() => startProxy(primary.service.port)))) as [
    TcpProxy,
    TcpProxy,
  ]
  await replica.client.replicaof('127.0.0.1', replication.port)
  await eventually('the replica follows', () => isFollowing(replica))
  await eventually('the primary has its replica', () => hasReplicas(primary, 1))
  return {
    name: 'a primary and its replica',
    storeUrl: `redis://127.0.0.1:${proxy.port}`,
    servers: [primary, replica],
    primary,
    replica,
    proxy,
    replication,
    pids: () => [primary.service.pid, replica.service.pid],
    async end() {
      await endServers([primary, replica])
      await Promise.all([proxy.close(), replication.close()])
    },
  }
}
