import { randomInt } from 'node:crypto'
import { untilUnchanged } from './attempts.js'
import { ABANDONED_MS, abort } from './books.js'
import { namedPinKey, pinKey, recordKey } from './keys.js'
import { isOpen, readRecord } from './record.js'
import type { Session, SessionParticipant, Side, Sides } from './session.js'
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
   * New PINs for these sides of a session, kept until then at least. Until its record names them, they open nothing. Where almost
   * all are taken on the masking number of a side, that side is named in their place.
   */
  drawFor(session: PinSession, sides: readonly Side[], until: number): Promise<DrawnPins | Lacking>
  /** Frees PINs that are not to open a session, by their names. */
  release(sessionId: string, names: readonly string[]): Promise<void>
  /** Keeps the PINs of a session until then, and puts back those that were lost. */
  keep(session: Session, until: number): Promise<void>
}

/** What has to be known of a session, which may not be there yet. */
export interface PinSession {
  readonly id: string
  readonly participants: Sides<Pick<SessionParticipant, 'maskingNumber'>>
}

/** By the side; undefined where none was asked for. */
export type DrawnPins = Sides<DrawnPin | undefined>

export interface Lacking {
  readonly lacking: Side
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
  const digits = length ?? 0

  return {
    areOn: length !== undefined,

    async drawFor(session, sides, until) {
      const drawn: [DrawnPin | undefined, DrawnPin | undefined] = [undefined, undefined]
      for (const side of sides) {
        const { maskingNumber } = session.participants[side]
        drawn[side] = await draw(maskingNumber, { sessionId: session.id, side, until })
        if (drawn[side]) continue
        await release(session.id, namesOf(drawn))
        return { lacking: side }
      }
      return drawn
    },

    release,

    async keep({ id, participants }, until) {
      for (const side of [0, 1] as const) {
        const { pin } = participants[side]
        if (pin !== undefined)
          await untilUnchanged(() => tryToKeep(namedPinKey(pin), { sessionId: id, side, until }))
      }
    },
  }

  async function draw(maskingNumber: string, belonging: Belonging): Promise<DrawnPin | undefined> {
    for (let times = 1; times <= MAX_DRAWS; times += 1) {
      const pin = String(random(10 ** digits)).padStart(digits, '0')
      const key = pinKey(maskingNumber, pin)
      if (await take(key, belonging)) return { pin, name: await storage.nameOf(key) }
    }
    return undefined
  }

  async function release(sessionId: string, names: readonly string[]): Promise<void> {
    for (const key of names.map(namedPinKey)) {
      const [was] = await storage.read([key])
      if (ownerIn(was)?.sessionId === sessionId) await storage.swap({ key, was, value: undefined, until: 0 })
    }
  }

  /** Whoever is faster has it. */
  async function take(key: Key, { sessionId, side, until }: Belonging): Promise<boolean> {
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

export function namesOf(drawn: DrawnPins): string[] {
  return drawn.flatMap((one) => (one ? one.name : []))
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
