import { Redis } from 'ioredis'
import { freePorts } from '../../test/ports.js'
import { type Service, startSentinel } from '../processes.js'
import { startProxy, type TcpProxy } from '../tcp-proxy.js'
import {
  endServers,
  eventually,
  hasReplicas,
  isFollowing,
  isPrimary,
  type StoreServer,
  startServer,
  type Topology,
} from './topology.js'

/** A primary and its replicas, watched by three sentinels that promote a replica when the primary is gone. */
export interface Sentinels extends Topology {
  readonly servers: readonly WatchedServer[]
  readonly sentinels: readonly Sentinel[]
  /** The server that the sentinels name, asked of those that answer. */
  primary(): Promise<WatchedServer>
  /** Resolves when another server than this is the primary, and a sentinel names it, with both moments. */
  promotion(of: WatchedServer): Promise<Promotion>
  /** Resolves when one server is the primary and all others follow it. */
  whole(): Promise<void>
}

/** The sentinels, the servers and the instances reach a server by its gateway only. */
export interface WatchedServer extends StoreServer {
  readonly gateway: TcpProxy
}

export interface Sentinel {
  readonly service: Service
  /** The way of all others to it. */
  readonly gateway: TcpProxy
  readonly client: Redis
}

/** Moments by `performance.now()`. */
export interface Promotion {
  readonly server: WatchedServer
  /** When the server took the role. */
  readonly at: number
  /** When a sentinel first named it. */
  readonly namedAt: number
}

export interface SentinelsOptions {
  readonly replicas?: number
  /** Settings of each server. */
  readonly options?: readonly string[]
}

const NAME = 'main'
const SENTINELS = 3
const QUORUM = 2
const DOWN_AFTER_MS = 1_000
const SENTINEL_ANSWER_MS = 200

export async function startSentinels({
  replicas = 1,
  options = [],
}: SentinelsOptions = {}): Promise<Sentinels> {
  const servers = await Promise.all(
    (await freePorts(1 + replicas)).map((port) => startWatched(port, options)),
  )
  const [first, ...others] = servers as [WatchedServer, ...WatchedServer[]]
  for (const { client } of others) await client.replicaof('127.0.0.1', first.gateway.port)
  await eventually('the primary has its replicas', () => hasReplicas(first, replicas))
  const sentinels = await Promise.all(
    (await freePorts(SENTINELS)).map((port) => startOne(port, first.gateway.port)),
  )
  for (const sentinel of sentinels)
    await eventually('the sentinels know each other and the replicas', () => isInformed(sentinel, replicas))

  async function named(): Promise<WatchedServer | undefined> {
    const answers = await Promise.all(sentinels.map(({ client }) => addressFrom(client)))
    // The one that was told last names another than the one before.
    return servers.find(({ gateway }) => answers.includes(gateway.port))
  }

  return {
    name: `a primary, ${replicas} replica${replicas === 1 ? '' : 's'} and three sentinels`,
    storeUrl: `redis://${sentinels.map(({ gateway }) => `127.0.0.1:${gateway.port}`).join()}?sentinel=${NAME}`,
    servers,
    sentinels,
    pids: () => [...servers, ...sentinels].map(({ service }) => service.pid),
    async primary() {
      let found: WatchedServer | undefined
      await eventually('a sentinel names a primary', async () => {
        found = await named()
        return found !== undefined && (await isPrimary(found))
      })
      return found as WatchedServer
    },
    async promotion(of) {
      const others = servers.filter((server) => server !== of)
      let server: WatchedServer | undefined
      await eventually('a replica is promoted', async () => {
        const roles = await Promise.all(others.map((other) => isPrimary(other).catch(() => false)))
        server = others[roles.indexOf(true)]
        return server !== undefined
      })
      const at = performance.now()
      await eventually('a sentinel names the new primary', async () => {
        const answers = await Promise.all(sentinels.map(({ client }) => addressFrom(client)))
        return answers.includes(server?.gateway.port)
      })
      return { server: server as WatchedServer, at, namedAt: performance.now() }
    },
    async whole() {
      await eventually('one is the primary and all others follow', async () => {
        const primaries = await Promise.all(servers.map(isPrimary))
        const following = await Promise.all(servers.map(isFollowing))
        const primary = servers[primaries.indexOf(true)]
        return (
          primary !== undefined &&
          following.filter(Boolean).length === servers.length - 1 &&
          (await hasReplicas(primary, servers.length - 1)) &&
          (await named()) === primary
        )
      })
      for (const sentinel of sentinels)
        await eventually('all sentinels know each other', () => isInformed(sentinel, servers.length - 1))
    },
    async end() {
      for (const { client } of sentinels) client.disconnect()
      await Promise.all(sentinels.map(({ service }) => service.kill()))
      await endServers(servers)
      await Promise.all([...servers, ...sentinels].map(({ gateway }) => gateway.close()))
    },
  }
}

async function startWatched(port: number, options: readonly string[]): Promise<WatchedServer> {
  const gateway = await startProxy(port)
  const announced = ['--replica-announce-ip', '127.0.0.1', '--replica-announce-port', String(gateway.port)]
  const server = await startServer(port, ...announced, '--repl-timeout', '5', ...options)
  return { ...server, gateway }
}

async function startOne(port: number, primary: number): Promise<Sentinel> {
  const gateway = await startProxy(port)
  const service = await startSentinel(port, [
    'sentinel announce-ip 127.0.0.1',
    `sentinel announce-port ${gateway.port}`,
    `sentinel monitor ${NAME} 127.0.0.1 ${primary} ${QUORUM}`,
    `sentinel down-after-milliseconds ${NAME} ${DOWN_AFTER_MS}`,
    `sentinel failover-timeout ${NAME} 3000`,
    `sentinel parallel-syncs ${NAME} 1`,
  ])
  const client = new Redis({
    port,
    host: '127.0.0.1',
    enableReadyCheck: false,
    retryStrategy: () => 50,
    maxRetriesPerRequest: 0,
    commandTimeout: SENTINEL_ANSWER_MS,
  })
  client.on('error', () => undefined)
  return { service, gateway, client }
}

async function isInformed({ client }: Sentinel, replicas: number): Promise<boolean> {
  const known = async (what: string) => ((await client.call('SENTINEL', what, NAME)) as unknown[]).length
  return (await known('sentinels')) === SENTINELS - 1 && (await known('replicas')) === replicas
}

/** The port that a sentinel names; undefined when it does not answer. */
async function addressFrom(client: Redis): Promise<number | undefined> {
  const asked = client.call('SENTINEL', 'get-master-addr-by-name', NAME) as Promise<string[]>
  return asked.then(
    (address) => Number(address[1]),
    () => undefined,
  )
}
