import {
  candidatesIn,
  chooseNumber,
  type Exhausted,
  type Given,
  type Held,
  takeNumber,
} from './allocation.js'
import { type Claim, createStamps, isClaim, withLeg } from './book.js'
import { abort, createBooks, type HeldLeg, type OpenBook, type Step } from './books.js'
import { createGate } from './gate.js'
import { ALL_SESSIONS, nameKey, namesakesOf, pastOf, recordKey, requestKey } from './keys.js'
import type { FixedLeg } from './pair.js'
import { wholeNumber } from './phone-number.js'
import {
  isOpen,
  isParticipant,
  type ReadRecord,
  readRecord,
  recordValue,
  type SessionRecord,
} from './record.js'
import { createReservations } from './reservations.js'
import {
  endOf,
  type Memory,
  otherSide,
  rememberedUntil as rememberedUntilBy,
  type Session,
  type SessionParticipant,
  type Side,
  type Sides,
  statusOf,
} from './session.js'
import { spreadOf } from './session-id.js'
import {
  type Changed,
  type ChangeOutcome,
  type CreateOutcome,
  type Replacement,
  type SessionChange,
  type SessionDraft,
  type SessionPage,
  type SessionQuery,
  type Sessions,
  UnreadableSessionError,
} from './session-store.js'
import {
  type Entry,
  type Kept,
  type Key,
  type Storage,
  StoreUnavailableError,
  type Unreadable,
} from './storage.js'
import { createUnconfirmed } from './unconfirmed.js'

export interface SessionsOptions extends Memory {
  readonly storage: Storage
  /** The masking numbers that may be given now, whole. */
  readonly activeNumbers: () => Promise<readonly string[]>
  /** Legs that hold their numbers for ever. */
  readonly fixed: readonly FixedLeg[]
  /** Told of each record or book that is passed over because it cannot be read. */
  readonly onUnreadable?: (reason: Unreadable) => void
}

/** How many sessions a list looks at for one page, at most, and at how many at once. */
export const LIST_SCAN = 10_000
const LIST_STEP = 200
/** How many sessions of the list each upkeep looks at. */
export const UPKEEP_STEP = 1_000
/** How many sessions an instance opens or changes at once, so that calls do not wait behind a crowd of them. */
const CONCURRENT_WRITES = 16
/** How often a change begins again. Each time it is in vain, somebody else has changed the session. */
const MAX_ATTEMPTS = 20
/** How many entries of a short list are looked at for each new one. */
const TIDY_STEP = 4

/**
 * Sessions, over any storage. A session is its record; a person's book only leads to it. A session is opened by claiming a
 * number in each book and then writing the record, and ended by one write to the record. Whatever a crash leaves leads nowhere,
 * and is put right when the number is needed.
 */
