import { bookKey, recordKey, SESSION_ENDS, SESSIONS_TO_TELL } from './keys.js'
import { pinKeysOf } from './pins.js'
import { readRecord, type SessionRecord } from './record.js'
import { numbersOf } from './session.js'
import { UnreadableSessionError } from './session-store.js'
import type { Key, Storage, Unreadable } from './storage.js'

/** Changes that were acknowledged and that the loss of a server could still undo. */
export interface Unconfirmed {
  /** Whether a change survives the loss of a server. If not, it is remembered, to be confirmed later. */
  confirm(record: SessionRecord, more?: readonly Key[]): Promise<boolean>
  /** The same for the end of a session that cannot be read: it is written again by this function. */
  confirmEnd(id: string, again: () => Promise<unknown>): Promise<boolean>
  /** How many changes are remembered: those of this instance that may still be lost. */
  readonly count: number
  /** Confirms what can be confirmed, and writes again what was lost with a server: a bounded piece of it. */
  upkeep(): Promise<void>
}

export interface UnconfirmedOptions {
  readonly storage: Storage
  /** Writes a record again, and the legs that lead to it. */
  readonly restore: (record: SessionRecord) => Promise<unknown>
  readonly onUnreadable: (reason: Unreadable) => void
}

/** How many changes an instance remembers, and how many of them each upkeep looks at. */
const MAX_PENDING = 10_000
const UPKEEP_STEP = 100

interface Pending {
  readonly keys: readonly Key[]
  /** Writes again what is not there any more. */
  readonly uphold: () => Promise<unknown>
}

export function createUnconfirmed({ storage, restore, onUnreadable }: UnconfirmedOptions): Unconfirmed {
  const pending = new Map<string, Pending>()

  return {
    confirm: (record, more = []) =>
      confirmOrRemember(record.session.id, {
        keys: [...keysOf(record), ...more],
        uphold: () => uphold(record),
      }),

    confirmEnd: (id, again) => confirmOrRemember(id, { keys: [recordKey(id)], uphold: again }),

    get count() {
      return pending.size
    },

    async upkeep() {
      const [first] = pending.values()
      if (!first) return
      // Without a replica nothing can be confirmed: one question says so for all. A server may have been lost all the same.
      const mayBeSafe = await storage.confirm(first.keys)
      for (const [id, change] of [...pending].slice(0, UPKEEP_STEP)) {
        await change.uphold().catch(passOver)
        if (mayBeSafe && (await storage.confirm(change.keys))) forget(id, change)
        else putOff(id, change)
      }
    },
  }

  async function confirmOrRemember(id: string, change: Pending): Promise<boolean> {
    pending.delete(id)
    const isConfirmed = await storage.confirm(change.keys)
    if (!isConfirmed && pending.size < MAX_PENDING) pending.set(id, change)
    return isConfirmed
  }

  function forget(id: string, change: Pending): void {
    if (pending.get(id) === change) pending.delete(id)
  }

  /** Until all others had their turn. */
  function putOff(id: string, change: Pending): void {
    if (pending.get(id) !== change) return
    pending.delete(id)
    pending.set(id, change)
  }

  async function uphold(record: SessionRecord): Promise<unknown> {
    const { id } = record.session
    const [kept] = await storage.read([recordKey(id)])
    const there = readRecord(id, kept)
    if (there && there.kind !== 'session') return undefined
    return restore(there && there.version > record.version ? there : record)
  }

  function passOver(error: unknown): void {
    if (!(error instanceof UnreadableSessionError)) throw error
    onUnreadable(error.reason)
  }
}

/** The record, the books of the two, and their PINs; and what leads to what is to be told of it. */
function keysOf({ session, telling }: SessionRecord): Key[] {
  const { id, participants } = session
  return [
    recordKey(id),
    ...participants.flatMap(numbersOf).map(bookKey),
    ...pinKeysOf(session),
    ...(telling ? [SESSIONS_TO_TELL, SESSION_ENDS] : []),
  ]
}
