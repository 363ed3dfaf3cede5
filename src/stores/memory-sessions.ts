import { setImmediate as turn } from 'node:timers/promises'
import {
  candidatesIn,
  chooseNumber,
  type Exhausted,
  type Given,
  type Held,
  takeNumber,
} from '../masking/allocation.js'
import { heldForEver } from '../masking/pair.js'
import { wholeNumber } from '../masking/phone-number.js'
import {
  endOf,
  legTo,
  type Metadata,
  otherSide,
  rememberedUntil,
  type Session,
  type SessionParticipant,
  type Side,
  type Sides,
  statusOf,
} from '../masking/session.js'
import { newSessionId, spreadOf } from '../masking/session-id.js'
import type { SessionDraft, SessionStore, SessionStoreOptions } from '../masking/session-store.js'
import { createSurvey } from '../masking/usage.js'
import { type BookLeg, createMemoryBooks } from './memory-books.js'
import { createNames } from './memory-names.js'
import { createTimeline, cursorAt, positionOf } from './timeline.js'

/** How many sessions a list looks at for one page, at most. */
export const LIST_SCAN = 10_000
/** How many sessions each upkeep looks at. */
export const UPKEEP_STEP = 2_000
/** After how many people a survey of the books yields to other work. */
const SURVEY_STEP = 2_000

