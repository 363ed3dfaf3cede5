import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startStoreServer } from './store-server.js'

/** A store for one run of the bench. */
export interface BenchStore {
  /** The settings of an instance that uses it. */
  readonly settings: NodeJS.ProcessEnv
  stop(): Promise<void>
}

export const STORE_KEY = Buffer.alloc(32, 'a key of the bench').toString('base64')

/** In the memory of the instance. */
export const MEMORY: BenchStore = { settings: {}, stop: async () => undefined }

/** In a folder. Sealed, like the shared one. */
export async function makeFolder(): Promise<BenchStore> {
  const folder = await mkdtemp(join(tmpdir(), 'callmask-bench-store-'))
  return {
    settings: { STORE_URL: `file:${folder}/store`, STORE_KEY },
    stop: () => rm(folder, { recursive: true }),
  }
}

/** On a server; undefined, and said so, where none is installed. */
export async function startRedis(): Promise<BenchStore | undefined> {
  const server = await startStoreServer()
  if (!server) {
    console.error('LEFT OUT: what needs Redis, for want of redis-server or valkey-server')
    return undefined
  }
  return { settings: { STORE_URL: server.url, STORE_KEY }, stop: server.stop }
}
