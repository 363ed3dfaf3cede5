import { performance } from 'node:perf_hooks'
import { candidatesIn } from '../../masking/allocation.js'
import { heldForEver } from '../../masking/pair.js'
import { wholeNumber } from '../../masking/phone-number.js'
import {
  endOf,
  legTo,
  MAX_SESSION_SECONDS,
  otherSide,
  rememberedUntil,
  type Session,
  type SessionParticipant,
  type Side,
  type Sides,
  statusOf,
} from '../../masking/session.js'
import { spreadOf } from '../../masking/session-id.js'
import {
  type Changed,
  type ChangeOutcome,
  type ClosedUnread,
  type CreateOutcome,
  type FoundLeg,
  type SessionChange,
  type SessionDraft,
  type SessionStore,
  type SessionStoreOptions,
  StoreUnavailableError,
  type Unreadable,
  UnreadableSessionError,
} from '../../masking/session-store.js'
import { createSurvey } from '../../masking/usage.js'
import { cursorAt, type Dated, positionOf } from '../timeline.js'
import {
  BOOK_PREFIX,
  type BookLeg,
  type Claim,
  type Claimed,
  createRedisBooks,
  legsIn,
  type NoneFree,
} from './books.js'
import type { DurableLane } from './durable-lane.js'
import { createGate } from './gate.js'
import { ifAnswered } from './if-answered.js'
import type { Link } from './link.js'
import { createNames } from './names.js'
import {
  type OpenedRecord,
  openRecord,
  openSession,
  type RecordFields,
  type StoredSession,
  sealEnd,
  sealSession,
} from './records.js'
import { isReply, replyWord } from './reply-word.js'
import { createReservations } from './reservations.js'
import { keysMatching } from './scan.js'
import type { ScriptedClient } from './scripts.js'
import type { Vault } from './vault.js'

export interface RedisSessionOptions extends SessionStoreOptions {
  /** For calls, which cannot wait long. */
  readonly link: Link
  /** For all else, which can wait. */
  readonly slow?: Link
  /** For what must survive the loss of a server. */
  readonly lane: DurableLane
  readonly vault: Vault
  /** Told of each record or book that is passed over because it cannot be read. */
  readonly onUnreadable?: (reason: Unreadable) => void
}

/** The result of a change that was written again. */
type Repeated = Changed | ClosedUnread | ChangeOutcome | undefined

const SESSION_PREFIX = 'callmask:2:session:'
const INDEX = 'callmask:2:index'
const DRAINING = 'callmask:draining'
const MENDED_PREFIX = 'callmask:2:mended:'
/** How many sessions a list looks at for one page, at most, and at how many at once. */
const LIST_SCAN = 10_000
const LIST_STEP = 200
/** How many sessions of the list each upkeep looks at. */
const UPKEEP_STEP = 100
/** How many unconfirmed changes an instance keeps for writing them again. */
const MAX_PENDING = 10_000
/** Milliseconds that opening a session may take. After that, others may treat it as abandoned. */
const CREATE_LIMIT_MS = 5_000
/** Milliseconds after which a number that was claimed for a session that is not there is free again. */
export const ABANDONED_MS = 60_000
/** Milliseconds within which one person's book is repaired once at most. */
const MEND_PAUSE_MS = 2_000
const MAX_ATTEMPTS = 5
/** How often a close tries again where others change the session meanwhile: it should not be what gives up. */
const MAX_CLOSE_ATTEMPTS = 20
/** How many sessions an instance opens or changes at once, so that calls do not wait behind a crowd of them. */
const CONCURRENT_WRITES = 16

/**
 * Sessions on Redis or Valkey, for any number of instances. A session is its record; a person's book only leads to it.
 * So a session is opened by claiming a number in each book and then writing the record, and ended by one write to the
 * record. What a crash leaves in a book leads nowhere, and is repaired when the number is needed.
 */
