import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import type { Test } from 'tap'

/** The server to test against, where one is installed. */
export const SERVER = [process.env.REDIS_SERVER, 'redis-server', 'valkey-server'].find(
  (command) => command && spawnSync(command, ['--version']).status === 0,
)

/** Options of a test that needs a server: skipped by name where there is none. */
export const withServer = {
  skip: SERVER
    ? false
    : 'SKIPPED FOR WANT OF redis-server OR valkey-server: install one, or set REDIS_SERVER',
}

/** A server of a test's own, which ends with it. */
export interface TestServer {
  readonly port: number
  readonly url: string
  readonly dir: string
  /** A client for looking behind the scenes. */
  readonly client: Redis
  kill(signal: NodeJS.Signals): Promise<void>
  /** Starts it again after a `kill`, on the same port and data. */
  restart(): Promise<void>
}

/** Starts a server on a free port of the loopback. */
export async function startServer(t: Test, ...options: string[]): Promise<TestServer> {
  const dir = mkdtempSync(join(tmpdir(), 'callmask-redis-'))
  const [port] = (await freePorts(1)) as [number]
  let child = await run(port, dir, options)
  const client = new Redis({ port, host: '127.0.0.1', lazyConnect: true, retryStrategy: () => 50 })
  client.on('error', () => undefined)
  await client.connect()
  t.teardown(async () => {
    client.disconnect()
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    }
    rmSync(dir, { recursive: true, force: true })
  })
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    dir,
    client,
    async kill(signal) {
      const ended = signal === 'SIGKILL' || signal === 'SIGTERM' ? once(child, 'exit') : undefined
      child.kill(signal)
      await ended
    },
    async restart() {
      child = await run(port, dir, options)
    },
  }
}

/** Three masters without replicas that share all slots. */
export async function startCluster(t: Test): Promise<TestServer[]> {
  const busPorts = await freePorts(3)
  const nodes = await Promise.all(
    busPorts.map((bus) => startServer(t, '--cluster-enabled', 'yes', '--cluster-port', String(bus))),
  )
  const share = SLOTS / nodes.length
  for (const [i, { client, port }] of nodes.entries()) {
    await client.call('CLUSTER', 'ADDSLOTSRANGE', Math.ceil(i * share), Math.ceil((i + 1) * share) - 1)
    await nodes[0]?.client.call('CLUSTER', 'MEET', '127.0.0.1', port, Number(busPorts[i]))
  }
  for (const { client } of nodes) {
    await until('the cluster is whole', async () => {
      const info = String(await client.call('CLUSTER', 'INFO'))
      return /cluster_state:ok/.test(info) && /cluster_known_nodes:3/.test(info)
    })
  }
  return nodes
}

const SLOTS = 16_384

async function run(port: number, dir: string, options: readonly string[]): Promise<ChildProcess> {
  const base = ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--save', '']
  const child = spawn(String(SERVER), [...base, ...options], { stdio: ['ignore', 'pipe', 'inherit'] })
  await new Promise<void>((resolve, reject) => {
    let seen = ''
    child.stdout.on('data', (chunk) => {
      seen += chunk
      if (/Ready to accept connections/i.test(seen)) resolve()
    })
    child.once('exit', () => reject(new Error(`the server did not start:\n${seen}`)))
  })
  return child
}

/** Ports of the loopback that were free a moment ago. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => (server.address() as { port: number }).port)
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return ports
}

/** Waits for something that another process does. Fails after thirty seconds. */
export async function until(what: string, isSo: () => Promise<boolean> | boolean): Promise<void> {
  const limit = Date.now() + 30_000
  while (Date.now() < limit) {
    if (await isSo()) return
    await sleep(20)
  }
  throw new Error(`waited too long: ${what}`)
}
