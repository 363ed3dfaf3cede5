import { readBook } from './book.js'
import { BOOK_KIND, bookKey, recordKey, SESSION_KIND } from './keys.js'
import { type FixedLeg, heldForEver } from './pair.js'
import { wholeNumber } from './phone-number.js'
import { activeIn, type PoolNumber } from './pool.js'
import { isOpen, type ReadRecord, readRecord } from './record.js'
import { endOf } from './session.js'
import type { Kept, Storage } from './storage.js'

/** How full a pool is. */
export interface PoolUsage {
  readonly numbers: readonly NumberUsage[]
  /** The smallest number of free numbers that any person with an open session still has. */
  readonly headRoom: number
  readonly openSessions: number
  readonly holders: PoolHolders
}

/** A number of the pool, with its country as `countryOf` tells it. */
export interface CountedNumber extends PoolNumber {
  readonly country: string
}

export interface NumberUsage extends CountedNumber {
  readonly openLegs: number
}

/**
 * How many people hold how many numbers: by how many they hold, how many people do so. Only people with an open session count. A
 * number is held while its leg is open and while it rests for that person, if it may be given at all. There are at most as many
 * entries as numbers.
 */
export type Holders = Readonly<Record<number, number>>

export interface PoolHolders {
  /** Of numbers of any country. */
  readonly all: Holders
  /** Of the numbers of each country alone. A person who holds numbers of two is in both. */
  readonly countries: Readonly<Record<string, Holders>>
}

export interface UsageOptions {
  readonly storage: Storage
  readonly numbers: readonly CountedNumber[]
  readonly restMs: number
  readonly fixed: readonly FixedLeg[]
}

/** How many books are looked at together: the records that they lead to are read at once. */
const BOOKS_AT_ONCE = 100

/** Counts the use of a pool by looking at all records and all books. */
export async function surveyPool(options: UsageOptions): Promise<PoolUsage> {
  const survey = beginSurvey(options)
  for (;;) {
    const piece = await survey.next()
    if (piece.done) return piece.value
  }
}

/** The same in bounded pieces: says of each how many records and books it read. */
export async function* beginSurvey(options: UsageOptions): AsyncGenerator<number, PoolUsage, undefined> {
  const { storage, numbers, restMs, fixed } = options
  const countryOf = new Map(numbers.map(({ number, country }) => [number, country]))
  const active = new Set(activeIn(numbers))
  const openLegs = new Map<string, number>()
  const count = (number: string) => openLegs.set(number, (openLegs.get(number) ?? 0) + 1)
  let openSessions = 0
  const holders = createHolders()
  const fixedPeople = [...new Set(fixed.map(({ caller }) => wholeNumber(caller)))]
  const fixedBooks = await Promise.all(fixedPeople.map((person) => storage.nameOf(bookKey(person))))

  for await (const found of storage.all(SESSION_KIND)) {
    for (const kept of found) {
      const record = readable(kept.name, kept)
      if (record?.kind !== 'session' || !isOpen(record, storage.now())) continue
      openSessions += 1
      for (const { maskingNumber } of record.session.participants) count(maskingNumber)
    }
    yield found.length
  }
  for await (const found of storage.all(BOOK_KIND)) {
    // Those of people who hold something for ever are looked at below.
    const others = found.filter(({ name }) => !fixedBooks.includes(name))
    // A piece without any is told too: it is work.
    for (let i = 0; i === 0 || i < others.length; i += BOOKS_AT_ONCE) {
      const books = others.slice(i, i + BOOKS_AT_ONCE)
      const { held, records } = await heldIn(books)
      for (const { taken, hasOpen } of held) if (hasOpen) note(taken)
      yield books.length + records
    }
  }
  for (const { dialled } of fixed) count(wholeNumber(dialled))
  for (const person of fixedPeople) {
    const [kept] = await storage.read([bookKey(person)])
    const own = heldForEver(fixed, person).flatMap(({ number }) => (active.has(number) ? [number] : []))
    const { held } = await heldIn(kept ? [kept] : [])
    note([...own, ...held.flatMap(({ taken }) => taken)])
  }

  return {
    numbers: numbers.map((number) => ({ ...number, openLegs: openLegs.get(number.number) ?? 0 })),
    headRoom: active.size - mostHeld(holders.seen.all),
    openSessions,
    holders: holders.seen,
  }

  function note(taken: readonly string[]): void {
    holders.add(taken.map((number) => countryOf.get(number) as string))
  }

  /** What the people of some books hold, and how many records that took. */
  async function heldIn(books: readonly Kept[]): Promise<{ held: readonly Held[]; records: number }> {
    const begun = storage.now()
    const legsOf = books.map((kept) =>
      (kept.unreadable ? [] : readBook(kept)).filter(
        ({ maskingNumber, ended }) => active.has(maskingNumber) && (!ended || begun < ended.at + restMs),
      ),
    )
    const live = legsOf.flatMap((legs) => legs.filter(({ ended }) => !ended))
    const records =
      live.length > 0 ? await storage.read(live.map(({ sessionId }) => recordKey(sessionId))) : []
    const now = storage.now()
    const stateOf = new Map(live.map((leg, i) => [leg, stateIn(readable(leg.sessionId, records[i]), now)]))
    const held = legsOf.map((legs) => ({
      taken: legs.filter((leg) => stateOf.get(leg) !== 'free').map(({ maskingNumber }) => maskingNumber),
      hasOpen: legs.some((leg) => stateOf.get(leg) === 'open'),
    }))
    return { held, records: live.length }
  }

  /** What a leg is whose end is not in its book. One that leads nowhere rests: it may be about to be opened. */
  function stateIn(record: ReadRecord, now: number): 'open' | 'resting' | 'free' {
    if (record?.kind !== 'session') return restMs > 0 ? 'resting' : 'free'
    if (isOpen(record, now)) return 'open'
    return now < endOf(record.session) + restMs ? 'resting' : 'free'
  }
}

/** What one person holds. */
interface Held {
  /** The numbers of the pool that they cannot be given now. */
  readonly taken: readonly string[]
  readonly hasOpen: boolean
}

/** The most that one person holds. */
export function mostHeld(holders: Holders): number {
  return Math.max(0, ...Object.keys(holders).map(Number))
}

function createHolders() {
  const all: Record<number, number> = {}
  const countries: Record<string, Record<number, number>> = {}
  return {
    seen: { all, countries } satisfies PoolHolders,
    /** @param held the countries of the numbers that one person holds */
    add(held: readonly string[]): void {
      if (held.length === 0) return
      addOne(all, held.length)
      for (const country of new Set(held)) {
        countries[country] ??= {}
        addOne(countries[country], held.filter((other) => other === country).length)
      }
    },
  }
}

function addOne(holders: Record<number, number>, held: number): void {
  holders[held] = (holders[held] ?? 0) + 1
}

function readable(id: string, kept: Kept | undefined): ReadRecord {
  return kept?.unreadable ? undefined : readRecord(id, kept)
}
