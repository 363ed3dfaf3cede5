import { randomBytes } from 'node:crypto'
import type { Candidate, Exhausted, Given, Held } from '../../masking/allocation.js'
import { rememberedUntil } from '../../masking/session.js'
import type { Link } from './link.js'
import type { ScriptedClient } from './scripts.js'
import type { Vault } from './vault.js'

/** A leg as it stands in a person's book. The book is only an index: the session's record says what holds. */
export interface BookLeg {
  readonly maskingNumber: string
  readonly sessionId: string
  readonly endsAt: number
  readonly claimedAt: number
  /** Tells this claim from any other. */
  readonly stamp: string
}

/** What a number is wanted for. */
export interface Claim {
  readonly sessionId: string
  readonly person: string
  readonly counterpart: string
  readonly endsAt: number
  /** The session's version with this leg. */
  readonly version: number
  readonly allowShortRest: boolean
  /** The numbers that the person holds outside of the book. */
  readonly fixed: readonly Held[]
}

/** A number that was given, and how to give it back. */
export interface Claimed extends Given {
  release(): Promise<void>
}

/** Nothing is free. The legs in the way are given, because a crash may have left some of them. */
export interface NoneFree extends Exhausted {
  readonly legs: readonly BookLeg[]
}

/** The books of all people. Each step on one of them is atomic. */
export interface Books {
  claim(claim: Claim, candidates: readonly Candidate[]): Promise<Claimed | NoneFree>
  take(claim: Claim, maskingNumber: string): Promise<Claimed | { readonly freeAt: number }>
  /** Notes when a leg ends, or its new counterpart. The leg of another session stays as it is. */
  amend(leg: LegAmendment): Promise<void>
  find(people: readonly string[], maskingNumber: string): Promise<BookLeg[]>
  of(people: readonly string[]): Promise<BookLeg[]>
}

export interface LegAmendment {
  readonly person: string
  readonly maskingNumber: string
  readonly sessionId: string
  readonly endsAt?: number
  readonly counterpart?: string
  /** The session's version with this change. What a later version has written stays. */
  readonly version?: number
  /** Limits the change to what this claim wrote. */
  readonly stamp?: string
}

export interface BooksOptions {
  readonly link: Link
  readonly vault: Vault
  readonly now: () => number
  readonly restMs: number
}

export const BOOK_PREFIX = 'callmask:2:book:'
/** Stands for `never` in a script. */
const FOR_EVER = 9e15
const STAMP_BYTES = 9
/** How often two writers under two keys may have to give a number back to each other. */
const MAX_ATTEMPTS = 5

