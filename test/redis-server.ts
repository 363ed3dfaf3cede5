import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import type { Test } from 'tap'
import { freePorts } from './ports.js'

/** The server to test against, where one is installed. */
export const SERVER = [process.env.REDIS_SERVER, 'redis-server', 'valkey-server'].find(
  (command) => command && spawnSync(command, ['--version']).status === 0,
)

/** Options of a test that needs a server: skipped by name where there is none. */
export const withServer = {
  skip: SERVER ? false : 'for want of redis-server or valkey-server',
}

/** A server that belongs to one test and ends with it. */
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
  let port = 0
  let child = await whilePortIsTaken(async () => {
    ;[port = 0] = await freePorts(1)
    return run(port, dir, options)
  })
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
      child = await whilePortIsTaken(() => run(port, dir, options))
    },
  }
}

/** Three masters without replicas that share all slots. */
export async function startCluster(t: Test): Promise<TestServer[]> {
  const nodes = await Promise.all([1, 2, 3].map(() => startServer(t, '--cluster-enabled', 'yes')))
  const share = SLOTS / nodes.length
  for (const [i, { client, port }] of nodes.entries()) {
    await client.call('CLUSTER', 'ADDSLOTSRANGE', Math.ceil(i * share), Math.ceil((i + 1) * share) - 1)
    await nodes[0]?.client.call('CLUSTER', 'MEET', '127.0.0.1', port)
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

/** A replica gets its copy at once: the server does not wait for more replicas. */
const AT_ONCE = ['--repl-diskless-sync-delay', '0']

async function run(port: number, dir: string, options: readonly string[]): Promise<ChildProcess> {
  const base = ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--save', '', ...AT_ONCE]
  const child = spawn(String(SERVER), [...base, ...options], { stdio: ['ignore', 'pipe', 'inherit'] })
  await new Promise<void>((resolve, reject) => {
    let seen = ''
    child.stdout.on('data', (chunk) => {
      seen += chunk
      if (/Ready to accept connections/i.test(seen)) resolve()
    })
    child.once('exit', () =>
      reject(
        PORT_IS_TAKEN.test(seen) ? new PortTakenError() : new Error(`the server did not start:\n${seen}`),
      ),
    )
  })
  return child
}

/** The error of a server whose port, or that of its cluster bus, another process took a moment before. */
const PORT_IS_TAKEN = /Address already in use/

class PortTakenError extends Error {}

async function whilePortIsTaken<Result>(start: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await start()
    } catch (error) {
      if (!(error instanceof PortTakenError)) throw error
    }
  }
}

/** Waits for something that another process does, for as long as it takes. */
export async function until(what: string, isSo: () => Promise<boolean> | boolean): Promise<void> {
  const reminder = setInterval(() => console.error(`still waiting until ${what}`), REMINDER_MS)
  try {
    while (!(await isSo())) await sleep(POLL_MS)
  } finally {
    clearInterval(reminder)
  }
}

const POLL_MS = 20
const REMINDER_MS = 60_000