export function createSessions(options: SessionsOptions): Sessions {
  const { storage, activeNumbers, restMs, fixed, onUnreadable = () => undefined } = options
  const rememberedUntil = (endedAt: number) => rememberedUntilBy(endedAt, options)
  const books = createBooks({ storage, rememberedUntil, fixed, onUnreadable })
  const reservations = createReservations({
    storage,
    rememberedUntil,
    bury: (record, kept) => rewrite(record, kept, { isOver: true }),
    addKey: (record, kept, key) =>
      rewrite(record, kept, { idempotencyKeys: [...record.idempotencyKeys, key] }),
  })
  const unconfirmed = createUnconfirmed({ storage, restore, onUnreadable })
  const gate = createGate(CONCURRENT_WRITES)
  const stampOf = createStamps()
  let swept: Entry | undefined

  return {
    create: (draft) => gate(() => create(draft)),

    async find(id) {
      const { record } = await readAsked(id)
      return record?.session
    },

    list,

    change: (id, change) => gate(() => changeSession(id, change)),

    close: (id) => close(id),

    closeOf: close,

    now: () => storage.now(),

    async upkeep() {
      await unconfirmed.upkeep()
      await sweepList()
      await storage.upkeep()
    },
  }

  async function create(draft: SessionDraft): Promise<CreateOutcome> {
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
      const outcome = await tryToCreate(draft)
      if (outcome !== 'changed') return outcome
    }
    throw new StoreUnavailableError()
  }

  async function tryToCreate(draft: SessionDraft): Promise<CreateOutcome | 'changed'> {
    const reserved = await reservations.reserve(draft, rememberedUntil(draft.expiresAt))
    if (reserved.kind === 'conflict') return reserved
    if (reserved.kind === 'existing') return existing(reserved.record)

    const { id } = reserved
    const numbers = await activeNumbers()
    const first = await give({ draft, id, side: 0, numbers })
    if ('numbersNeeded' in first) return giveUp(draft, id, 0, first, [])
    const second = await give({ draft, id, side: 1, numbers, last: first.number })
    if ('numbersNeeded' in second) return giveUp(draft, id, 1, second, [first])

    const record = recordOf(draft, id, [first, second])
    await enlist(record.session)
    const key = recordKey(id)
    const until = rememberedUntil(draft.expiresAt)
    if (!(await storage.swap({ key, was: undefined, value: recordValue(record), until }))) {
      const other = await joined(id)
      if (other === 'changed') await Promise.all([first.release(), second.release()])
      return other
    }
    return {
      kind: 'created',
      session: record.session,
      durable: await unconfirmed.confirm(record, keysOf(draft)),
    }
  }

  async function existing(record: SessionRecord): Promise<CreateOutcome> {
    return { kind: 'existing', session: record.session, durable: await unconfirmed.confirm(record) }
  }

  /** What another request with the same keys made of the session. */
  async function joined(id: string): Promise<CreateOutcome | 'changed'> {
    const { record } = await readAsked(id)
    return record ? existing(record) : 'changed'
  }

  interface Giving {
    readonly draft: SessionDraft
    readonly id: string
    readonly side: Side
    readonly numbers: readonly string[]
    /** A number that is given only where there is no other. */
    readonly last?: string
  }

  /** A number that was given, and how to take it back. */
  interface Claimed extends Given {
    release(): Promise<unknown>
  }

  /** Claims a number for one side. */
  function give({ draft, id, side, numbers, last }: Giving): Promise<Claimed | Exhausted> {
    const { countryCode } = draft.participants[side]
    const person = wholeNumber(draft.participants[side])
    return claim({ person, sessionId: id, version: 0, endsAt: draft.expiresAt }, (book) => {
      const ours = book.legs.find(({ sessionId, ended }) => sessionId === id && !ended)
      if (ours) return { number: ours.maskingNumber }
      return chooseNumber(heldIn(book), {
        candidates: candidatesIn(numbers, { countryCode, from: spreadOf(id), last }),
        counterpart: wholeNumber(draft.participants[otherSide(side)]),
        now: book.now,
        restMs,
        allowShortRest: draft.allowShortRest,
      })
    })
  }

  interface Claiming {
    readonly person: string
    readonly sessionId: string
    /** The version of the session's record that was read, 0 where there is none yet. */
    readonly version: number
    readonly endsAt: number
  }

  /** Writes a leg to a session into a person's book, on the number that is chosen, if one is. */
  async function claim<Refused extends object>(
    { person, sessionId, version, endsAt }: Claiming,
    choose: (book: OpenBook) => Given | Refused,
  ): Promise<Claimed | Refused> {
    const claim = newClaim(version)
    let before: HeldLeg | undefined
    const chosen = await books.change<Given | Refused>(person, (book) => {
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
    })
    if (!('number' in chosen)) return chosen
    return { ...chosen, release: () => release(person, claim, before) }
  }

  function newClaim(version: number): Claim {
    return { at: storage.now(), version, stamp: stampOf() }
  }

  /** Takes back what one claim wrote, and puts back what was there before it. */
  async function release(person: string, claim: Claim, before: HeldLeg | undefined): Promise<void> {
    await books.change(person, ({ legs }): Step<void> => {
      const others = legs.filter((leg) => !isClaim(leg, claim))
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
    const until = rememberedUntil(Number.isFinite(endsAt) ? endsAt : storage.now())
    return notePast(person, { id: sessionId, at: claim.at }, until)
  }

  /**
   * The book does not lead to this session, or not for as long as it is kept, but whoever looks for all that is kept of a person
   * has to find it. To be done before the book or the record says so.
   */
  function notePast(person: string, entry: Entry, until: number): Promise<void> {
    return enlistShortly(pastOf(person), entry, until)
  }

  /** Cleans up after a session that cannot be opened, unless another request opened it at the same time. */
  async function giveUp(
    draft: SessionDraft,
    id: string,
    side: Side,
    { numbersNeeded, nextFreeAt }: Exhausted,
    claimed: readonly Claimed[],
  ): Promise<CreateOutcome | 'changed'> {
    const hasKeys = keysOf(draft).length > 0
    if (hasKeys && !(await abort(storage, id))) {
      const other = await joined(id)
      if (other !== 'changed') return other
    }
    await Promise.all(claimed.map(({ release }) => release()))
    await reservations.cancel(draft, id)
    return { kind: 'exhausted', side, numbersNeeded, ...(nextFreeAt !== undefined && { nextFreeAt }) }
  }

  /** Into the lists first: a crash in between would otherwise leave a session that is in none. */
  async function enlist({ id, createdAt, expiresAt, externalId }: Session): Promise<void> {
    const [entry, until] = [{ id, at: createdAt }, rememberedUntil(expiresAt)]
    await Promise.all([
      storage.enlist(ALL_SESSIONS, entry, Number.POSITIVE_INFINITY),
      externalId !== undefined && enlistShortly(namesakesOf(externalId), entry, until),
    ])
  }

  /** Into a list that lasts as long as it is used, so its old entries are taken out as new ones come. */
  async function enlistShortly(list: Key, entry: Entry, until: number): Promise<void> {
    await storage.enlist(list, entry, until)
    await unlistForgotten(list, await storage.entries(list, { order: 'oldest first', limit: TIDY_STEP }))
  }

  async function changeSession(id: string, change: SessionChange): Promise<ChangeOutcome> {
    let claimed: Claimed | undefined
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
      const outcome = await tryToChange(id, change, (taken) => {
        claimed = taken
      })
      if (outcome === 'changed') continue
      if (outcome.kind !== 'changed' && claimed) await giveBack(id, claimed)
      return outcome
    }
    throw new StoreUnavailableError()
  }

  /** @param onClaim told of a number that is claimed for the change */
  async function tryToChange(
    id: string,
    change: SessionChange,
    onClaim: (claimed: Claimed) => void,
  ): Promise<ChangeOutcome | 'changed'> {
    const { record, kept } = await readAsked(id)
    if (!record) return { kind: 'unknown' }
    if (!isOpen(record, storage.now())) return { kind: 'ended' }
    const { participants, expiresAt: before } = record.session
    const { replace, expiresAt = before } = change
    if (replace && replace.number === participants[otherSide(replace.side)].number) return { kind: 'equal' }
    const isReplaced = replace !== undefined && replace.number !== participants[replace.side].number

    const taken = isReplaced ? await take(record, replace, change.allowShortRest) : undefined
    if (taken && 'freeAt' in taken) return { kind: 'taken', ...taken }
    if (taken) onClaim(taken)
    // What leads to a session may last for too long, but never for too short a time.
    if (expiresAt > before) await prolong(record, expiresAt)

    if (isReplaced) await noteLeaving(participants[replace.side], record.session, Math.max(expiresAt, before))

    const { session, ...rest } = isReplaced ? replacedIn(record, replace, taken?.restedFor) : record
    const next = { ...rest, session: { ...session, expiresAt }, version: record.version + 1 }
    if (!(await write(next, kept))) return 'changed'
    if (isReplaced) await settleLeft(participants[replace.side])
    return { kind: 'changed', ...(await confirmed(next)) }
  }

  /** Claims the masking number of a side for its new participant. */
  function take(
    { session: { id, participants, expiresAt }, version }: SessionRecord,
    { side, number: person }: Replacement,
    allowShortRest: boolean,
  ): Promise<Claimed | { readonly freeAt: number }> {
    const { maskingNumber: number } = participants[side]
    const counterpart = participants[otherSide(side)].number
    return claim({ person, sessionId: id, version, endsAt: expiresAt }, (book) => {
      const isOurs = book.legs.some(
        ({ sessionId, maskingNumber, ended }) => sessionId === id && maskingNumber === number && !ended,
      )
      if (isOurs) return { number }
      return takeNumber(heldIn(book), { number, counterpart, now: book.now, restMs, allowShortRest })
    })
  }

  /** The same change, made by another request, may rest on the same leg: then it is written again. */
  async function giveBack(id: string, claimed: Claimed): Promise<void> {
    const { record, kept } = await readAsked(id)
    if (record && !(await rewrite(record, kept, {}))) return giveBack(id, claimed)
    await claimed.release()
  }

  function replacedIn(
    record: SessionRecord,
    { side, number }: Replacement,
    restedFor: number | undefined,
  ): SessionRecord {
    const { participants } = record.session
    const [leaving, other] = [participants[side], participants[otherSide(side)]]
    const joining: SessionParticipant = { number, maskingNumber: leaving.maskingNumber, restedFor }
    const now = storage.now()
    return {
      ...record,
      session: {
        ...record.session,
        participants: side === 0 ? [joining, other] : [other, joining],
        pairedAt: now,
      },
      left: [
        ...record.left.filter(({ number, at }) => number !== leaving.number && now < rememberedUntil(at)),
        {
          number: leaving.number,
          maskingNumber: leaving.maskingNumber,
          counterpart: other.number,
          at: now,
          version: record.version + 1,
        },
      ],
    }
  }

  async function prolong({ session, ...record }: SessionRecord, expiresAt: number): Promise<void> {
    const until = rememberedUntil(expiresAt)
    const keep = ({ legs }: OpenBook): Step<void> => ({ result: undefined, write: { legs, until } })
    await Promise.all([
      ...session.participants.map(({ number }) => books.change(number, keep)),
      ...record.left.map(({ number }) => notePast(number, { id: session.id, at: session.createdAt }, until)),
      reservations.prolong({ session, ...record }, until),
      session.externalId !== undefined &&
        storage.enlist(namesakesOf(session.externalId), { id: session.id, at: session.createdAt }, until),
    ])
  }

  /** Their book leads to the session for as long as they rest, which may be shorter than the session is kept. */
  function noteLeaving(
    { number }: SessionParticipant,
    { id, createdAt }: Session,
    expiresAt: number,
  ): Promise<void> {
    return notePast(number, { id, at: createdAt }, rememberedUntil(expiresAt))
  }

  /** The record holds already, so a failure here does no harm. */
  function settleLeft({ number }: SessionParticipant): Promise<void> {
    const settle = ({ legs }: OpenBook): Step<void> => ({ result: undefined, write: { legs, until: 0 } })
    return books.change(number, settle).catch(unlessUnavailable)
  }

  /** @param person closes it only if this is a participant */
  async function close(id: string, person?: string): Promise<Awaited<ReturnType<Sessions['close']>>> {
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
      const closed = await tryToClose(id, person)
      if (closed !== 'changed') return closed
    }
    throw new StoreUnavailableError()
  }

  async function tryToClose(
    id: string,
    person: string | undefined,
  ): Promise<Awaited<ReturnType<Sessions['close']>> | 'changed'> {
    const [kept] = await storage.read([recordKey(id)])
    if (kept?.unreadable) return closeUnread(id, kept)
    const record = readRecord(id, kept)
    if (record?.kind === 'closed-unread') return confirmedEnd(id)
    if (record?.kind !== 'session' || isForgotten(record)) return undefined
    if (person !== undefined && !isParticipant(record, person)) return undefined

    const closed = closedNow(record)
    if (closed === record) return confirmed(record)
    return (await write(closed, kept)) ? confirmed(closed) : 'changed'
  }

  /** It is over from now on, if it is not yet. */
  function closedNow(record: SessionRecord): SessionRecord {
    const { session, isOver, version } = record
    if (session.closedAt !== undefined || isOver) return record
    const next = { ...record, version: version + 1 }
    if (!isOpen(record, storage.now())) return { ...next, isOver: true }
    return { ...next, session: { ...session, closedAt: storage.now() } }
  }

  async function confirmed(record: SessionRecord): Promise<Changed> {
    return { session: record.session, durable: await unconfirmed.confirm(record) }
  }

  /** Closes a session of which nothing can be read, for good: also for those who have the key that we lack. */
  async function closeUnread(id: string, was: Kept) {
    const value = recordValue({ kind: 'closed-unread' })
    const until = rememberedUntil(storage.now())
    return (await storage.swap({ key: recordKey(id), was, value, until })) ? confirmedEnd(id) : 'changed'
  }

  async function confirmedEnd(id: string) {
    return { durable: await unconfirmed.confirmEnd(id, () => close(id)) }
  }

  /** Writes an acknowledged state of a session again where it was lost with a server, and the legs that lead to it. */
  async function restore(record: SessionRecord): Promise<void> {
    const { id, participants } = record.session
    if (isOpen(record, storage.now())) {
      for (const { number: person, maskingNumber: number } of participants) {
        const taken = await claimAgain(person, number, record)
        // Lost, and given to somebody else since: that one must not be disturbed.
        if ('freeAt' in taken) return
      }
    }
    const [kept] = await storage.read([recordKey(id)])
    const there = readRecord(id, kept)
    if (there && (there.kind !== 'session' || there.version >= record.version)) return
    await write(record, kept)
  }

  function claimAgain(person: string, number: string, { session, version }: SessionRecord) {
    const { id, expiresAt } = session
    return books.change<object>(person, ({ legs }) => {
      const leg = legs.find(({ maskingNumber }) => maskingNumber === number)
      if (leg?.sessionId === id && !leg.ended) return { result: {} }
      if (leg && leg.endsAt > storage.now()) return { result: { freeAt: leg.endsAt } }
      const claimed = { maskingNumber: number, sessionId: id, claim: newClaim(version) }
      return { result: {}, write: { legs: withLeg(legs, claimed), until: rememberedUntil(expiresAt) } }
    })
  }

  async function list({ externalId, status, cursor, limit }: SessionQuery): Promise<SessionPage> {
    const key = externalId === undefined ? ALL_SESSIONS : namesakesOf(externalId)
    const sessions: Session[] = []
    let [after, next] = [cursor === undefined ? undefined : positionOf(cursor), cursor]
    for (let looked = 0; looked < LIST_SCAN; looked += LIST_STEP) {
      const entries = await storage.entries(key, { order: 'newest first', after, limit: LIST_STEP })
      const records = await storage.read(entries.map(({ id }) => recordKey(id)))
      for (const [i, entry] of entries.entries()) {
        if (sessions.length === limit) return { sessions, next }
        const record = readable(entry.id, records[i])
        const isAsked =
          record && !isForgotten(record) && (!status || statusOf(record.session, storage.now()) === status)
        if (isAsked) sessions.push(record.session)
        after = entry
        next = cursorAt(entry)
      }
      if (entries.length < LIST_STEP) return { sessions }
    }
    return { sessions, next }
  }

  /** A bad record must not hide the others. */
  function readable(id: string, kept: Kept | undefined): SessionRecord | undefined {
    if (kept?.unreadable) onUnreadable(kept.unreadable)
    const record = kept?.unreadable ? undefined : readRecord(id, kept)
    return record?.kind === 'session' ? record : undefined
  }

  /** Takes out of the list of all what is forgotten, a bounded piece at a time. */
  async function sweepList(): Promise<void> {
    const entries = await storage.entries(ALL_SESSIONS, {
      order: 'oldest first',
      after: swept,
      limit: UPKEEP_STEP,
    })
    await unlistForgotten(ALL_SESSIONS, entries)
    const last = entries.at(-1)
    const isEnd = entries.length < UPKEEP_STEP || (last && storage.now() < rememberedUntil(last.at))
    swept = isEnd ? undefined : last
  }

  async function unlistForgotten(list: Key, entries: readonly Entry[]): Promise<void> {
    // Each is remembered for longer than its list entry is young.
    const old = entries.filter(({ at }) => rememberedUntil(at) <= storage.now())
    if (old.length === 0) return
    const records = await storage.read(old.map(({ id }) => recordKey(id)))
    const gone = old.filter(({ id }, i) => isGone(id, records[i]))
    if (gone.length > 0) await storage.delist(list, gone)
  }

  function isGone(id: string, kept: Kept | undefined): boolean {
    if (!kept) return true
    if (kept.unreadable) return false
    const record: ReadRecord = readRecord(id, kept)
    return record?.kind === 'session' && isForgotten(record)
  }

  /** The session that somebody waits for. A key of another type is a store that fails. */
  async function readAsked(id: string): Promise<{ record?: SessionRecord; kept?: Kept | undefined }> {
    const [kept] = await storage.read([recordKey(id)])
    if (kept?.unreadable === 'wrong-type') throw new StoreUnavailableError()
    const record = readRecord(id, kept)
    return record?.kind === 'session' && !isForgotten(record) ? { record, kept } : { kept }
  }

  /** It ended so long ago that it only waits for the upkeep. */
  function isForgotten({ session }: SessionRecord): boolean {
    return storage.now() >= rememberedUntil(endOf(session))
  }

  /** Writes a record with some changes, in the place of the one that was read. */
  function rewrite(
    record: SessionRecord,
    was: Kept | undefined,
    changes: Partial<SessionRecord>,
  ): Promise<boolean> {
    return write({ ...record, ...changes, version: record.version + 1 }, was)
  }

  function write(record: SessionRecord, was: Kept | undefined): Promise<boolean> {
    const { session } = record
    const until = rememberedUntil(endOf(session))
    return storage.swap({ key: recordKey(session.id), was, value: recordValue(record), until })
  }
}

