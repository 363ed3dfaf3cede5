import { randomBytes } from 'node:crypto'
import { linkSync, readdirSync, rmSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { StoreFolderError } from './folder-error.js'

/** The path of a socket has 103 bytes at most. Of a longer one the end is cut off without a word. */
const MAX_PATH_BYTES = 80

/** A folder that no other process has. */
export interface Ownership {
  /** Gives the folder up. */
  release(): Promise<void>
}

/**
 * Takes a folder for this process. Rejects with a `StoreFolderError` when another process has it.
 *
 * Whoever has the folder listens at a socket in it. The kernel ends that with the process, however it dies; and other than a
 * process id or an abstract socket, it is seen from another container that mounts the same volume. What is left of it is a file
 * at which nobody listens.
 *
 * The sockets are numbered: `owner.1`, `owner.2`, and so on. The highest one counts, and is never removed. When nobody listens
 * there, whoever is the first to put their own socket at the next number has the folder: making a hard link fails where there is
 * a file. A process that was held up, and puts its socket at a number that has been removed since, sees a higher one.
 */
export async function takeFolder(folder: string): Promise<Ownership> {
  if (Buffer.byteLength(folder) > MAX_PATH_BYTES) {
    throw new StoreFolderError(
      `The path of the folder (STORE_URL) is too long: ${MAX_PATH_BYTES} bytes at most.`,
    )
  }
  const own = join(folder, `starting.${randomBytes(6).toString('hex')}`)
  const server = await listen(own)
  try {
    await claim(folder, own)
  } catch (error) {
    server.close()
    throw error
  } finally {
    rmSync(own, { force: true })
  }
  return { release: () => new Promise((resolve) => server.close(() => resolve())) }
}

async function claim(folder: string, own: string): Promise<void> {
  for (;;) {
    const highest = Math.max(0, ...numbers(folder))
    if (highest > 0 && (await isListening(socketOf(folder, highest)))) {
      throw new StoreFolderError(
        `Another callmask has ${folder} open: one process uses a folder. End it first, or give this one a folder of its own (STORE_URL).`,
      )
    }
    if (!link(own, socketOf(folder, highest + 1))) continue
    if (Math.max(...numbers(folder)) === highest + 1) return removeBelow(folder, highest + 1)
    rmSync(socketOf(folder, highest + 1), { force: true })
  }
}

function socketOf(folder: string, number: number): string {
  return join(folder, `owner.${number}`)
}

function numbers(folder: string): number[] {
  return readdirSync(folder)
    .flatMap((file) => /^owner\.(\d+)$/.exec(file)?.[1] ?? [])
    .map(Number)
}

/** False where a file is. */
function link(own: string, name: string): boolean {
  try {
    linkSync(own, name)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

function removeBelow(folder: string, number: number): void {
  for (const lower of numbers(folder).filter((one) => one < number))
    rmSync(socketOf(folder, lower), { force: true })
}

function listen(path: string): Promise<Server> {
  const server = createServer((socket) => socket.destroy()).unref()
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => resolve(server))
  })
}

/** Whether a process listens there. When in doubt, one does. */
function isListening(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', ({ code }: NodeJS.ErrnoException) => {
      resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT')
    })
  })
}
