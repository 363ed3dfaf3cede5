import { closeSync, existsSync, fsyncSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { StoreFolderError } from './folder-error.js'

/** What lmdb begins its file with, in the byte order of the machine, behind the header of the first page. */
const MAGIC = 0xbeefc0de
const MAGIC_OFFSET = 24

/** Much more than a database needs at first, in bytes. */
const ROOM = 2 ** 20

/**
 * Throws when the database in a folder could not be opened: lmdb would end the process without a word where the file is none of
 * its own, or the disk is full when it is made.
 */
export function checkFiles(folder: string): void {
  const [data, lock] = [join(folder, 'data.mdb'), join(folder, 'lock.mdb')]
  if (existsSync(lock)) closeSync(openSync(lock, 'r+'))
  const bytes = existsSync(data) ? beginning(data) : Buffer.alloc(0)
  if (bytes.length === 0) tryToWrite(join(folder, 'trial'))
  else if (!isDatabase(bytes)) throw new StoreFolderError(`${data} (STORE_URL) is damaged, or is no store.`)
}

function isDatabase(bytes: Buffer): boolean {
  if (bytes.length < MAGIC_OFFSET + 4) return false
  return new Uint32Array(Uint8Array.from(bytes).buffer, MAGIC_OFFSET, 1)[0] === MAGIC
}

function beginning(file: string): Buffer {
  const descriptor = openSync(file, 'r+')
  const bytes = Buffer.alloc(64)
  const length = readSync(descriptor, bytes)
  closeSync(descriptor)
  return bytes.subarray(0, length)
}

function tryToWrite(file: string): void {
  const descriptor = openSync(file, 'w')
  try {
    writeFileSync(descriptor, Buffer.alloc(ROOM))
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
    rmSync(file)
  }
}
