import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePorts } from './ports.js'

/** Where haproxy is, when not in the `PATH`: many systems keep it from users. */
const PATH = `${process.env.PATH}:/usr/sbin`

const isThere = spawnSync('haproxy', ['-v'], { env: { PATH } }).status === 0

/** Options of a test that needs haproxy: skipped by name where there is none. */
export const withHaproxy = { skip: isThere ? false : 'for want of haproxy' }

/** A haproxy on the configuration that we ship. */
export interface TestHaproxy {
  readonly port: number
  stop(): Promise<void>
}

/** What haproxy says of a configuration; empty where it has nothing to say. */
export function checkConfiguration(text: string): string {
  return inFile(text, (file) => {
    const { status, stderr } = spawnSync('haproxy', ['-c', '-f', file], { env: { PATH }, encoding: 'utf8' })
    const said = stderr.split('\n').filter((line) => /\[(WARNING|ALERT)\]/.test(line))
    return [...said, ...(status === 0 ? [] : [`it ended with ${status}`])].join('\n')
  })
}

/** `deploy/haproxy.cfg` in front of one instance on this machine. Throws where what it changes is not there. */
export function shippedConfiguration(port: number, instance: number): string {
  const changes = [
    [/^ {2}bind :8001$/m, `  bind 127.0.0.1:${port}`],
    [/ resolvers docker init-addr libc,none$/m, ''],
    [/^ {2}server a callmask-a:8001$/m, `  server a 127.0.0.1:${instance}`],
    [/^ {2}server b callmask-b:8001\n/m, ''],
  ] as const
  let text = readFileSync('deploy/haproxy.cfg', 'utf8')
  for (const [from, to] of changes) {
    if (!from.test(text)) throw new Error(`deploy/haproxy.cfg has no ${from}`)
    text = text.replace(from, to)
  }
  return text
}

/** Starts it, with what an operator may set, and waits until the instance behind it answers. */
export async function startHaproxy(
  instance: number,
  environment: { readonly KNOWN_SOURCES: string; readonly FRONT_PROXIES?: string },
  adapt: (configuration: string) => string = (text) => text,
): Promise<TestHaproxy> {
  const [port = 0] = await freePorts(1)
  const folder = mkdtempSync(join(tmpdir(), 'callmask-haproxy-'))
  const file = join(folder, 'haproxy.cfg')
  writeFileSync(file, adapt(shippedConfiguration(port, instance)))
  const child = spawn('haproxy', ['-db', '-q', '-f', file], {
    env: { PATH, ...environment },
    stdio: 'ignore',
  })
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  const stop = async () => {
    await ended(child)
    process.off('exit', kill)
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    while ((await statusOf(port)) !== 200) {
      if (child.exitCode !== null) throw new Error(`haproxy ended with ${child.exitCode}`)
      await sleep(20)
    }
  } catch (error) {
    await stop()
    throw error
  }
  return { port, stop }
}

function inFile<T>(text: string, use: (file: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'callmask-haproxy-'))
  try {
    const file = join(folder, 'haproxy.cfg')
    writeFileSync(file, text)
    return use(file)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGKILL')
  await exit
}

/** The status with which `/health` is answered to somebody at an address of the loopback; 0 where it is not. */
export function statusOf(
  port: number,
  {
    localAddress = '127.0.0.2',
    headers = {},
  }: { localAddress?: string; headers?: Record<string, string> } = {},
): Promise<number> {
  return new Promise((resolve) => {
    const request = get(
      { host: '127.0.0.1', port, path: '/health', localAddress, headers, agent: false },
      (reply) => {
        reply.resume()
        resolve(reply.statusCode ?? 0)
      },
    )
    request.on('error', () => resolve(0))
  })
}
