import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** A server in a process of its own that can be asked for its CPU time. Its output goes to a file, as in production. */
export interface MeasuredProcess {
  readonly url: string
  /** Where it runs, until it is stopped: away from an `.env` that could change what it does. */
  readonly directory: string
  /** CPU time used so far, user and system, in microseconds, by the process's own accounting. */
  cpuMicros(): Promise<number>
  stop(): Promise<void>
}

interface StartOptions {
  /** For Node. */
  readonly flags?: readonly string[]
  readonly limitMs?: number
}

const START_LIMIT_MS = 10_000
const POLL_MS = 50

/** Starts a script that prints the loopback URL on which it listens. */
export async function startMeasured(
  script: string,
  environment: NodeJS.ProcessEnv,
  { flags = [], limitMs = START_LIMIT_MS }: StartOptions = {},
): Promise<MeasuredProcess> {
  const directory = await mkdtemp(join(tmpdir(), 'callmask-bench-'))
  const output = join(directory, 'output')
  const preload = new URL('report-cpu.mjs', import.meta.url).href
  const child = spawn(process.execPath, [...flags, '--import', preload, resolve(script)], {
    cwd: directory,
    env: { PATH: process.env.PATH, NODE_ENV: 'production', ...environment },
    stdio: ['ignore', openSync(output, 'w'), 'inherit', 'ipc'],
  })
  const url = await listeningUrl(output, limitMs).catch((error) => {
    child.kill('SIGKILL')
    throw error
  })
  return {
    url,
    directory,
    async cpuMicros() {
      child.send('cpu')
      const [micros] = await once(child, 'message')
      return micros
    },
    async stop() {
      child.kill('SIGTERM')
      await once(child, 'exit')
      await rm(directory, { recursive: true })
    },
  }
}

async function listeningUrl(output: string, limitMs: number): Promise<string> {
  for (let waited = 0; waited < limitMs; waited += POLL_MS) {
    const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(readFileSync(output, 'utf8')) ?? []
    if (url) return url
    await sleep(POLL_MS)
  }
  throw new Error(`no server came up:\n${readFileSync(output, 'utf8')}`)
}
