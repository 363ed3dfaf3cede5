import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync, readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { onCores, SERVER_CORE } from './pinning.js'

/** A server in a process of its own, on the core of the servers. Its output goes to a file, as in production. */
export interface MeasuredProcess {
  readonly url: string
  /** Where it runs, until it is stopped: away from an `.env` that could change what it does. */
  readonly directory: string
  /** CPU time that all its threads have used so far, in microseconds, by the accounting of the kernel. */
  cpuMicros(): number
  stop(): Promise<void>
}

interface StartOptions {
  /** For Node. */
  readonly flags?: readonly string[]
  readonly limitMs?: number
  /** Where it is held. */
  readonly cores?: string
}

const START_LIMIT_MS = 20_000
const POLL_MS = 50
const NANOS_PER_MICRO = 1_000

/** Starts a script of Node that prints the loopback URL on which it listens. */
export function startMeasured(
  script: string,
  environment: NodeJS.ProcessEnv,
  { flags = [], ...options }: StartOptions = {},
): Promise<MeasuredProcess> {
  const preload = new URL('end-with-bench.mjs', import.meta.url).href
  const command = [process.execPath, ...flags, '--import', preload, resolve(script)]
  return startCommand(command, { NODE_ENV: 'production', ...environment }, options)
}

/** Starts any command that does the same. */
export async function startCommand(
  command: readonly string[],
  environment: NodeJS.ProcessEnv,
  { limitMs = START_LIMIT_MS, cores = SERVER_CORE }: Omit<StartOptions, 'flags'> = {},
): Promise<MeasuredProcess> {
  const directory = await mkdtemp(join(tmpdir(), 'callmask-bench-'))
  const output = join(directory, 'output')
  const [program, ...args] = onCores(cores, command)
  const child = spawn(program, args, {
    cwd: directory,
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', openSync(output, 'w'), 'inherit', 'ipc'],
  })
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  return {
    url: await listeningUrl(output, limitMs),
    directory,
    cpuMicros: () => cpuMicrosOf(child),
    async stop() {
      process.off('exit', kill)
      child.kill('SIGTERM')
      await once(child, 'exit')
      await rm(directory, { recursive: true })
    },
  }
}

function cpuMicrosOf({ pid }: ChildProcess): number {
  const threads = readdirSync(`/proc/${pid}/task`)
  const nanos = threads.map((thread) =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]),
  )
  return nanos.reduce((sum, one) => sum + one, 0) / NANOS_PER_MICRO
}

async function listeningUrl(output: string, limitMs: number): Promise<string> {
  for (let waited = 0; waited < limitMs; waited += POLL_MS) {
    const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(readFileSync(output, 'utf8')) ?? []
    if (url) return url
    await sleep(POLL_MS)
  }
  throw new Error(`no server came up:\n${readFileSync(output, 'utf8')}`)
}
