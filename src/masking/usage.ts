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
}

export interface NumberUsage extends PoolNumber {
  readonly openLegs: number
}

export interface UsageOptions {
  readonly storage: Storage
  readonly numbers: readonly PoolNumber[]
  readonly restMs: number
  readonly fixed: readonly FixedLeg[]
}

/** Counts the use of a pool by looking at all records and all books. */
export async function surveyPool(options: UsageOptions): Promise<PoolUsage> {
  const survey = beginSurvey(options)
  for (;;) {
    const piece = await survey.next()
    if (piece.done) return piece.value
  }
}

/** The same in bounded pieces: says of each how many records or books it had. */
export async function* beginSurvey(options: UsageOptions): AsyncGenerator<number, PoolUsage, undefined> {
  const { storage, numbers, restMs, fixed } = options
  const active = new Set(activeIn(numbers))
  const openLegs = new Map<string, number>()
  const count = (number: string) => openLegs.set(number, (openLegs.get(number) ?? 0) + 1)
  let [mostTaken, openSessions] = [0, 0]

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
    for (const kept of found) mostTaken = Math.max(mostTaken, await takenIn(kept))
    yield found.length
  }
  for (const { dialled } of fixed) count(wholeNumber(dialled))
  for (const person of new Set(fixed.map(({ caller }) => wholeNumber(caller)))) {
    const [kept] = await storage.read([bookKey(person)])
    const own = heldForEver(fixed, person).filter(({ number }) => active.has(number)).length
    mostTaken = Math.max(mostTaken, own + (kept ? await takenIn(kept, 'also without an open session') : 0))
  }

  return {
    numbers: numbers.map((number) => ({ ...number, openLegs: openLegs.get(number.number) ?? 0 })),
    headRoom: active.size - mostTaken,
    openSessions,
  }

  /** How many numbers of the pool the person of a book cannot be given; 0 where nothing of it is open. */
  async function takenIn(
    kept: Kept,
    whom: 'with an open session' | 'also without an open session' = 'with an open session',
  ): Promise<number> {
    if (kept.unreadable) return 0
    const begun = storage.now()
    const legs = readBook(kept).filter(
      ({ maskingNumber, ended }) => active.has(maskingNumber) && (!ended || begun < ended.at + restMs),
    )
    // Most books are too small to be the fullest: then nothing more has to be read.
    if (legs.length <= mostTaken) return 0
    const live = legs.filter(({ ended }) => !ended)
    const records = await storage.read(live.map(({ sessionId }) => recordKey(sessionId)))
    const now = storage.now()
    let [taken, open] = [legs.length - live.length, 0]
    for (const [i, { sessionId }] of live.entries()) {
      const record = readable(sessionId, records[i])
      const isLegOpen = record?.kind === 'session' && isOpen(record, now)
      const endsAt = record?.kind === 'session' ? endOf(record.session) : now
      if (isLegOpen) open += 1
      if (isLegOpen || now < endsAt + restMs) taken += 1
    }
    return open > 0 || whom === 'also without an open session' ? taken : 0
  }
}

function readable(id: string, kept: Kept | undefined): ReadRecord {
  return kept?.unreadable ? undefined : readRecord(id, kept)
}
