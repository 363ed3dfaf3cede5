import type { Given, Held } from './allocation.js'
import { type BookLeg, type Claim, createStamps, isClaim, withLeg } from './book.js'
import type { Books, HeldLeg, OpenBook, Step } from './books.js'
import { recordKey } from './keys.js'
import { readRecord, type SessionRecord } from './record.js'
import type { SessionLists } from './session-lists.js'
import type { Storage } from './storage.js'

/** Legs that are written into books before the record to which they lead. */
export interface Claims {
  /** Writes a leg to a session into a person's book, on the number that is chosen, if one is. */
  claim<Refused extends object>(
    claiming: Claiming,
    choose: (book: OpenBook) => Given | Refused,
  ): Promise<Claimed | Refused>
  /** Writes a leg of an acknowledged record again where it was lost, unless the number was given to somebody else since. */
  again(person: string, number: string, record: SessionRecord): Promise<'there' | 'taken'>
}

export interface Claiming {
  readonly person: string
  readonly sessionId: string
  /** The version of the session's record that was read, 0 where there is none yet. */
  readonly version: number
  readonly endsAt: number
}

/** What was claimed, as it stands in a leg. */
type Made = Pick<BookLeg, 'maskingNumber' | 'sessionId' | 'claim'>

/** A number that was given, and how to take it back. A session without a record must never be opened then. */
export interface Claimed extends Given {
  release(): Promise<unknown>
}

export interface ClaimsOptions {
  readonly storage: Storage
  readonly books: Books
  readonly lists: SessionLists
  readonly rememberedUntil: (endedAt: number) => number
}

export function createClaims({ storage, books, lists, rememberedUntil }: ClaimsOptions): Claims {
  const stampOf = createStamps()

  return {
    async claim<Refused extends object>(
      { person, sessionId, version, endsAt }: Claiming,
      choose: (book: OpenBook) => Given | Refused,
    ): Promise<Claimed | Refused> {
      const claim = newClaim(version)
      let before: HeldLeg | undefined
      const step = (book: OpenBook): Step<Given | Refused> => {
        const chosen = choose(book)
        if (!('number' in chosen)) return { result: chosen }
        const leg = { maskingNumber: chosen.number, sessionId, claim }
        const displaced = book.legs.find(({ maskingNumber }) => maskingNumber === chosen.number)
        before = displaced
        return {
          result: chosen,
          write: { legs: withLeg(book.legs, leg), until: rememberedUntil(endsAt) },
          ...(displaced &&
            displaced.sessionId !== sessionId && { first: () => noteDisplaced(person, displaced) }),
        }
      }
      const chosen = await books.change(person, step, sessionId)
      if (!('number' in chosen)) return chosen
      const made = { maskingNumber: chosen.number, sessionId, claim }
      return { ...chosen, release: () => release(person, made, before) }
    },

    async again(person, number, { session, version }) {
      const { id, expiresAt } = session
      return books.change<'there' | 'taken'>(person, ({ legs }) => {
        const leg = legs.find(({ maskingNumber }) => maskingNumber === number)
        if (leg?.sessionId === id && !leg.ended) return { result: 'there' }
        if (leg && leg.endsAt > storage.now()) return { result: 'taken' }
        const claimed = { maskingNumber: number, sessionId: id, claim: newClaim(version) }
        return { result: 'there', write: { legs: withLeg(legs, claimed), until: rememberedUntil(expiresAt) } }
      })
    },
  }

  function newClaim(version: number): Claim {
    return { at: storage.now(), version, stamp: stampOf() }
  }

  /** Takes back what one claim wrote, and puts back what was there before it. */
  async function release(person: string, made: Made, before: HeldLeg | undefined): Promise<void> {
    await books.change(person, ({ legs }): Step<void> => {
      const others = legs.filter((leg) => !isOf(leg, made))
      if (others.length === legs.length) return { result: undefined }
      return { result: undefined, write: { legs: before ? [...others, before] : others, until: 0 } }
    })
    if (before?.counterpart) await forgetErased(person, before)
  }

  /** What was put back may name somebody of whom everything was erased since it was taken out. */
  async function forgetErased(person: string, { sessionId, claim }: HeldLeg): Promise<void> {
    const [kept] = await storage.read([recordKey(sessionId)])
    if (kept?.unreadable || readRecord(sessionId, kept)?.kind !== 'erased') return
    await books.change(person, ({ legs }): Step<void> => {
      const scrubbed = legs.map((leg) =>
        leg.ended && isClaim(leg, claim) ? { ...leg, ended: { ...leg.ended, counterpart: '' } } : leg,
      )
      return { result: undefined, write: { legs: scrubbed, until: 0 } }
    })
  }

  /** The book will not lead to this session any more. */
  function noteDisplaced(person: string, { sessionId, claim, endsAt }: HeldLeg): Promise<void> {
    return lists.notePast(person, { id: sessionId, at: claim.at }, rememberedUntil(endsAt))
  }
}

/**
 * Whether a leg is what was claimed. Of a session that was never opened and never will be, what another request for it wrote in
 * the place of that is as good: each puts back what it found, and the first of them what was there before all.
 */
function isOf(leg: BookLeg, { maskingNumber, sessionId, claim }: Made): boolean {
  const isOfNone = claim.version === 0 && leg.sessionId === sessionId
  return leg.maskingNumber === maskingNumber && (isOfNone || isClaim(leg, claim))
}

/** All numbers that a person holds. */
export function heldIn({ legs, fixed }: OpenBook): Held[] {
  return [...fixed, ...legs]
}
