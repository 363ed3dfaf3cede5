import { type Books, createBooks } from './books.js'
import { createChanging } from './change-session.js'
import { type Claims, createClaims } from './claims.js'
import { createClosing } from './close-session.js'
import { createGate } from './gate.js'
import { createOpening } from './open-session.js'
import type { FixedLeg } from './pair.js'
import { createPins, type Pins } from './pins.js'
import { createRecords, type Records } from './records.js'
import { createRemembering } from './remember-phone.js'
import { createReservations, type Reservations } from './reservations.js'
import { createRestoring } from './restore-session.js'
import { type Memory, rememberedUntil as rememberedUntilBy } from './session.js'
import { createSessionEnds, noEnds, type SessionEnds } from './session-ends.js'
import { createSessionLists, type SessionLists } from './session-lists.js'
import type { Sessions } from './session-store.js'
import type { Storage, Unreadable } from './storage.js'
import type { ToTell } from './to-tell.js'
import { createUnconfirmed, type Unconfirmed } from './unconfirmed.js'

export interface SessionsOptions extends Memory {
  readonly storage: Storage
  /** The masking numbers that may be given now, whole. */
  readonly activeNumbers: () => Promise<readonly string[]>
  /** Legs that hold their numbers for ever. */
  readonly fixed: readonly FixedLeg[]
  /** Digits of the PINs that participants get; undefined: they get none. */
  readonly pinLength?: number | undefined
  /** Told of each record or book that is passed over because it cannot be read. */
  readonly onUnreadable: (reason: Unreadable) => void
  /** How sessions are told of; undefined where nobody is told. */
  readonly tells?: { readonly toTell: ToTell; readonly nearMs: number } | undefined
}

/** What opening, changing and closing are made of. */
export interface SessionParts {
  readonly storage: Storage
  readonly restMs: number
  /** Until when a session or a leg that ended is remembered. */
  readonly rememberedUntil: (endedAt: number) => number
  readonly records: Records
  readonly lists: SessionLists
  readonly books: Books
  readonly claims: Claims
  readonly reservations: Reservations
  readonly pins: Pins
  readonly unconfirmed: Unconfirmed
  readonly ends: SessionEnds
}

/** How many sessions an instance opens or changes at once, so that calls do not wait behind a crowd of them. */
const CONCURRENT_WRITES = 16

/**
 * Sessions, over any storage. A session is its record; a person's book only leads to it. A session is opened by claiming a
 * number in each book and then writing the record, and ended by one write to the record. Whatever a crash leaves leads nowhere,
 * and is put right when the number is needed.
 */
export function createSessions(options: SessionsOptions): Sessions {
  const { storage, activeNumbers, restMs, fixed, onUnreadable } = options
  const rememberedUntil = (endedAt: number) => rememberedUntilBy(endedAt, options)
  const records = createRecords({ storage, rememberedUntil, toTell: options.tells?.toTell })
  const lists = createSessionLists({ storage, records, rememberedUntil, onUnreadable })
  const books = createBooks({ storage, rememberedUntil, fixed, onUnreadable })
  const claims = createClaims({ storage, books, lists, rememberedUntil })
  const reservations = createReservations({ storage, records, rememberedUntil })
  const pins = createPins({ storage, length: options.pinLength })
  const ends = options.tells ? createSessionEnds({ storage, records, nearMs: options.tells.nearMs }) : noEnds
  const restore = createRestoring({ storage, records, claims, pins, ends, rememberedUntil })
  const unconfirmed = createUnconfirmed({ storage, restore, onUnreadable })
  const parts = {
    storage,
    restMs,
    rememberedUntil,
    records,
    lists,
    books,
    claims,
    reservations,
    pins,
    unconfirmed,
    ends,
  }
  const open = createOpening({ ...parts, activeNumbers })
  const change = createChanging(parts)
  const close = createClosing(parts)
  const remember = createRemembering(parts)
  const gate = createGate(CONCURRENT_WRITES)

  return {
    create: (draft) => gate(() => open(draft)),
    async find(id) {
      const { record } = await records.find(id)
      return record?.session
    },
    list: lists.page,
    change: (id, changes) => gate(() => change(id, changes)),
    close: (id) => close(id),
    closeOf: close,
    remember: (id, side, phone) => gate(() => remember(id, side, phone)),
    now: () => storage.now(),
    unconfirmed: () => unconfirmed.count,
    async upkeep() {
      // First, because a store that is down may need it to be there again for the others.
      await storage.upkeep()
      await unconfirmed.upkeep()
      await lists.sweep()
      await ends.upkeep()
    },
  }
}
