import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync, readFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** A server in a process of its own that can be asked for its CPU time. Its output goes to a file, as in production. */
export interface MeasuredProcess {
  readonly url: string
  /** CPU time used so far, user and system, in microseconds, by the process's own accounting. */
  cpuMicros(): Promise<number>
  stop(): Promise<void>
}

/** Starts a script that prints the loopback URL on which it listens. */
export async function startMeasured(
  script: string,
  environment: NodeJS.ProcessEnv,
): Promise<MeasuredProcess> {
  const output = join(await mkdtemp(join(tmpdir(), 'callmask-bench-')), 'output')
  const child = spawn(process.execPath, ['--import', './bench/report-cpu.mjs', script], {
    env: { PATH: process.env.PATH, NODE_ENV: 'production', ...environment },
    stdio: ['ignore', openSync(output, 'w'), 'inherit', 'ipc'],
  })
  const url = await listeningUrl(output).catch((error) => {
    child.kill('SIGKILL')
    throw error
  })
  return {
    url,
    async cpuMicros() {
      child.send('cpu')
      const [micros] = await once(child, 'message')
      return micros
    },
    async stop() {
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}

const START_LIMIT_MS = 10_000
const POLL_MS = 50

async function listeningUrl(output: string): Promise<string> {
  for (let waited = 0; waited < START_LIMIT_MS; waited += POLL_MS) {
    const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(readFileSync(output, 'utf8')) ?? []
    if (url) return url
    await sleep(POLL_MS)
  }
  throw new Error(`no server came up:\n${readFileSync(output, 'utf8')}`)
}