/** Sessions in this process's memory: for one instance, and until it ends. */
export function createMemorySessions({ now, pool, restMs, fixed }: SessionStoreOptions): SessionStore {
  const books = createMemoryBooks<Entry>()
  const byId = new Map<string, Entry>()
  const byIdempotencyKey = new Map<string, Entry>()
  const byName = createNames<Entry>()
  /** Keys whose request got a session that was open already. */
  const laterKeys = new Map<Entry, string[]>()
  const timeline = createTimeline<Entry>()
  const draining = new Set<string>()

  return {
    async create(draft) {
      const known = entryFor(draft)
      if (known && known.fingerprint !== draft.fingerprint) return { kind: 'conflict' }
      if (known) return { kind: 'existing', session: sessionOf(known) }

      const id = newSessionId()
      const first = give(draft, id, 0)
      if (!('number' in first)) return { kind: 'exhausted', side: 0, ...first }
      const second = give(draft, id, 1, first.number)
      if (!('number' in second)) return { kind: 'exhausted', side: 1, ...second }

      const entry = new Entry(id, draft, [first, second])
      keep(entry)
      return { kind: 'created', session: sessionOf(entry) }
    },

    async find(id) {
      const entry = remembered(byId.get(id))
      return entry && sessionOf(entry)
    },

    async list({ externalId, status, cursor, limit }) {
      const isAsked = (entry: Entry) => remembered(entry) && (!status || statusOf(entry, now()) === status)
      const before = cursor === undefined ? undefined : positionOf(cursor)
      const entries = externalId === undefined ? timeline.newest(before) : byName.newest(externalId, before)
      const sessions: Session[] = []
      let [looked, next] = [0, cursor]
      for (const entry of entries) {
        if (sessions.length === limit || looked === LIST_SCAN) return { sessions, next }
        if (isAsked(entry)) sessions.push(sessionOf(entry))
        next = cursorAt(entry)
        looked += 1
      }
      return { sessions }
    },

    async change(id, { expiresAt, replace, allowShortRest }) {
      const entry = remembered(byId.get(id))
      if (!entry) return { kind: 'unknown' }
      if (statusOf(entry, now()) !== 'open') return { kind: 'ended' }
      if (replace) {
        const { side, number } = replace
        const [old, other] = [entry.legs[side], entry.legs[otherSide(side)]]
        if (number === other.number) return { kind: 'equal' }
        if (number !== old.number) {
          const need = {
            number: old.maskingNumber,
            counterpart: other.number,
            now: now(),
            restMs,
            allowShortRest,
          }
          const given = takeNumber(heldBy(number), need)
          if ('freeAt' in given) return { kind: 'taken', ...given }
          old.endedAt = now()
          entry.replaced = [...(entry.replaced ?? []), { leg: old, counterpart: other.number }]
          entry.legs[side] = bookLeg(entry, side, number, given)
          books.put(entry.legs[side])
        }
      }
      if (expiresAt !== undefined) entry.expiresAt = expiresAt
      return { kind: 'changed', session: sessionOf(entry), durable: true }
    },

    async close(id) {
      const entry = remembered(byId.get(id))
      if (!entry) return undefined
      if (statusOf(entry, now()) === 'open') entry.closedAt = now()
      // Sessions end with the process, so a change cannot get lost while they last.
      return { session: sessionOf(entry), durable: true }
    },

    async findLeg(callers, dialled) {
      for (const caller of callers) {
        const leg = books.find(caller, dialled)
        if (!leg || leg.owner.legs[leg.side] !== leg) continue
        const { owner, side } = leg
        const endsAt = endOf(owner)
        if (now() >= endsAt + restMs) continue
        return { kind: now() < endsAt ? 'open' : 'ended', leg: legTo(owner.legs[otherSide(side)], owner) }
      }
      return undefined
    },

    async numbersOf(callers) {
      const legs = callers.flatMap((caller) => books.of(caller))
      return legs.filter((leg) => now() < endOfLeg(leg)).map(({ maskingNumber }) => maskingNumber)
    },

    async usage() {
      const survey = createSurvey({ pool, draining, now: now(), restMs })
      let people = 0
      for (const person of books.people()) {
        survey.add(heldBy(person))
        people += 1
        if (people % SURVEY_STEP === 0) await turn()
      }
      return survey.result()
    },

    async setNumberState(number, state) {
      if (state === 'draining') draining.add(number)
      else draining.delete(number)
    },

    async upkeep() {
      let forgotten = 0
      timeline.sift(UPKEEP_STEP, (entry) => {
        if (remembered(entry)) return true
        drop(entry)
        forgotten += 1
        return false
      })
      return forgotten
    },
  }

  /** The entry, unless it ended so long ago that it is forgotten and only waits for upkeep. */
  function remembered(entry: Entry | undefined): Entry | undefined {
    return entry && now() < rememberedUntil(endOf(entry), restMs) ? entry : undefined
  }

  /** The entry to which the keys of a request belong. */
  function entryFor({ externalId, idempotencyKey, fingerprint }: SessionDraft): Entry | undefined {
    const answered =
      idempotencyKey === undefined ? undefined : remembered(byIdempotencyKey.get(idempotencyKey))
    if (answered) return answered
    const named = externalId === undefined ? undefined : byName.latest(externalId)
    if (!named || statusOf(named, now()) !== 'open') return undefined
    // The key now belongs to the session too, or a retry after its end would open another one.
    if (idempotencyKey !== undefined && named.fingerprint === fingerprint) {
      byIdempotencyKey.set(idempotencyKey, named)
      laterKeys.set(named, [...(laterKeys.get(named) ?? []), idempotencyKey])
    }
    return named
  }

  function give(draft: SessionDraft, id: string, side: Side, last?: string): Given | Exhausted {
    const person = draft.participants[side]
    const { countryCode } = person
    return chooseNumber(heldBy(wholeNumber(person)), {
      candidates: candidatesIn(activeNumbers(), { countryCode, from: spreadOf(id), last }),
      counterpart: wholeNumber(draft.participants[otherSide(side)]),
      now: now(),
      restMs,
      allowShortRest: draft.allowShortRest,
    })
  }

  function activeNumbers(): string[] {
    return pool.filter((number) => !draining.has(number))
  }

  /** What a person holds or is still remembered for. */
  function heldBy(person: string): Held[] {
    const held = books.of(person).map(heldOn)
    return [
      ...heldForEver(fixed, person),
      ...held.filter(({ endsAt }) => now() < rememberedUntil(endsAt, restMs)),
    ]
  }

  function keep(entry: Entry): void {
    byId.set(entry.id, entry)
    if (entry.idempotencyKey !== undefined) byIdempotencyKey.set(entry.idempotencyKey, entry)
    byName.insert(entry)
    for (const leg of entry.legs) books.put(leg)
    timeline.insert(entry)
  }

  function drop(entry: Entry): void {
    byId.delete(entry.id)
    for (const key of [entry.idempotencyKey, ...(laterKeys.get(entry) ?? [])]) {
      if (key !== undefined && byIdempotencyKey.get(key) === entry) byIdempotencyKey.delete(key)
    }
    laterKeys.delete(entry)
    byName.remove(entry)
    for (const leg of entry.legs) books.remove(leg)
    for (const { leg } of entry.replaced ?? []) books.remove(leg)
  }
}

