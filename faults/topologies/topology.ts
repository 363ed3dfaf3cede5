/** Servers over which the instances keep what they share. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { type RedisService, startRedis } from '../processes.js'

export interface Topology {
  readonly name: string
  /** The STORE_URL by which an instance reaches it. */
  readonly storeUrl: string
  /** All that hold data. */
  readonly servers: readonly StoreServer[]
  /** All its processes. */
  readonly pids: () => number[]
  end(): Promise<void>
}

/** A server that holds data, and a client that looks behind the scenes, whatever happens to the network. */
export interface StoreServer {
  readonly service: RedisService
  readonly client: Redis
}

/** As a server of a business is set: nothing acknowledged is lost with its process. */
const SAFE = ['--appendonly', 'yes', '--appendfsync', 'everysec', '--maxmemory-policy', 'noeviction']

export async function startServer(port: number, ...options: string[]): Promise<StoreServer> {
  const service = await startRedis(port, ...SAFE, ...options)
  const client = new Redis({ port, host: '127.0.0.1', retryStrategy: () => 50, maxRetriesPerRequest: 0 })
  client.on('error', () => undefined)
  return { service, client }
}

export async function endServers(servers: readonly StoreServer[]): Promise<void> {
  for (const { client } of servers) client.disconnect()
  await Promise.all(servers.map(({ service }) => service.kill()))
}

const POLL_MS = 20
/** Longer than anything takes, also on a machine that others use. */
const LIMIT_MS = 60_000

/** Waits until something is so. A question that fails is one whose answer is not yet. Returns the milliseconds it took. */
export async function eventually(what: string, isSo: () => Promise<boolean>): Promise<number> {
  const begun = performance.now()
  while (performance.now() - begun < LIMIT_MS) {
    if (await isSo().catch(() => false)) return performance.now() - begun
    await sleep(POLL_MS)
  }
  throw new Error(`it did not come about that ${what}`)
}

export async function isPrimary({ client }: StoreServer): Promise<boolean> {
  return /role:master/.test(await client.info('replication'))
}

/** Whether a server is a replica that has all that its primary has. */
export async function isFollowing({ client }: StoreServer): Promise<boolean> {
  const info = await client.info('replication')
  return /role:slave/.test(info) && /master_link_status:up/.test(info)
}

/** Whether a primary counts as many replicas as should be there. */
export async function hasReplicas({ client }: StoreServer, count: number): Promise<boolean> {
  const info = await client.info('replication')
  return (info.match(/state=online/g)?.length ?? 0) >= count
}

/** Resolves when a replica of a primary has all that was written so far. */
export async function confirmAll({ client }: StoreServer): Promise<void> {
  await eventually('a replica has all', async () => {
    await client.set('callmask-faults:confirm', '1')
    return (await client.wait(1, 2_000)) >= 1
  })
}
