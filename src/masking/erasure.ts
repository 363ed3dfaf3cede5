import { type BookLeg, bookValue, readBook } from './book.js'
import { abort, createBooks } from './books.js'
import { createGate } from './gate.js'
import {
  ALL_SESSIONS,
  BOOK_KIND,
  bookKey,
  foundKey,
  NAME_KIND,
  namesakesOf,
  pastOf,
  REQUEST_KIND,
  recordKey,
  SESSION_KIND,
} from './keys.js'
import type { FixedLeg } from './pair.js'
import { pastEntries } from './past.js'
import { ownerIn, pinKeysOf } from './pins.js'
import { isOpen, isParticipant, readRecord, recordValue, type SessionRecord } from './record.js'
import { keysLeadingTo, leadIn } from './reservations.js'
import { endOf, type Memory, rememberedUntil } from './session.js'
import type { Sessions } from './session-store.js'
import {
  AS_BEFORE,
  type Kept,
  type Key,
  type Storage,
  StoreUnavailableError,
  type Unreadable,
} from './storage.js'

/** Removes all that is kept of a person. Safe beside everything else that happens, and to be repeated. */
export interface Erasure {
  /** @param person the whole number */
  erase(person: string): Promise<Receipt>
}

/** What was removed. It holds nothing of the person. */
export interface Receipt {
  /** Milliseconds since 1970 by the store's clock. */
  readonly at: number
  readonly removed: Removed
  /** How many records and books cannot be read, of whomever they are. */
  readonly unreadable: number
  /** Whether it outlives the loss of a server. If not, it is to be asked for again. */
  readonly durable: boolean
}

/** How many of each kind. */
export interface Removed {
  /** Sessions of theirs. */
  readonly sessions: number
  /** Those of them that were open until now. */
  readonly closed: number
  /** Records of calls of these sessions. */
  readonly calls: number
  /** Sessions of others that they were in before they were replaced: they go on, and no longer name the person. */
  readonly replaced: number
  /** Their own book. */
  readonly books: number
  /** Books of others that named the person. */
  readonly mentions: number
  /** External ids, idempotency keys and PINs. */
  readonly keys: number
  /** Entries of lists. */
  readonly entries: number
}

export interface ErasureOptions extends Memory {
  readonly storage: Storage
  readonly sessions: Pick<Sessions, 'close' | 'closeOf'>
  /** Legs that hold their numbers for ever. */
  readonly fixed: readonly FixedLeg[]
  readonly onUnreadable?: (reason: Unreadable) => void
  /** Forgets what is kept of the calls of a session. Says of how many calls that was. */
  readonly forgetCalls?: (sessionId: string) => Promise<number>
  /** Forgets what is told of a session. */
  readonly forgetEvents?: (sessionId: string) => Promise<void>
}

/** How often a step is taken again. Each time it is in vain, somebody else has changed the same. */
const MAX_ATTEMPTS = 100

/** What one erasure has done so far. */
interface Progress {
  readonly person: string
  readonly removed: { -readonly [kind in keyof Removed]: number }
  unreadable: number
  /** When the sessions that are no more ended: the other side's rest begins there. */
  readonly ended: Map<string, number>
  readonly touched: Key[]
}

