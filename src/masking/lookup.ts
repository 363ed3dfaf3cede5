import { andThen } from '../maybe-promise.js'
import { readBook } from './book.js'
import { bookKey, pinKey, recordKey } from './keys.js'
import { ownerIn } from './pins.js'
import { isOpen, type ReadRecord, readRecord, type SessionRecord } from './record.js'
import { endOf, legFrom, numbersOf, type Side } from './session.js'
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

    async findByPin(pin, dialled) {
      const key = pinKey(dialled, pin)
      const name = await storage.nameOf(key)
      const [owned] = await storage.read([key])
      const { sessionId, side } = ownerIn(owned) ?? NOBODY
      const [kept] = await storage.read([recordKey(sessionId)])
      const record = kept?.unreadable ? undefined : readRecord(sessionId, kept)
      if (record?.kind !== 'session' || !isOpen(record, storage.now())) return undefined
      const { session } = record
      // Only what the record names holds: the key may be left of a request that failed, or of somebody who was replaced.
      if (session.participants[side].pin !== name) return undefined
      const { needsPin: _, ...leg } = legFrom(side, session)
      return leg
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

/** As long as the id of a session, and never one. */
const NOBODY = { sessionId: 's_AAAAAAAAAAAAAAAAAAAAAA', side: 0 } as const

/** On which side of a session a person dials a masking number. */
export function sideOf({ session }: SessionRecord, person: string, maskingNumber: string): Side | undefined {
  const side = session.participants.findIndex(
    (participant) => participant.maskingNumber === maskingNumber && numbersOf(participant).includes(person),
  )
  return side === -1 ? undefined : (side as Side)
}