export function createRedisBooks({ link, vault, now, restMs }: BooksOptions): Books {
  const memoryMs = rememberedUntil(0, restMs)
  const ask = <Reply>(question: (client: ScriptedClient) => Promise<Reply>) =>
    link.ask((client) => question(client as ScriptedClient))

  /** How a counterpart is marked in a person's book: in no other one, nor as the key of their own, it is the same. */
  function marksOf(person: string, counterpart: string) {
    return vault.namesOf(`${person}/${counterpart}`, 'counterpart')
  }

  /** The arguments that both scripts share, before their own. */
  function argumentsOf(claim: Claim, elsewhere: readonly Elsewhere[]): (string | number)[] {
    const marks = marksOf(claim.person, claim.counterpart)
    const fixed = claim.fixed.map(
      ({ number, endsAt }) => [number, Math.min(endsAt, FOR_EVER), '', '', '0', ''] as const,
    )
    return [
      claim.sessionId,
      now(),
      restMs,
      memoryMs,
      claim.endsAt,
      claim.allowShortRest ? 1 : 0,
      marks.join(),
      JSON.stringify([...fixed, ...elsewhere]),
      marks[0],
      claim.version,
      randomBytes(STAMP_BYTES).toString('base64url'),
    ]
  }

  /** While keys are rotated a person may have a book under each key: the legs in those that are only read. */
  async function heldElsewhere(person: string): Promise<Elsewhere[]> {
    const [, ...names] = vault.namesOf(person, 'person')
    const books = await Promise.all(names.map((name) => ask((client) => client.hgetall(BOOK_PREFIX + name))))
    return books.flatMap((book) =>
      Object.entries(book).map(([number, text]) => {
        const [sessionId = '', endsAt, claimedAt = '', mark = '', , , stamp = ''] = text.split('|')
        return [number, Number(endsAt), mark, sessionId, claimedAt, stamp] as const
      }),
    )
  }

  /**
   * Runs a script that gives a number, in the book under the writing key. Of an instance that writes under another
   * key at the same moment we see the leg, or it sees ours: whoever does gives the number back and chooses again.
   */
  async function give(
    claim: Claim,
    run: (client: ScriptedClient, key: string, args: (string | number)[]) => Promise<unknown>,
    attempt = 1,
  ): Promise<Claimed | string[]> {
    const key = BOOK_PREFIX + vault.namesOf(claim.person, 'person')[0]
    const before = await heldElsewhere(claim.person)
    const reply = (await ask((client) => run(client, key, argumentsOf(claim, before)))) as string[]
    const [verdict, number = '', rested, previous = '', written = ''] = reply
    if (verdict !== 'given') return reply

    const release = async () => {
      await ask((client) => client.cmRelease(key, number, written, previous))
    }
    const after = await heldElsewhere(claim.person)
    const isClaimedTwice = after.some(
      ([other, endsAt, , session]) => other === number && endsAt > now() && session !== claim.sessionId,
    )
    if (!isClaimedTwice) return { number, restedFor: rested ? Number(rested) : undefined, release }
    await release()
    if (attempt === MAX_ATTEMPTS) return ['exhausted']
    return give(claim, run, attempt + 1)
  }

  return {
    async claim(claim, candidates) {
      const list = candidates.map(({ number, isHome }) => (isHome ? 'h' : '-') + number)
      const reply = await give(claim, (client, key, args) => client.cmClaim(key, ...args, ...list))
      return 'release' in reply ? reply : noneFree(reply.slice(1), candidates)
    },

    async take(claim, maskingNumber) {
      const reply = await give(claim, (client, key, args) => client.cmTake(key, ...args, maskingNumber))
      return 'release' in reply ? reply : { freeAt: finite(Number(reply[1])) }
    },

    async amend({ person, maskingNumber, sessionId, endsAt, counterpart, version, stamp = '' }) {
      const mark = counterpart === undefined ? '' : marksOf(person, counterpart)[0]
      await Promise.all(
        vault
          .namesOf(person, 'person')
          .map((name) =>
            ask((client) =>
              client.cmAmend(
                BOOK_PREFIX + name,
                sessionId,
                maskingNumber,
                endsAt ?? '',
                mark,
                memoryMs,
                version ?? '',
                stamp,
              ),
            ),
          ),
      )
    },

    async find(people, maskingNumber) {
      const names = people.flatMap((person) => vault.namesOf(person, 'person'))
      const texts = await Promise.all(
        names.map((name) => ask((client) => client.hget(BOOK_PREFIX + name, maskingNumber))),
      )
      return texts.flatMap((text) => (text ? readLeg(maskingNumber, text) : []))
    },

    async of(people) {
      const names = people.flatMap((person) => vault.namesOf(person, 'person'))
      const books = await Promise.all(
        names.map((name) => ask((client) => client.hgetall(BOOK_PREFIX + name))),
      )
      return books.flatMap(legsIn)
    },
  }

  function noneFree(texts: readonly string[], candidates: readonly Candidate[]): NoneFree {
    const legs = texts.map((text) => {
      const [maskingNumber = '', sessionId = '', endsAt, claimedAt, stamp = ''] = text.split('|')
      return {
        maskingNumber,
        sessionId,
        endsAt: finite(Number(endsAt)),
        claimedAt: Number(claimedAt),
        stamp,
      }
    })
    const numbers = new Set(candidates.map(({ number }) => number))
    const frees = legs.filter((leg) => numbers.has(leg.maskingNumber)).map(({ endsAt }) => endsAt + restMs)
    const nextFreeAt = Math.min(...frees)
    return { numbersNeeded: legs.length + 1, legs, ...(Number.isFinite(nextFreeAt) && { nextFreeAt }) }
  }
}

/** A leg in a book that is only read. */
type Elsewhere = readonly [
  number: string,
  endsAt: number,
  mark: string,
  sessionId: string,
  claimedAt: string,
  stamp: string,
]

function finite(endsAt: number): number {
  return endsAt >= FOR_EVER ? Number.POSITIVE_INFINITY : endsAt
}

/** All legs of a book. */
export function legsIn(book: Readonly<Record<string, string>>): BookLeg[] {
  return Object.entries(book).map(([maskingNumber, text]) => readLeg(maskingNumber, text))
}

function readLeg(maskingNumber: string, text: string): BookLeg {
  const [sessionId = '', endsAt, claimedAt, , , , stamp = ''] = text.split('|')
  return { maskingNumber, sessionId, endsAt: Number(endsAt), claimedAt: Number(claimedAt), stamp }
}
