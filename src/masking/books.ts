import type { Held } from './allocation.js'
import { type Book, type BookLeg, bookValue, readBook } from './book.js'
import { createInTurn } from './in-turn.js'
import { bookKey, recordKey } from './keys.js'
import { sideOf } from './lookup.js'
import { type FixedLeg, heldForEver } from './pair.js'
import { isOpen, type ReadRecord, readRecord, recordValue, type SessionRecord } from './record.js'
import { endOf, MAX_SESSION_SECONDS, otherSide } from './session.js'
import { type Kept, type Key, type Storage, StoreUnavailableError, type Unreadable } from './storage.js'

/** The books of all people. */
export interface Books {
  /**
   * Changes a person's book by a pure step, which is taken again when somebody else changed the book meanwhile.
   *
   * @param ownSession that is being opened or changed: legs to it are not abandoned, however old they are
   */
  change<Result>(person: string, step: (open: OpenBook) => Step<Result>, ownSession?: string): Promise<Result>
}

/** A person's book, with what its legs lead to. */
export interface OpenBook {
  readonly legs: readonly HeldLeg[]
  /** The numbers that the person holds without a leg in the book. */
  readonly fixed: readonly Held[]
  readonly now: number
}

/** A leg, and what is known of it. While its session is being opened, no end of it is known: it is infinity. */
export interface HeldLeg extends BookLeg, Held {}

/** What a step decides. */
export interface Step<Result> {
  readonly result: Result
  /** What has to be done before the book is written. It may be done more than once. */
  readonly first?: (() => Promise<void>) | undefined
  /** What takes the place of the book, if anything. */
  readonly write?: {
    readonly legs: readonly BookLeg[]
    /** Milliseconds since 1970, until when the book is needed at least. */
    readonly until: number
  }
}

export interface BooksOptions {
  readonly storage: Storage
  /** Until when a session or a leg that ended is remembered. */
  readonly rememberedUntil: (endedAt: number) => number
  /** Legs that hold their numbers for ever. */
  readonly fixed: readonly FixedLeg[]
  readonly onUnreadable: (reason: Unreadable) => void
}

/** Whose book it is, and for which session it is opened. */
interface About {
  readonly person: string
  readonly ownSession: string | undefined
}

/** Milliseconds after which a number that was claimed for a session that is not there is not taken any more. */
export const ABANDONED_MS = 60_000
/** How often a step is taken again. Each time it is in vain, somebody else has changed the book. */
const MAX_ATTEMPTS = 100
/** When a leg ends whose session is being opened, or cannot be read. */
const NOT_KNOWN = Number.POSITIVE_INFINITY
/** Milliseconds for which a book is kept of whose legs one cannot be read. */
const LONGEST_MS = MAX_SESSION_SECONDS * 1_000