export function createErasure(options: ErasureOptions): Erasure {
  const { storage, sessions, fixed, onUnreadable = () => undefined } = options
  const { forgetCalls = async () => 0, forgetEvents = async () => undefined } = options
  const books = createBooks({
    storage,
    rememberedUntil: (endedAt) => rememberedUntil(endedAt, options),
    fixed,
    onUnreadable,
  })
  // Each reads everything that is kept.
  const gate = createGate(1)

  return {
    erase: (person) =>
      gate(async () => {
        const progress: Progress = {
          person,
          removed: {
            sessions: 0,
            closed: 0,
            calls: 0,
            replaced: 0,
            books: 0,
            mentions: 0,
            keys: 0,
            entries: 0,
          },
          unreadable: 0,
          ended: new Map(),
          touched: [bookKey(person)],
        }
        await again(() => eraseBook(progress))
        // A crash, or a leg that was over, may have left something that no book leads to. The records come first: whoever
        // writes into a book after it was looked at here finds them changed.
        await eraseFoundSessions(progress)
        await eraseFoundMentions(progress)
        for (const kind of [NAME_KIND, REQUEST_KIND]) await eraseFoundLeads(kind, progress)
        const { removed, unreadable, touched } = progress
        return { at: storage.now(), removed, unreadable, durable: await storage.confirm(touched) }
      }),
  }

  /** What the person's book and list lead to, and then these. False when the book just changed. */
  async function eraseBook(progress: Progress): Promise<boolean> {
    const { person, removed } = progress
    const [kept] = await storage.read([bookKey(person)])
    const legs = kept && !kept.unreadable ? readBook(kept) : []
    const past = await pastEntries(storage, person)
    const live = legs.filter(({ ended }) => !ended)
    for (const { sessionId, claim } of live) await again(() => endClaim(sessionId, claim.at, progress))
    const others = new Set([...legs.map(({ sessionId }) => sessionId), ...past.map(({ id }) => id)])
    for (const id of others) await again(() => eraseFrom(id, progress))
    if (past.length > 0) {
      await storage.delist(pastOf(person), past)
      removed.entries += past.length
    }
    if (!kept) return true
    if (!(await storage.swap({ key: bookKey(person), was: kept, value: undefined, until: 0 }))) return false
    removed.books += 1
    return true
  }

  /**
   * Sees to it that whoever is just putting the person into a session begins again: without a leg in the book, that session
   * would be half a session.
   */
  async function endClaim(id: string, claimedAt: number, progress: Progress): Promise<boolean> {
    const [kept] = await storage.read([recordKey(id)])
    if (!kept) {
      progress.ended.set(id, claimedAt)
      return abort(storage, id)
    }
    if (kept.unreadable) {
      // Nobody is connected by it any more, and nobody can read it.
      await sessions.close(id)
      progress.ended.set(id, storage.now())
      progress.removed.sessions += 1
      progress.removed.calls += await forgetCalls(id)
      await forgetEvents(id)
      return true
    }
    const record = readRecord(id, kept)
    if (record?.kind !== 'session' || isOf(record, progress.person)) return true
    return storage.swap({
      key: recordKey(id),
      was: kept,
      value: recordValue({ ...record, version: record.version + 1 }),
      until: AS_BEFORE,
    })
  }

  /** Erases a person from a session. False when it just changed. */
  async function eraseFrom(id: string, progress: Progress): Promise<boolean> {
    const [kept] = await storage.read([recordKey(id)])
    if (!kept || kept.unreadable) return true
    const record = readRecord(id, kept)
    if (record?.kind !== 'session') return true
    if (isParticipant(record, progress.person)) return eraseSession(record, kept, progress)
    return !isOf(record, progress.person) || eraseReplaced(record, kept, progress)
  }

  /** First it is over, so that nobody changes it any more; then nothing leads to it; then it is no more. */
  async function eraseSession(record: SessionRecord, kept: Kept, progress: Progress): Promise<boolean> {
    const { person, removed, ended, touched } = progress
    const { session, isOver } = record
    if (session.closedAt === undefined && !isOver && !isForgotten(record)) {
      const wasOpen = isOpen(record, storage.now())
      if ((await sessions.closeOf(session.id, person)) && wasOpen) removed.closed += 1
      return false
    }
    removed.calls += await forgetCalls(session.id)
    // Also what the record has yet to tell.
    await forgetEvents(session.id)
    for (const key of keysLeadingTo(record)) removed.keys += await removeLead(key, session.id)
    for (const key of pinKeysOf(session)) removed.keys += await removePin(key, session.id)
    const entry = { id: session.id, at: session.createdAt }
    const lists = [
      ALL_SESSIONS,
      ...(session.externalId === undefined ? [] : [namesakesOf(session.externalId)]),
    ]
    for (const list of lists) await storage.delist(list, [entry])
    const key = recordKey(session.id)
    // It stays for as long as the record would have: a late writer must not take it for one that is yet to be opened.
    const value = recordValue({ kind: 'erased' })
    if (!(await storage.swap({ key, was: kept, value, until: AS_BEFORE }))) return false
    removed.sessions += 1
    removed.entries += lists.length
    ended.set(session.id, endOf(session))
    touched.push(key)
    return true
  }

  /** The session of others goes on. Those who reached the person in it still rest, from nobody. */
  async function eraseReplaced(record: SessionRecord, kept: Kept, progress: Progress): Promise<boolean> {
    const { person, removed, touched } = progress
    const key = recordKey(record.session.id)
    // The request that opened it named the person: with all else known, a hash of it would tell the number.
    for (const lead of keysLeadingTo(record)) await again(() => forgetRequest(lead, record.session.id))
    const left = record.left
      .filter(({ number }) => number !== person)
      .map((one) => (one.counterpart === person ? { ...one, counterpart: '' } : one))
    const value = recordValue({ ...record, left, fingerprint: '', version: record.version + 1 })
    if (!(await storage.swap({ key, was: kept, value, until: AS_BEFORE }))) return false
    removed.replaced += 1
    touched.push(key)
    // Somebody may just be writing the end of such a leg, as it was: then it is written before, or not any more.
    const reached = record.left.filter(
      ({ number, counterpart }) => number !== person && counterpart === person,
    )
    for (const { number } of reached)
      await books.change(number, ({ legs }) => ({ result: undefined, write: { legs, until: 0 } }))
    return true
  }

  async function eraseFoundSessions(progress: Progress): Promise<void> {
    for await (const found of storage.all(SESSION_KIND)) {
      for (const kept of found) {
        if (kept.unreadable) {
          progress.unreadable += 1
          onUnreadable(kept.unreadable)
          continue
        }
        const record = readRecord(kept.name, kept)
        if (record?.kind === 'session' && isOf(record, progress.person))
          await again(() => eraseFrom(kept.name, progress))
      }
    }
  }

  async function eraseFoundMentions(progress: Progress): Promise<void> {
    for await (const found of storage.all(BOOK_KIND)) {
      for (const book of found) {
        const key = foundKey(BOOK_KIND, book)
        let kept: Kept | undefined = book
        await again(async () => {
          const isDone = await eraseMentions(key, kept, progress)
          if (!isDone) [kept] = await storage.read([key])
          return isDone
        })
      }
    }
  }

  /** False when the book just changed. */
  async function eraseMentions(key: Key, kept: Kept | undefined, progress: Progress): Promise<boolean> {
    if (!kept) return true
    if (kept.unreadable) {
      progress.unreadable += 1
      onUnreadable(kept.unreadable)
      return true
    }
    const book = readBook(kept)
    const legs = book.map((leg) => withoutMention(leg, progress))
    if (legs.every((leg, i) => leg === book[i])) return true
    if (!(await storage.swap({ key, was: kept, value: bookValue(legs), until: AS_BEFORE }))) return false
    progress.removed.mentions += 1
    progress.touched.push(key)
    return true
  }

  async function eraseFoundLeads(kind: string, { ended, removed }: Progress): Promise<void> {
    for await (const found of storage.all(kind)) {
      for (const kept of found) {
        const lead = leadIn(kept)
        if (lead && ended.has(lead.s)) removed.keys += await removeLead(foundKey(kind, kept), lead.s)
      }
    }
  }

  /** Nobody changes it any more. */
  function isForgotten({ session }: SessionRecord): boolean {
    return storage.now() >= rememberedUntil(endOf(session), options)
  }

  /** How many keys that is. Whoever is faster leads it elsewhere. */
  async function removeLead(key: Key, id: string): Promise<number> {
    const [kept] = await storage.read([key])
    if (leadIn(kept)?.s !== id) return 0
    return (await storage.swap({ key, was: kept, value: undefined, until: 0 })) ? 1 : 0
  }

  async function removePin(key: Key, id: string): Promise<number> {
    const [kept] = await storage.read([key])
    if (ownerIn(kept)?.sessionId !== id) return 0
    return (await storage.swap({ key, was: kept, value: undefined, until: 0 })) ? 1 : 0
  }

  async function forgetRequest(key: Key, id: string): Promise<boolean> {
    const [kept] = await storage.read([key])
    const lead = leadIn(kept)
    if (lead?.s !== id || lead.f === '') return true
    return storage.swap({ key, was: kept, value: { ...lead, f: '' }, until: AS_BEFORE })
  }
}

/** The leg without the person whom it reached: its number rests on, from whomever it was. */
function withoutMention(leg: BookLeg, { person, ended }: Progress): BookLeg {
  if (leg.ended)
    return leg.ended.counterpart === person ? { ...leg, ended: { ...leg.ended, counterpart: '' } } : leg
  const at = ended.get(leg.sessionId)
  return at === undefined ? leg : { ...leg, ended: { at, counterpart: '' } }
}

/** Whether the person is or was a participant, or was reached by one. */
function isOf(record: SessionRecord, person: string): boolean {
  if (isParticipant(record, person)) return true
  return record.left.some(({ number, counterpart }) => number === person || counterpart === person)
}

async function again(step: () => Promise<boolean>): Promise<void> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) if (await step()) return
  throw new StoreUnavailableError()
}