function keysOf({ externalId, idempotencyKey }: SessionDraft): Key[] {
  return [
    ...(externalId === undefined ? [] : [nameKey(externalId)]),
    ...(idempotencyKey === undefined ? [] : [requestKey(idempotencyKey)]),
  ]
}

function heldIn({ legs, fixed }: OpenBook): Held[] {
  return [...fixed, ...legs]
}

function recordOf(draft: SessionDraft, id: string, given: Sides<Given>): SessionRecord {
  const { participants, createdAt, expiresAt, externalId, metadata, idempotencyKey } = draft
  const participant = (side: Side): SessionParticipant => ({
    number: wholeNumber(participants[side]),
    maskingNumber: given[side].number,
    restedFor: given[side].restedFor,
  })
  const session = {
    id,
    participants: [participant(0), participant(1)] as const,
    createdAt,
    expiresAt,
    ...(externalId !== undefined && { externalId }),
    ...(metadata && { metadata }),
  }
  return {
    kind: 'session',
    session,
    version: 1,
    isOver: false,
    left: [],
    fingerprint: externalId !== undefined || idempotencyKey !== undefined ? draft.fingerprint : '',
    idempotencyKeys: idempotencyKey === undefined ? [] : [idempotencyKey],
  }
}

/** A position as text: the cursor of a page. */
function cursorAt({ at, id }: Entry): string {
  return `${at}.${id}`
}

/** The position that a text means. */
function positionOf(cursor: string): Entry {
  const [at, id = ''] = cursor.split('.')
  return { at: Number(at), id }
}

function unlessUnavailable(error: unknown): void {
  if (!(error instanceof StoreUnavailableError || error instanceof UnreadableSessionError)) throw error
}
