import { andThen } from '../maybe-promise.js'
import { readBook } from './book.js'
import { bookKey, recordKey } from './keys.js'
import { isOpen, type ReadRecord, readRecord, type SessionRecord } from './record.js'
import { endOf, legFrom, type Side } from './session.js'
import type { FoundLeg, Lookup } from './session-store.js'
import type { Storage } from './storage.js'

export interface LookupOptions {
  readonly storage: Storage
  /** Milliseconds for which a number rests for a person after a leg on it ended. */
  readonly restMs: number
}

/** Finds the leg of a call: one read of the caller's book, and one of the record that it leads to. */
export function createLookup({ storage, restMs }: LookupOptions): Lookup {
  return {
    findLeg(callers, dialled) {
      return andThen(storage.read(callers.map(bookKey)), (books) => {
        const held = books.flatMap((kept, i) => {
          const leg = readBook(kept).find(({ maskingNumber }) => maskingNumber === dialled)
          return leg ? [{ caller: callers[i] as string, sessionId: leg.sessionId }] : []
        })
        if (held.length === 0) return undefined
        return andThen(storage.read(held.map(({ sessionId }) => recordKey(sessionId))), (records) => {
          const legs = held.map(({ caller, sessionId }, i) =>
            legIn(readRecord(sessionId, records[i]), caller, dialled),
          )
          return legs.find((leg) => leg !== undefined)
        })
      })
    },

    findSession(id) {
      return andThen(storage.read([recordKey(id)]), ([kept]) => {
        const record = readRecord(id, kept)
        return record?.kind === 'session' ? record.session : undefined
      })
    },
  }

  /** The leg of a caller in a session, if it is open or at rest. */
  function legIn(record: ReadRecord, caller: string, dialled: string): FoundLeg | undefined {
    if (record?.kind !== 'session') return undefined
    const side = sideOf(record, caller, dialled)
    if (side === undefined) return undefined
    const { session } = record
    const leg = legFrom(side, session)
    if (isOpen(record, storage.now())) return { kind: 'open', leg }
    return storage.now() < endOf(session) + restMs ? { kind: 'ended', leg } : undefined
  }
}

/** On which side of a session a person dials a masking number. */
export function sideOf({ session }: SessionRecord, person: string, maskingNumber: string): Side | undefined {
  const side = session.participants.findIndex(
    (participant) => participant.number === person && participant.maskingNumber === maskingNumber,
  )
  return side === -1 ? undefined : (side as Side)
}
