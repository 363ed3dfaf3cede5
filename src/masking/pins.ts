import { randomInt } from 'node:crypto'
import { untilUnchanged } from './attempts.js'
import { ABANDONED_MS, abort } from './books.js'
import { namedPinKey, pinKey, recordKey } from './keys.js'
import { isOpen, readRecord } from './record.js'
import type { Session, Side } from './session.js'
import type { Kept, Key, Storage } from './storage.js'

/** Digits of a PIN, at least and at most. */
export const MIN_PIN_LENGTH = 4
export const MAX_PIN_LENGTH = 8

/**
 * How many PINs are drawn for one participant at most. Where all of them are taken, so many sessions are open on that masking number
 * that their PINs would protect nobody.
 */
export const MAX_DRAWS = 20

/**
 * The PINs of sessions. A PIN belongs to at most one open session of a masking number. It is kept nowhere: the key has a name that
 * tells nothing of it, and says to whom it belongs; and it connects only while the record of that session has that name.
 */
export interface Pins {
  /** Whether sessions have PINs. */
  readonly areOn: boolean
  /**
   * A new PIN of a participant, kept until then at least; undefined where none is free. Until a record names it, it opens
   * nothing.
   */
  draw(drawn: Drawing): Promise<DrawnPin | undefined>
  /** Frees PINs that are not to open a session, by their names. */
  release(sessionId: string, names: readonly string[]): Promise<void>
  /** Keeps the PINs of a session until then, and puts back those that were lost. */
  keep(session: Session, until: number): Promise<void>
}

export interface Drawing extends Belonging {
  readonly maskingNumber: string
}

interface Belonging {
  readonly sessionId: string
  readonly side: Side
  /** Milliseconds since 1970. */
  readonly until: number
}

export interface DrawnPin {
  /** To be shown once. */
  readonly pin: string
  readonly name: string
}

/** Whose PIN it is. */
export interface PinOwner {
  readonly sessionId: string
  readonly side: Side
  /** When it was drawn, in milliseconds since 1970. */
  readonly at: number
}

/** As it is written. */
type WrittenOwner = readonly [sessionId: string, side: Side, at: number]

export interface PinsOptions {
  readonly storage: Storage
  /** Digits; undefined: sessions have no PINs. */
  readonly length: number | undefined
  /** A number from 0 up to, and without, this one, which nobody can foresee. */
  readonly random?: (below: number) => number
}

export function createPins({ storage, length, random = (below) => randomInt(below) }: PinsOptions): Pins {
  return {
    areOn: length !== undefined,

    async draw(drawing) {
      if (length === undefined) return undefined
      for (let draw = 1; draw <= MAX_DRAWS; draw += 1) {
        const pin = String(random(10 ** length)).padStart(length, '0')
        if (await take(pinKey(drawing.maskingNumber, pin), drawing))
          return { pin, name: await storage.nameOf(pinKey(drawing.maskingNumber, pin)) }
      }
      return undefined
    },

    async release(sessionId, names) {
      for (const key of names.map(namedPinKey)) {
        const [was] = await storage.read([key])
        if (ownerIn(was)?.sessionId === sessionId)
          await storage.swap({ key, was, value: undefined, until: 0 })
      }
    },

    async keep({ id, participants }, until) {
      for (const side of [0, 1] as const) {
        const { pin } = participants[side]
        if (pin !== undefined)
          await untilUnchanged(() => tryToKeep(namedPinKey(pin), { sessionId: id, side, until }))
      }
    },
  }

  /** Whoever is faster has it. */
  async function take(key: Key, { sessionId, side, until }: Drawing): Promise<boolean> {
    const [was] = await storage.read([key])
    if (was && !(await isFree(was, sessionId))) return false
    return storage.swap({ key, was, value: written(sessionId, side), until })
  }

  /** A PIN whose session is over, or was never opened and will never be. */
  async function isFree(was: Kept, sessionId: string): Promise<boolean> {
    const owner = ownerIn(was)
    if (!owner || owner.sessionId === sessionId) return false
    const [kept] = await storage.read([recordKey(owner.sessionId)])
    if (kept?.unreadable) return false
    const record = readRecord(owner.sessionId, kept)
    if (record) return record.kind !== 'session' || !isOpen(record, storage.now())
    return storage.now() >= owner.at + ABANDONED_MS && abort(storage, owner.sessionId)
  }

  async function tryToKeep(key: Key, { sessionId, side, until }: Belonging): Promise<'kept' | 'changed'> {
    const [was] = await storage.read([key])
    // It was free for somebody else only when this session was over.
    if (was && ownerIn(was)?.sessionId !== sessionId) return 'kept'
    const value = was?.value ?? written(sessionId, side)
    return (await storage.swap({ key, was, value, until })) ? 'kept' : 'changed'
  }

  function written(sessionId: string, side: Side): WrittenOwner {
    return [sessionId, side, storage.now()]
  }
}

/** What was read under the key of a PIN. One that cannot be read belongs to nobody, and is given to nobody. */
export function ownerIn(kept: Kept | undefined): PinOwner | undefined {
  if (!kept || kept.unreadable) return undefined
  const [sessionId, side, at] = kept.value as WrittenOwner
  return { sessionId, side, at }
}

/** Under which the PINs of a session are kept. */
export function pinKeysOf({ participants }: Pick<Session, 'participants'>): Key[] {
  return participants.flatMap(({ pin }) => (pin === undefined ? [] : [namedPinKey(pin)]))
}
