import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { request } from '../faults/http.js'
import { freePorts } from '../test/ports.js'

export const API_KEY = 'a-key-of-the-abuse-tests-00'

const ENVIRONMENT = {
  M1: '919000000001',
  M2: '919000000002',
  FE: '918888800001',
  CUSTOMER: '918888800002',
  MASKING_NUMBERS: '919000000011,919000000012,919000000013',
  API_KEYS: API_KEY,
  API_RATE: '10000',
  NODE_ENV: 'production',
  HOST: '127.0.0.1',
  DRAIN_DELAY: '0',
}
const START_LIMIT_MS = 20_000

const children = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL')
})

/** Sees to it that a process does not outlive this one. */
export function endsWithUs(child: ChildProcess): void {
  children.add(child)
  child.on('exit', () => children.delete(child))
}

/** The built service, as an attacker finds it. */
export interface Service {
  readonly port: number
  /** Megabytes of memory. */
  megabytes(): number
  /** Open descriptors. */
  descriptors(): number
  /** Bytes of log that were read so far. */
  logged(): number
  stop(): Promise<void>
}

/** @param log whether somebody reads the standard output of the service */
export async function startService(
  environment: Readonly<Record<string, string>> = {},
  log: 'read' | 'unread' = 'read',
): Promise<Service> {
  const [port = 0] = await freePorts(1)
  const child = spawn(process.execPath, ['dist/src/server.js'], {
    env: {
      PATH: process.env.PATH,
      ...ENVIRONMENT,
      WEBHOOK_AUTH: 'optional',
      ...environment,
      PORT: String(port),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  endsWithUs(child)
  let bytes = 0
  if (log === 'read')
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length
    })
  await untilReady(port)
  return {
    port,
    megabytes: () =>
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1024,
    descriptors: () => readdirSync(`/proc/${child.pid}/fd`).length,
    logged: () => bytes,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`the service ended by itself: ${child.exitCode ?? child.signalCode}`)
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    },
  }
}

async function untilReady(port: number): Promise<void> {
  const limit = AbortSignal.timeout(START_LIMIT_MS)
  while (!limit.aborted) {
    if ((await request({ port, method: 'GET', path: '/health/ready' })).status === 200) return
    await sleep(50)
  }
  throw new Error(`nothing answers on port ${port}`)
}

/** Runs something again and again, until the function that it returns is awaited. */
export function meanwhile(ms: number, run: () => Promise<unknown> | unknown): () => Promise<void> {
  let goesOn = true
  const done = (async () => {
    while (goesOn) {
      await run()
      await sleep(ms)
    }
  })()
  return async () => {
    goesOn = false
    await done
  }
}