interface Replaced {
  readonly leg: BookLeg<Entry>
  readonly counterpart: string
}

/** A session as it is kept. Each field costs memory a million times. */
class Entry {
  readonly createdAt: number
  expiresAt: number
  closedAt: number | undefined
  readonly legs: [BookLeg<Entry>, BookLeg<Entry>]
  /** The legs of participants who were replaced, and whom they reached until then. */
  replaced: readonly Replaced[] | undefined
  readonly externalId: string | undefined
  readonly metadata: Metadata | undefined
  readonly idempotencyKey: string | undefined
  readonly fingerprint: string | undefined

  constructor(
    readonly id: string,
    draft: SessionDraft,
    given: Sides<Given>,
  ) {
    const [first, second] = draft.participants
    this.createdAt = draft.createdAt
    this.expiresAt = draft.expiresAt
    this.legs = [
      bookLeg(this, 0, wholeNumber(first), given[0]),
      bookLeg(this, 1, wholeNumber(second), given[1]),
    ]
    this.externalId = draft.externalId
    this.metadata = draft.metadata
    this.idempotencyKey = draft.idempotencyKey
    const hasKey = draft.externalId !== undefined || draft.idempotencyKey !== undefined
    this.fingerprint = hasKey ? draft.fingerprint : undefined
  }

  /** Since the last replacement. */
  get pairedAt(): number | undefined {
    return this.replaced?.at(-1)?.leg.endedAt
  }
}

function bookLeg(owner: Entry, side: Side, person: string, { number, restedFor }: Given): BookLeg<Entry> {
  return {
    owner,
    side,
    number: person,
    maskingNumber: number,
    restedFor,
    endedAt: undefined,
    next: undefined,
  }
}

function endOfLeg({ endedAt, owner }: BookLeg<Entry>): number {
  return endedAt ?? endOf(owner)
}

function heldOn(leg: BookLeg<Entry>): Held {
  return { number: leg.maskingNumber, counterpart: counterpartOf(leg), endsAt: endOfLeg(leg) }
}

/** Whom a leg reaches, or reached when it ended: the other side may have been replaced since. */
function counterpartOf(leg: BookLeg<Entry>): string {
  const replaced = leg.endedAt === undefined ? undefined : leg.owner.replaced
  const ended = replaced?.find((replaced) => replaced.leg === leg)
  return ended?.counterpart ?? leg.owner.legs[otherSide(leg.side)].number
}

/** The session as others may see it, unaffected by what happens to the entry later. */
function sessionOf(entry: Entry): Session {
  const { id, createdAt, pairedAt, expiresAt, closedAt, legs, externalId, metadata } = entry
  return {
    id,
    participants: [participantOf(legs[0]), participantOf(legs[1])],
    createdAt,
    ...(pairedAt !== undefined && { pairedAt }),
    expiresAt,
    ...(closedAt !== undefined && { closedAt }),
    ...(externalId !== undefined && { externalId }),
    ...(metadata && { metadata }),
  }
}

function participantOf({ number, maskingNumber, restedFor }: BookLeg<Entry>): SessionParticipant {
  return { number, maskingNumber, restedFor }
}