export function createBooks({ storage, rememberedUntil, fixed, onUnreadable }: BooksOptions): Books {
  const inTurn = createInTurn()

  return {
    change: (person, step, ownSession) =>
      inTurn(person, async () => {
        const key = bookKey(person)
        for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
          const [kept] = await storage.read([key])
          const legs = await settle({ person, ownSession }, readBook(kept))
          if (legs === 'changed') continue
          const { result, write, first } = step({
            legs,
            fixed: heldForEver(fixed, person),
            now: storage.now(),
          })
          await first?.()
          if (!write || (await swap(key, kept, write, legs))) return result
        }
        throw new StoreUnavailableError()
      }),
  }

  function swap(
    key: Key,
    was: Kept | undefined,
    { legs, until }: NonNullable<Step<unknown>['write']>,
    before: readonly HeldLeg[],
  ): Promise<boolean> {
    const value = legs.length === 0 ? undefined : bookValue(legs)
    const ends = before.map(({ endsAt }) => (Number.isFinite(endsAt) ? endsAt : storage.now() + LONGEST_MS))
    const latest = Math.max(until, ...ends.map(rememberedUntil))
    return storage.swap({ key, was, value, until: latest })
  }

  /**
   * What the legs of a book lead to. This also puts right what a crash left: a leg that leads nowhere has ended. Before a
   * leg counts as over, its record says so for good; so no other instance, whatever its clock, can still bring it to life.
   */
  async function settle(about: About, book: Book): Promise<readonly HeldLeg[] | 'changed'> {
    const live = book.filter(({ ended }) => !ended)
    const records =
      live.length > 0 ? await storage.read(live.map(({ sessionId }) => recordKey(sessionId))) : []
    const legs = await Promise.all(
      book.map((leg) => (leg.ended ? heldOf(leg) : settleLeg(about, leg, records[live.indexOf(leg)]))),
    )
    if (legs.includes('changed')) return 'changed'
    const settled = legs as HeldLeg[]
    return settled.filter(({ ended }) => !ended || storage.now() < rememberedUntil(ended.at))
  }

  async function settleLeg(about: About, leg: BookLeg, kept: Kept | undefined): Promise<HeldLeg | 'changed'> {
    const record = readOrTell(leg.sessionId, kept)
    // It may be open, for those who can read it.
    if (record === 'unreadable') return takenBy(leg)
    if (!record) return settleWithout(about, leg)
    if (record.kind === 'session') return settleIn(record, kept, about, leg)
    return endedAt(leg, record.kind === 'aborted' ? leg.claim.at : storage.now())
  }

  async function settleIn(
    record: SessionRecord,
    kept: Kept | undefined,
    about: About,
    leg: BookLeg,
  ): Promise<HeldLeg | 'changed'> {
    const { session, isOver, left } = record
    const { person } = about
    const side = sideOf(record, person, leg.maskingNumber)
    if (side !== undefined) {
      const counterpart = session.participants[otherSide(side)].number
      if (isOpen(record, storage.now()))
        return { ...leg, number: leg.maskingNumber, counterpart, endsAt: session.expiresAt }
      const isFinal = isOver || session.closedAt !== undefined
      if (!isFinal && !(await rewrite(record, kept, { isOver: true }))) return 'changed'
      return endedAt(leg, endOf(session), counterpart)
    }
    const leaving = left.find(({ number, version }) => number === person && leg.claim.version < version)
    if (leaving) return endedAt(leg, leaving.at, leaving.counterpart)
    if (!isAbandoned(leg, about)) return takenBy(leg)
    // Whoever claimed it may still be about to write the record: now that will fail.
    return (await rewrite(record, kept, {})) ? endedAt(leg, leg.claim.at) : 'changed'
  }

  /** A leg to a session of which nothing is known yet, or any more. */
  async function settleWithout(about: About, leg: BookLeg): Promise<HeldLeg | 'changed'> {
    if (!isAbandoned(leg, about)) return takenBy(leg)
    return (await abort(storage, leg.sessionId)) ? endedAt(leg, leg.claim.at) : 'changed'
  }

  function isAbandoned({ claim, sessionId }: BookLeg, { ownSession }: About): boolean {
    return sessionId !== ownSession && storage.now() >= claim.at + ABANDONED_MS
  }

  function rewrite(
    record: SessionRecord,
    was: Kept | undefined,
    change: Partial<SessionRecord>,
  ): Promise<boolean> {
    const next = { ...record, ...change, version: record.version + 1 }
    const key = recordKey(record.session.id)
    return storage.swap({ key, was, value: recordValue(next), until: rememberedUntil(endOf(next.session)) })
  }

  function readOrTell(id: string, kept: Kept | undefined): ReadRecord | 'unreadable' {
    if (!kept?.unreadable) return readRecord(id, kept)
    onUnreadable(kept.unreadable)
    return 'unreadable'
  }
}

/** Milliseconds for which a tombstone stands in the place of a session that was never opened. */
const ABORTED_MS = 24 * 60 * 60 * 1_000

/** Sees to it that a session is never opened. False when it is there already. */
export function abort(storage: Storage, id: string): Promise<boolean> {
  const value = recordValue({ kind: 'aborted' })
  return storage.swap({ key: recordKey(id), was: undefined, value, until: storage.now() + ABORTED_MS })
}

function heldOf(leg: BookLeg): HeldLeg {
  const { at, counterpart } = leg.ended as NonNullable<BookLeg['ended']>
  return { ...leg, number: leg.maskingNumber, counterpart, endsAt: at }
}

function endedAt(leg: BookLeg, at: number, counterpart = ''): HeldLeg {
  return heldOf({ ...leg, ended: { at, counterpart } })
}

function takenBy(leg: BookLeg): HeldLeg {
  return { ...leg, number: leg.maskingNumber, counterpart: '', endsAt: NOT_KNOWN }
}