export function createRedisSessions(options: RedisSessionOptions): SessionStore {
  const { link, slow = link, lane, vault, now, pool, restMs, fixed, onUnreadable = () => undefined } = options
  const books = createRedisBooks({ link: slow, vault, now, restMs })
  const booksForCalls = createRedisBooks({ link, vault, now, restMs })
  const memoryMs = rememberedUntil(0, restMs)
  const names = createNames({ link: slow, vault, now, memoryMs: memoryMs + CREATE_LIMIT_MS })
  const reservations = createReservations({
    link: slow,
    vault,
    now,
    read: readAsked,
    bury: async (id) => (await ask((client) => client.cmBury(SESSION_PREFIX + id, now()))) === 1,
    abort: async (id) => (await abort(id))[0] === 'aborted',
    longestMs: MAX_SESSION_SECONDS * 1_000 + memoryMs,
  })
  const gate = createGate(CONCURRENT_WRITES)
  const pending = new Map<string, () => Promise<Repeated>>()
  let swept = 0

  return {
    create: (draft) => gate(() => create(draft)),

    async find(id) {
      return (await readAsked(id))?.session
    },

    async list({ externalId, status, cursor, limit }) {
      const isAsked = (session: Session) => !status || statusOf(session, now()) === status
      const indexes = externalId === undefined ? [INDEX] : names.keysOf(externalId)
      const sessions: Session[] = []
      let [from, next] = [cursor === undefined ? undefined : positionOf(cursor), cursor]
      for (let looked = 0; looked < LIST_SCAN; looked += LIST_STEP) {
        const positions = await olderThanIn(indexes, from)
        const page = await Promise.all(positions.map(({ id }) => readable(id)))
        for (const [i, position] of positions.entries()) {
          if (sessions.length === limit) return { sessions, next }
          const session = page[i]?.session
          if (session && isAsked(session)) sessions.push(session)
          from = position
          next = cursorAt(position)
        }
        if (positions.length < LIST_STEP) return { sessions }
      }
      return { sessions, next }
    },

    change: (id, change) => gate(() => changeFrom(id, change, 1)),

    close: (id) => close(id, 1),

    async findLeg(callers, dialled) {
      const legs = await booksForCalls.find(callers, dialled)
      const found = await Promise.all(legs.map(({ sessionId }) => read(sessionId, link).catch(asUnreadable)))
      const matches = found.flatMap((stored) =>
        stored && !isUnreadable(stored) ? (legIn(stored.session, callers, dialled) ?? []) : [],
      )
      const match = matches.find(({ kind }) => kind === 'open') ?? matches[0]
      const unreadable = match ? undefined : found.find(isUnreadable)
      if (unreadable) throw unreadable
      return match
    },

    async numbersOf(callers) {
      const legs = (await books.of(callers)).filter(({ endsAt }) => now() < endsAt)
      const found = await Promise.all(
        legs.map(async ({ sessionId, maskingNumber }) =>
          legIn((await passOver(read(sessionId)))?.session, callers, maskingNumber),
        ),
      )
      return legs.filter((_, i) => found[i]?.kind === 'open').map(({ maskingNumber }) => maskingNumber)
    },

    async usage() {
      const draining = new Set(await ask((client) => client.smembers(DRAINING)))
      const survey = createSurvey({ pool, draining, now: now(), restMs })
      const fixedByBook = new Map(
        fixed.map(({ caller }) => {
          const person = wholeNumber(caller)
          return [BOOK_PREFIX + vault.namesOf(person, 'person')[0], heldForEver(fixed, person)]
        }),
      )
      for await (const keys of keysMatching(slow, `${BOOK_PREFIX}*`)) {
        const found = await Promise.all(
          keys.map((key) => passOver(ifReadable(ask((client) => client.hgetall(key).catch(ofWrongType))))),
        )
        for (const [i, book] of found.entries()) {
          const held = legsIn(book ?? {}).map(({ maskingNumber, endsAt }) => ({
            number: maskingNumber,
            counterpart: '',
            endsAt,
          }))
          survey.add([...held, ...(fixedByBook.get(keys[i] as string) ?? [])])
        }
      }
      return survey.result()
    },

    async setNumberState(number, state) {
      if (state === 'draining') await ask((client) => client.sadd(DRAINING, number))
      else await ask((client) => client.srem(DRAINING, number))
    },

    async upkeep() {
      await confirmPending()
      const ids = await ask((client) => client.zrange(INDEX, String(swept), String(swept + UPKEEP_STEP - 1)))
      const there = await Promise.all(ids.map((id) => ask((client) => client.exists(SESSION_PREFIX + id))))
      const gone = ids.filter((_, i) => there[i] === 0)
      if (gone.length > 0) await ask((client) => client.zrem(INDEX, ...gone))
      swept = ids.length < UPKEEP_STEP ? 0 : swept + ids.length - gone.length
      return gone.length
    },
  }

  /** Writes again what no replica has confirmed yet. */
  async function confirmPending(): Promise<void> {
    for (const [id, repeat] of [...pending]) {
      const repeated = await repeat().catch(asUnreadable)
      if (isUnreadable(repeated)) onUnreadable(repeated.reason)
      const isPending = repeated && 'durable' in repeated && !repeated.durable
      if (!isPending) pending.delete(id)
    }
  }

  /** Remembers a change that is not confirmed, to write it again later. */
  function unlessDurable<Outcome extends { readonly durable: boolean }>(
    id: string,
    changed: Outcome,
    repeat: () => Promise<Repeated>,
  ): Outcome {
    pending.delete(id)
    if (!changed.durable && pending.size < MAX_PENDING) pending.set(id, repeat)
    return changed
  }

  async function create(draft: SessionDraft): Promise<CreateOutcome> {
    const begun = performance.now()
    const reserved = await reservations.reserve(draft, rememberedUntil(draft.expiresAt, restMs))
    if (reserved.kind === 'conflict') return reserved
    if (reserved.kind === 'existing') return { kind: 'existing', session: reserved.stored.session }

    const { id, cancel } = reserved
    const active = await activeNumbers()
    const first = await claim(draft, id, 0, active)
    if ('numbersNeeded' in first) return giveUp({ draft, id, cancel, side: 0, noneFree: first, claimed: [] })
    const second = await claim(draft, id, 1, active, first.number)
    if ('numbersNeeded' in second)
      return giveUp({ draft, id, cancel, side: 1, noneFree: second, claimed: [first] })
    if (performance.now() - begun > CREATE_LIMIT_MS) throw new StoreUnavailableError()
    return commit(draft, id, [first, second])
  }

  async function close(id: string, attempt: number): Promise<Changed | ClosedUnread | undefined> {
    const opened = await openedOrUnreadable(id)
    if (opened === undefined) return undefined
    if (opened === 'closed-unread' || isUnreadable(opened)) return closeUnread(id)
    const { stored } = opened
    if (isForgotten(stored.session)) return undefined

    const isOpen = statusOf(stored.session, now()) === 'open'
    const session = isOpen ? { ...stored.session, closedAt: now() } : stored.session
    const sealed = isOpen ? sealSession({ ...stored, session, version: stored.version + 1 }, vault) : ''
    const forgetAt = rememberedUntil(endOf(session), restMs)
    const { reply, durable } = await lane.write(SESSION_PREFIX + id, (client, key) =>
      client.cmClose(key, stored.version, isOpen ? endOf(session) : '', sealed, forgetAt),
    )
    if (reply === 'unknown') return undefined
    if (reply === 'changed') {
      if (attempt === MAX_CLOSE_ATTEMPTS) throw new StoreUnavailableError()
      return close(id, attempt + 1)
    }
    const changed = unlessDurable(id, { session, durable }, () => close(id, 1))
    await orMendLater(amendLegs(session, endOf(session)))
    return changed
  }

  /** Closes a session of which nothing can be read, for good: also for those who have the key that we lack. */
  async function closeUnread(id: string): Promise<ClosedUnread | undefined> {
    const closedAt = now()
    const { reply, durable } = await lane.write(SESSION_PREFIX + id, (client, key) =>
      client.cmEnd(key, closedAt, sealEnd(id, closedAt, vault), rememberedUntil(closedAt, restMs)),
    )
    return reply === 'unknown' ? undefined : unlessDurable(id, { durable }, () => close(id, 1))
  }

  function ask<Reply>(question: (client: ScriptedClient) => Promise<Reply>): Promise<Reply> {
    return slow.ask((client) => question(client as ScriptedClient))
  }

  async function fieldsOf(id: string, way: Link): Promise<RecordFields> {
    return ifReadable(
      way.ask((client) =>
        client.hmget(SESSION_PREFIX + id, 'v', 'x', 'c', 'd', 'a').catch(ofWrongType),
      ) as Promise<RecordFields | undefined>,
    )
  }

  /** Rejects with an `UnreadableSessionError` where something stands there that we cannot read. */
  async function read(id: string, way = slow): Promise<StoredSession | undefined> {
    return openSession(id, await fieldsOf(id, way), vault)
  }

  async function openedOrUnreadable(id: string): Promise<OpenedRecord | UnreadableSessionError> {
    const opened = fieldsOf(id, slow).then((fields) => openRecord(id, fields, vault))
    return opened.catch(asUnreadable)
  }

  async function readRemembered(id: string): Promise<StoredSession | undefined> {
    const stored = await read(id)
    return stored && !isForgotten(stored.session) ? stored : undefined
  }

  /** The same where somebody waits for this session alone: a key of another type is a store that fails. */
  async function readAsked(id: string): Promise<StoredSession | undefined> {
    const stored = await readRemembered(id).catch(asUnreadable)
    if (!isUnreadable(stored)) return stored
    throw stored.reason === 'wrong-type' ? new StoreUnavailableError() : stored
  }

  function isForgotten(session: Session): boolean {
    return now() >= rememberedUntil(endOf(session), restMs)
  }

  /** The same for a list, which shows what it can: one bad record must not hide the others. */
  function readable(id: string): Promise<StoredSession | undefined> {
    return passOver(readRemembered(id))
  }

  /** What can be read; undefined, and a note of it, where it cannot. */
  async function passOver<Result>(work: Promise<Result>): Promise<Result | undefined> {
    const result = await work.catch(asUnreadable)
    if (!isUnreadable(result)) return result
    onUnreadable(result.reason)
    return undefined
  }

  async function activeNumbers(): Promise<string[]> {
    const draining = new Set(await ask((client) => client.smembers(DRAINING)))
    return pool.filter((number) => !draining.has(number))
  }

  /** The leg of one of these callers in a session, if it is open or at rest. */
  function legIn(
    session: Session | undefined,
    callers: readonly string[],
    dialled: string,
  ): FoundLeg | undefined {
    const side = session?.participants.findIndex(
      ({ number, maskingNumber }) => maskingNumber === dialled && callers.includes(number),
    ) as Side | -1 | undefined
    if (!session || side === undefined || side === -1) return undefined
    const endsAt = endOf(session)
    if (now() >= endsAt + restMs) return undefined
    return {
      kind: now() < endsAt ? 'open' : 'ended',
      leg: legTo(session.participants[otherSide(side)], session),
    }
  }

  async function claim(
    draft: SessionDraft,
    id: string,
    side: Side,
    active: readonly string[],
    last?: string,
  ): Promise<Claimed | NoneFree> {
    const { countryCode } = draft.participants[side]
    const person = wholeNumber(draft.participants[side])
    const wanted: Claim = {
      sessionId: id,
      person,
      counterpart: wholeNumber(draft.participants[otherSide(side)]),
      endsAt: draft.expiresAt,
      version: 1,
      allowShortRest: draft.allowShortRest,
      fixed: heldForEver(fixed, person),
    }
    const candidates = candidatesIn(active, { countryCode, from: spreadOf(id), last })
    const reply = await books.claim(wanted, candidates)
    if (!('numbersNeeded' in reply) || !(await mend(person, reply.legs))) return reply
    return books.claim(wanted, candidates)
  }

  /** Repairs what a crash left in a person's book. Returns whether that ended a leg earlier. */
  async function mend(person: string, legs: readonly BookLeg[]): Promise<boolean> {
    if (!(await isMendingDue(person))) return false
    const mended = await Promise.all(
      legs.map(async ({ sessionId, maskingNumber, endsAt, claimedAt, stamp }) => {
        if (sessionId === '') return false
        const stored = await read(sessionId).catch(asUnreadable)
        // It may be open, for those who have the key that we lack.
        if (isUnreadable(stored)) return false
        const session = stored?.session
        const isMember = session?.participants.some(
          (participant) => participant.number === person && participant.maskingNumber === maskingNumber,
        )
        if (!isMember && now() < claimedAt + ABANDONED_MS) return false
        // Without a session the leg never connected a call; if the person was replaced, it did until now.
        const end = session ? (isMember ? endOf(session) : now()) : claimedAt
        if (end >= endsAt) return false
        await books.amend({ person, maskingNumber, sessionId, endsAt: end, stamp })
        return true
      }),
    )
    return mended.includes(true)
  }

  /** Repairs are rate-limited, however many requests find no number. */
  async function isMendingDue(person: string): Promise<boolean> {
    const key = MENDED_PREFIX + vault.namesOf(person, 'person')[0]
    const last = await ask((client) => client.set(key, now(), 'PX', MEND_PAUSE_MS, 'NX', 'GET'))
    return last === null || now() >= Number(last) + MEND_PAUSE_MS
  }

  async function commit(draft: SessionDraft, id: string, claimed: Sides<Claimed>): Promise<CreateOutcome> {
    const session = sessionOf(draft, id, claimed)
    const { createdAt, expiresAt } = session
    const { fingerprint } = draft
    const sealed = sealSession({ session, version: 1, keys: reservations.keysOf(draft), fingerprint }, vault)
    const forgetAt = rememberedUntil(expiresAt, restMs)
    // First the lists, or a crash in between would leave a session that is in none.
    await Promise.all([ask((client) => client.zadd(INDEX, createdAt, id)), names.add(session, forgetAt)])
    const [verdict, fields] = (await ask((client) =>
      client.cmCommit(SESSION_PREFIX + id, expiresAt, sealed, forgetAt),
    )) as [string, RecordFields]
    if (verdict === 'created') return { kind: 'created', session }
    const existing = openSession(id, fields, vault)
    // Another request with the same keys found no number, and both have to be retried.
    if (!existing) throw new StoreUnavailableError()
    return { kind: 'existing', session: existing.session }
  }

  /** Writes a tombstone, so that a session is never written, unless it exists already. */
  async function abort(id: string): Promise<[string, RecordFields?]> {
    const reply = await ask((client) => client.cmAbort(SESSION_PREFIX + id, ABANDONED_MS))
    return reply as [string, RecordFields?]
  }

  interface GivenUp {
    readonly draft: SessionDraft
    readonly id: string
    readonly cancel: () => Promise<void>
    readonly side: Side
    readonly noneFree: NoneFree
    readonly claimed: readonly Claimed[]
  }

  /** Cleans up after a session that cannot be opened, unless another request opened it at the same time. */
  async function giveUp({ draft, id, cancel, side, noneFree, claimed }: GivenUp): Promise<CreateOutcome> {
    if (reservations.keysOf(draft).length > 0) {
      const [, fields] = await abort(id)
      const existing = fields && openSession(id, fields, vault)
      if (existing) return { kind: 'existing', session: existing.session }
    }
    await Promise.all(claimed.map(({ release }) => release()))
    await cancel()
    const { numbersNeeded, nextFreeAt } = noneFree
    return { kind: 'exhausted', side, numbersNeeded, ...(nextFreeAt !== undefined && { nextFreeAt }) }
  }

  async function changeFrom(id: string, change: SessionChange, attempt: number): Promise<ChangeOutcome> {
    const stored = await readAsked(id)
    if (!stored) return { kind: 'unknown' }
    const { session, version, keys } = stored
    const written = version + 1
    if (statusOf(session, now()) !== 'open') return { kind: 'ended' }
    const expiresAt = change.expiresAt ?? session.expiresAt
    const { replace } = change
    if (replace && replace.number === session.participants[otherSide(replace.side)].number)
      return { kind: 'equal' }
    const isReplaced = replace && replace.number !== session.participants[replace.side].number
    const taken = isReplaced ? await take(stored, replace, change, expiresAt) : undefined
    if (taken && 'freeAt' in taken) return { kind: 'taken', ...taken }

    const changed: Session = {
      ...session,
      ...(isReplaced && {
        participants: withReplaced(session, replace, taken?.restedFor),
        pairedAt: now(),
      }),
      expiresAt,
    }
    const forgetAt = rememberedUntil(expiresAt, restMs)
    // A book may hold a number for too long, but never for too short a time.
    if (expiresAt > session.expiresAt) {
      await Promise.all([
        amendLegs(changed, expiresAt, written),
        reservations.keep(keys, forgetAt),
        names.keep(session, forgetAt),
      ])
    }
    const { reply, durable } = await lane.write(SESSION_PREFIX + id, (client, key) =>
      client.cmUpdate(
        key,
        version,
        now(),
        expiresAt,
        sealSession({ ...stored, session: changed, version: written }, vault),
        forgetAt,
      ),
    )
    if (reply !== 'updated') {
      await taken?.release()
      if (reply === 'ended' || reply === 'unknown') return { kind: reply }
      if (attempt === MAX_ATTEMPTS) throw new StoreUnavailableError()
      return changeFrom(id, change, attempt + 1)
    }
    const outcome = { kind: 'changed', session: changed, durable } as const
    unlessDurable(id, outcome, () => repeatChange(changed, written, change))
    if (isReplaced) await orMendLater(noteReplacement(session, changed, replace.side, written))
    if (expiresAt < session.expiresAt) await orMendLater(amendLegs(changed, expiresAt, written))
    return outcome
  }

  /** Has a change confirmed if the record still has it, and makes it again if it was lost with a server. */
  async function repeatChange(session: Session, written: number, change: SessionChange): Promise<Repeated> {
    const { reply, durable } = await lane.write(SESSION_PREFIX + session.id, (client, key) =>
      client.cmTouch(key),
    )
    if (reply === null) return undefined
    if (Number(reply) >= written) return { session, durable }
    return changeFrom(session.id, change, 1)
  }

  /** Claims the masking number of a side for its new participant. */
  async function take(
    { session, version }: StoredSession,
    { side, number }: { readonly side: Side; readonly number: string },
    { allowShortRest }: SessionChange,
    expiresAt: number,
  ): Promise<Claimed | { readonly freeAt: number }> {
    const { maskingNumber } = session.participants[side]
    const wanted: Claim = {
      sessionId: session.id,
      person: number,
      counterpart: session.participants[otherSide(side)].number,
      endsAt: Math.max(expiresAt, session.expiresAt),
      version: version + 1,
      allowShortRest,
      fixed: heldForEver(fixed, number),
    }
    const reply = await books.take(wanted, maskingNumber)
    if (!('freeAt' in reply)) return reply
    const legs = await books.find([number], maskingNumber)
    return (await mend(number, legs)) ? books.take(wanted, maskingNumber) : reply
  }

  /** The record holds already, so a failure here does no harm: the book is repaired when the number is needed. */
  function orMendLater(work: Promise<void>): Promise<void> {
    return ifAnswered(work, undefined)
  }

  /** Writes the end of a session into both books. */
  async function amendLegs({ id, participants }: Session, endsAt: number, version?: number): Promise<void> {
    await Promise.all(
      participants.map(({ number, maskingNumber }) =>
        books.amend({
          person: number,
          maskingNumber,
          sessionId: id,
          endsAt,
          ...(version !== undefined && { version }),
        }),
      ),
    )
  }

  /** Ends the leg of the participant who left, and notes the new counterpart in the other leg. */
  async function noteReplacement(
    before: Session,
    after: Session,
    side: Side,
    version: number,
  ): Promise<void> {
    const [left, joined] = [before.participants[side], after.participants[side]]
    const other = after.participants[otherSide(side)]
    await Promise.all([
      books.amend({
        person: left.number,
        maskingNumber: left.maskingNumber,
        sessionId: before.id,
        endsAt: now(),
        version,
      }),
      books.amend({
        person: other.number,
        maskingNumber: other.maskingNumber,
        sessionId: before.id,
        counterpart: joined.number,
        version,
      }),
    ])
  }

  /** The next positions in several lists as one. Each session is in one of them. */
  async function olderThanIn(indexes: readonly string[], from: Dated | undefined): Promise<Dated[]> {
    const lists = await Promise.all(indexes.map((index) => olderThan(index, from)))
    if (lists.length === 1) return lists.flat()
    return lists.flat().sort(newestFirst).slice(0, LIST_STEP)
  }

  /** The next positions in a list, from the newest on. Those of one millisecond are told apart by their ids. */
  async function olderThan(index: string, from: Dated | undefined): Promise<Dated[]> {
    const same = from ? await ask((client) => client.zcount(index, from.createdAt, from.createdAt)) : 0
    const flat = await ask((client) =>
      client.zrange(
        index,
        String(from?.createdAt ?? '+inf'),
        '-inf',
        'BYSCORE',
        'REV',
        'LIMIT',
        0,
        LIST_STEP + same,
        'WITHSCORES',
      ),
    )
    const positions: Dated[] = []
    for (let i = 0; i < flat.length; i += 2) {
      positions.push({ id: String(flat[i]), createdAt: Number(flat[i + 1]) })
    }
    const isOlder = ({ id, createdAt }: Dated) => !from || createdAt < from.createdAt || id < from.id
    return positions.filter(isOlder).slice(0, LIST_STEP)
  }
}

