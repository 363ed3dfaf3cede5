/** The processes of a run. All end with it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { request } from './http.js'

const START_LIMIT_MS = 60_000
const PATH = `${process.env.PATH}:/usr/sbin`

/** In memory where that can be: there Redis never acknowledges a write while an fsync keeps it from the file. */
const BASE = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
export const DIRECTORY = mkdtempSync(join(BASE, 'callmask-faults-'))

const children = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL')
  if (!process.env.FAULT_KEEP) rmSync(DIRECTORY, { recursive: true, force: true })
})

interface RunOptions {
  readonly environment?: NodeJS.ProcessEnv
  /** A file for its output; else a pipe. */
  readonly output?: string
}

function run(command: string, args: readonly string[], { environment, output }: RunOptions): ChildProcess {
  const file = output === undefined ? undefined : openSync(output, 'a')
  const child = spawn(command, args, {
    cwd: DIRECTORY,
    env: { PATH, ...environment },
    stdio: ['ignore', file ?? 'pipe', file ?? 'inherit'],
  })
  children.add(child)
  child.on('exit', () => children.delete(child))
  return child
}

/** A process that can be killed and started again. */
export interface Service {
  readonly port: number
  /** Changes with each start. */
  readonly pid: number
  signal(signal: NodeJS.Signals): void
  kill(): Promise<void>
  start(): Promise<void>
}

async function startService(port: number, launch: () => Promise<ChildProcess>): Promise<Service> {
  let child = await launch()
  return {
    port,
    get pid() {
      return child.pid ?? 0
    },
    signal: (signal) => void child.kill(signal),
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    },
    async start() {
      child = await launch()
    },
  }
}

/** From where servers connect to each other, which tells them from those whom they serve. */
export const SERVERS_ADDRESS = '127.0.0.2'
/** To whoever comes from another address of the loopback than the usual one. */
const OPEN = ['--protected-mode', 'no']

export interface RedisService extends Service {
  /** Where it keeps its files. */
  readonly directory: string
}

export async function startRedis(port: number, ...options: string[]): Promise<RedisService> {
  const directory = mkdtempSync(join(DIRECTORY, 'redis-'))
  const base = ['--port', String(port), '--bind', '127.0.0.1', '--dir', directory, '--save', '', ...OPEN]
  const service = await startService(port, () =>
    runRedis(
      [...base, '--bind-source-addr', SERVERS_ADDRESS, '--repl-diskless-sync-delay', '0', ...options],
      /Ready to accept connections/i,
    ),
  )
  return Object.assign(service, { directory })
}

/** @param lines of its configuration, to which it adds what it learns */
export async function startSentinel(port: number, lines: readonly string[]): Promise<Service> {
  const directory = mkdtempSync(join(DIRECTORY, 'sentinel-'))
  const file = join(directory, 'sentinel.conf')
  const base = [
    `port ${port}`,
    'bind 127.0.0.1',
    'protected-mode no',
    `bind-source-addr ${SERVERS_ADDRESS}`,
    `dir ${directory}`,
  ]
  await writeFile(file, `${[...base, ...lines].join('\n')}\n`)
  return startService(port, () => runRedis([file, '--sentinel'], /\+monitor master/))
}

async function runRedis(args: readonly string[], ready: RegExp): Promise<ChildProcess> {
  const child = run(process.env.REDIS_SERVER ?? 'redis-server', args, {})
  await new Promise<void>((done, fail) => {
    let seen = ''
    child.stdout?.on('data', (chunk) => {
      seen = (seen + chunk).slice(-10_000)
      if (ready.test(seen)) done()
    })
    child.once('error', fail)
    child.once('exit', () => fail(new Error(`the server did not start:\n${seen}`)))
  })
  return child
}

/** An instance of the service as it is built. */
export function startInstance(
  port: number,
  environment: NodeJS.ProcessEnv,
  output: string,
): Promise<Service> {
  return startService(port, async () => {
    const script = resolve(process.env.FAULT_SERVER ?? 'dist/src/server.js')
    const child = run(process.execPath, [script], {
      environment: { ...environment, HOST: '127.0.0.1', PORT: String(port) },
      output,
    })
    await untilReady(port, child)
    return child
  })
}

/** A load balancer that takes an instance out when two of its checks failed, and never repeats a request. */
export async function startBalancer(port: number, ports: readonly number[]): Promise<void> {
  const file = join(DIRECTORY, 'haproxy.cfg')
  const servers = ports.map((to) => `  server s${to} 127.0.0.1:${to} check inter 500ms fall 2 rise 2`)
  await writeFile(
    file,
    `defaults
  mode http
  timeout connect 1s
  timeout client 10m
  timeout server 30s
  retries 0
  option http-server-close
frontend front
  bind 127.0.0.1:${port}
  default_backend callmask
backend callmask
  balance roundrobin
  option httpchk GET /health/ready
${servers.join('\n')}
`,
  )
  run('haproxy', ['-db', '-q', '-f', file], { output: join(DIRECTORY, 'haproxy.log') })
  await untilReady(port)
}

async function untilReady(port: number, child?: ChildProcess): Promise<void> {
  const limit = AbortSignal.timeout(START_LIMIT_MS)
  while (!limit.aborted && typeof child?.exitCode !== 'number') {
    const reply = await request({ port, method: 'GET', path: '/health/ready' })
    if (reply.status === 200) return
    await sleep(50)
  }
  throw new Error(`nothing answers on port ${port}`)
}
