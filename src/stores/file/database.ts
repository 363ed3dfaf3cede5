import { open, type RootDatabase } from 'lmdb'
import type { FileKey } from './layout.js'

export type Database = RootDatabase<string, FileKey>

/**
 * Address space that is taken for the file, in bytes, whatever its size. The file may outgrow it, but then it is mapped anew
 * while it is read.
 */
const MAP_BYTES = 16 * 2 ** 30

const OPTIONS = {
  encoding: 'string',
  // Else a folder with a dot in its name is taken for a file.
  noSubdir: false,
  mapSize: MAP_BYTES,
  // A transaction that is committed is on disk: the default of lmdb would let it be flushed later.
  overlappingSync: false,
  permissionsMode: 0o600,
} as const

/** Opens the file for the one thread that writes; it is made where there is none. */
export function openToWrite(folder: string): Database {
  return open<string, FileKey>(folder, OPTIONS)
}

/** Opens the file that this process writes in another thread. */
export function openToRead(folder: string): Database {
  return open<string, FileKey>(folder, { ...OPTIONS, readOnly: true })
}
