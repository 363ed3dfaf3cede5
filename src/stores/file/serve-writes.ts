import { statfsSync } from 'node:fs'
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads'
import { type Database, openToWrite } from './database.js'
import { moveOlderEntries } from './older-layout.js'
import { passGate, type TransactionGate } from './transaction-gate.js'
import { createWriter, type WriteBatch, type Writer } from './writer.js'

/** What the thread that writes says: that it is ready, then what became of batches, in the order in which they came. */
export type Told = Ready | Done | Failed

interface Ready {
  readonly told: 'ready'
  /** The highest time that was written, milliseconds since 1970. */
  readonly clock: number
}

interface Done {
  readonly told: 'done'
  readonly results: readonly (readonly boolean[])[]
}

interface Failed {
  readonly told: 'failed'
  readonly why: string
  readonly batches: number
}

/** What is asked of it. */
export type Asked = WriteBatch | 'close'

/** Bytes. */
const LITTLE_ROOM = 2 ** 20

/** What it works on. */
export interface Served {
  readonly folder: string
  readonly gate: TransactionGate
}

/** Writes what comes in until it is asked to close: all that came in meanwhile in one transaction. */
export function serveWrites(port: MessagePort, { folder, gate }: Served): void {
  const db = openToWrite(folder)
  moveOlderEntries(db)
  const writer = createWriter(db)

  port.on('message', (first: Asked) => {
    const asked = [first, ...waiting(port)]
    const batches = asked.filter((one) => one !== 'close')
    const told = batches.length > 0 && passGate(gate, () => write(db, writer, batches, folder))
    if (told) tell(told)
    if (batches.length === asked.length) return
    void db.close()
    port.close()
  })
  tell({ told: 'ready', clock: writer.clock })

  function tell(told: Told): void {
    port.postMessage(told)
  }
}

function waiting(port: MessagePort): Asked[] {
  const all: Asked[] = []
  for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) all.push(next.message)
  return all
}

/** Of batches that fail nothing is written. An error that is thrown means that the database must be opened anew. */
export function write(
  db: Pick<Database, 'transactionSync'>,
  writer: Writer,
  batches: readonly WriteBatch[],
  folder: string,
): Told {
  try {
    return { told: 'done', results: writer.write(batches) }
  } catch (error) {
    // A full disk is no harm to the database. Where something is, it takes no transaction any longer, not even an empty one.
    db.transactionSync(() => undefined)
    return { told: 'failed', why: reason(error, folder), batches: batches.length }
  }
}

/** Why nothing was written, for the log. */
function reason(error: unknown, folder: string): string {
  const { bavail, bsize } = statfsSync(folder)
  return reasonOf((error as Error).message, bavail * bsize)
}

/** @param room what is left on the disk, in bytes */
export function reasonOf(message: string, room: number): string {
  // What was to be written may have been more than there is room for.
  if (room < LITTLE_ROOM) return 'the disk is full'
  // Behind a colon, lmdb speaks of what went wrong before.
  return message.replace(/:.*/s, '')
}
