import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePorts } from '../test/ports.js'
import { SERVER } from '../test/redis-server.js'

/** A server of the shared store that keeps nothing on disk. */
export interface StoreServer {
  readonly url: string
  stop(): Promise<void>
}

/** Starts one on a free port of the loopback; undefined where none is installed. */
export async function startStoreServer(): Promise<StoreServer | undefined> {
  if (!SERVER) return undefined
  const [port] = await freePorts(1)
  const dir = await mkdtemp(join(tmpdir(), 'callmask-bench-store-'))
  const options = { port: String(port), bind: '127.0.0.1', dir, save: '', appendonly: 'no' }
  const child = spawn(
    SERVER,
    Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]),
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  // A bench that broke off leaves nothing behind.
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  const ended = once(child, 'exit')
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      if (/Ready to accept connections/i.test(String(chunk))) resolve()
    })
    child.once('exit', () => reject(new Error('the server of the store did not start')))
  })
  return {
    url: `redis://127.0.0.1:${port}`,
    async stop() {
      process.off('exit', kill)
      child.kill('SIGTERM')
      await ended
      await rm(dir, { recursive: true })
    },
  }
}