function newestFirst(one: Dated, other: Dated): number {
  return other.createdAt - one.createdAt || Buffer.compare(Buffer.from(other.id), Buffer.from(one.id))
}

function isUnreadable(result: unknown): result is UnreadableSessionError {
  return result instanceof UnreadableSessionError
}

/** Takes one kind of failure as a result, so that it can be looked at beside others. */
function asUnreadable(error: unknown): UnreadableSessionError {
  if (isUnreadable(error)) return error
  throw error
}

/** Nothing, where a key holds something else than it should. */
function ofWrongType(error: Error): undefined {
  if (isReply(error) && replyWord(error) === 'WRONGTYPE') return undefined
  throw error
}

async function ifReadable<Reply>(reply: Promise<Reply | undefined>): Promise<Reply> {
  const there = await reply
  if (there === undefined) throw new UnreadableSessionError('wrong-type')
  return there
}

function sessionOf(draft: SessionDraft, id: string, claimed: Sides<Claimed>): Session {
  const { participants, createdAt, expiresAt, externalId, metadata } = draft
  const participant = (side: Side): SessionParticipant => ({
    number: wholeNumber(participants[side]),
    maskingNumber: claimed[side].number,
    restedFor: claimed[side].restedFor,
  })
  return {
    id,
    participants: [participant(0), participant(1)],
    createdAt,
    expiresAt,
    ...(externalId !== undefined && { externalId }),
    ...(metadata && { metadata }),
  }
}

function withReplaced(
  { participants }: Session,
  { side, number }: { readonly side: Side; readonly number: string },
  restedFor: number | undefined,
): Sides<SessionParticipant> {
  const joined = { number, maskingNumber: participants[side].maskingNumber, restedFor }
  return side === 0 ? [joined, participants[1]] : [participants[0], joined]
}
