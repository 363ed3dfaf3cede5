import { abort } from './books.js'
import { nameKey, recordKey, requestKey } from './keys.js'
import { isOpen, type ReadRecord, readRecord, type SessionRecord } from './record.js'
import type { Records } from './records.js'
import { endOf } from './session.js'
import { createSessionIds } from './session-id.js'
import type { SessionDraft } from './session-store.js'
import { type Kept, type Key, type Storage, StoreUnavailableError } from './storage.js'

/** What the keys of a request lead to. */
export type Reserved =
  | { readonly kind: 'existing'; readonly record: SessionRecord }
  | { readonly kind: 'conflict' }
  /** The id under which the session is to be written, also by a retry that runs at the same time. */
  | { readonly kind: 'new'; readonly id: string }

/** External ids and idempotency keys: each leads to one session, and is taken before the session is written. */
export interface Reservations {
  reserve(draft: SessionDraft, until: number): Promise<Reserved>
  /** Frees the keys that still lead to a session which is never to be opened. */
  cancel(draft: SessionDraft, id: string): Promise<void>
  /** Keeps the keys of a session that was prolonged. */
  prolong(record: SessionRecord, until: number): Promise<void>
}

export interface ReservationsOptions {
  readonly storage: Storage
  readonly records: Records
  readonly rememberedUntil: (endedAt: number) => number
}

/** Milliseconds within which a request that reserved a key is not taken for a dead one. */
export const RESERVATION_MS = 10_000
/** Milliseconds within which a retry of a request goes on with the session that was not written. */
export const JOIN_MS = 60 * 60 * 1_000
/** How often a request looks again. Each time, another request with the same keys has got further. */
const MAX_ATTEMPTS = 50

/** What is written under a key. */
export interface Lead {
  /** The session. */
  readonly s: string
  /** Tells the request from any other. */
  readonly f: string
  /** When it was written, in milliseconds since 1970. */
  readonly a: number
}

/** What was seen under a key. */
interface Seen {
  readonly key: Key
  readonly kept: Kept | undefined
  readonly lead: Lead | undefined
  /** What the lead leads to. While its session is being opened, that is nothing. */
  readonly record: ReadRecord
  readonly keptRecord: Kept | undefined
}

export function createReservations(options: ReservationsOptions): Reservations {
  const { storage, records, rememberedUntil } = options
  const newSessionId = createSessionIds()

  return {
    async reserve(draft, until) {
      for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
        const reserved = await tryToReserve(draft, until)
        if (reserved !== 'changed') return reserved
      }
      throw new StoreUnavailableError()
    },

    async cancel(draft, id) {
      for (const key of keysOf(draft)) {
        const [kept] = await storage.read([key])
        if (leadIn(kept)?.s === id) await storage.swap({ key, was: kept, value: undefined, until: 0 })
      }
    },

    async prolong(record, until) {
      const { id } = record.session
      const keys = keysLeadingTo(record)
      const found = await storage.read(keys)
      for (const [i, kept] of found.entries()) {
        const lead = leadIn(kept)
        // Whoever was faster has written another session, or the same again.
        if (lead?.s === id) await storage.swap({ key: keys[i] as Key, was: kept, value: lead, until })
      }
    },
  }

  async function tryToReserve(draft: SessionDraft, until: number): Promise<Reserved | 'changed'> {
    const { fingerprint, externalId, idempotencyKey } = draft
    const [named, keyed] = await look([
      externalId === undefined ? undefined : nameKey(externalId),
      idempotencyKey === undefined ? undefined : requestKey(idempotencyKey),
    ])

    if (keyed?.record?.kind === 'session') {
      const { record } = keyed
      return record.fingerprint === fingerprint ? { kind: 'existing', record } : { kind: 'conflict' }
    }
    const now = storage.now()
    const opening = [named, keyed].flatMap((seen) =>
      seen?.lead && seen.record === undefined ? [seen.lead] : [],
    )
    const ours = opening.find(({ f, a }) => f === fingerprint && now < a + JOIN_MS)
    for (const lead of opening) {
      if (lead.s === ours?.s) continue
      if (lead.f !== fingerprint && now < lead.a + RESERVATION_MS) return { kind: 'conflict' }
      // That request is dead. If it is not, it cannot write its session any more.
      if (!(await abort(storage, lead.s))) return 'changed'
    }
    if (named?.record?.kind === 'session') {
      if (isOpen(named.record, now)) return existing(named, keyed, draft)
      if (!(await isBuried(named))) return 'changed'
    }

    const id = ours?.s ?? newSessionId()
    // The external id first: a request that loses it must not have taken the idempotency key for another session.
    for (const seen of [named, keyed]) {
      if (!seen || seen.lead?.s === id) continue
      if (!(await point(seen, { s: id, f: fingerprint, a: storage.now() }, until))) return 'changed'
    }
    return { kind: 'new', id }
  }

  /** The open session that has the external id. */
  async function existing(
    { record, keptRecord }: Seen,
    keyed: Seen | undefined,
    { fingerprint, idempotencyKey }: SessionDraft,
  ): Promise<Reserved | 'changed'> {
    const holder = record as SessionRecord
    if (holder.fingerprint !== fingerprint) return { kind: 'conflict' }
    if (!keyed || idempotencyKey === undefined) return { kind: 'existing', record: holder }
    // The key now belongs to the session too, or a retry after its end would open another one.
    const idempotencyKeys = [...holder.idempotencyKeys, idempotencyKey]
    if (!(await records.rewrite(holder, keptRecord, { idempotencyKeys }))) return 'changed'
    const { id, expiresAt } = holder.session
    const lead = { s: id, f: fingerprint, a: storage.now() }
    if (!(await point(keyed, lead, rememberedUntil(expiresAt)))) return 'changed'
    return { kind: 'existing', record: holder }
  }

  async function isBuried({ record, keptRecord }: Seen): Promise<boolean> {
    const holder = record as SessionRecord
    const isFinal = holder.isOver || holder.session.closedAt !== undefined
    // From now on it is over, whatever the clock of another instance says.
    return isFinal || records.rewrite(holder, keptRecord, { isOver: true })
  }

  async function look(keys: readonly (Key | undefined)[]): Promise<(Seen | undefined)[]> {
    const asked = keys.filter((key) => key !== undefined)
    if (asked.length === 0) return []
    const found = await storage.read(asked)
    const leads = found.map(leadIn)
    const records = await storage.read(leads.flatMap((lead) => (lead ? [recordKey(lead.s)] : [])))
    return keys.map((key) => {
      if (!key) return undefined
      const i = asked.indexOf(key)
      const lead = leads[i]
      const keptRecord = lead && records[leads.slice(0, i).filter(Boolean).length]
      const record = lead && rememberedIn(lead.s, keptRecord)
      return { key, kept: found[i], lead, record, keptRecord }
    })
  }

  /** What ended so long ago that it is forgotten counts as if it had never been opened. */
  function rememberedIn(id: string, kept: Kept | undefined): ReadRecord {
    const record = readRecord(id, kept)
    const isForgotten = record?.kind === 'session' && storage.now() >= rememberedUntil(endOf(record.session))
    return isForgotten ? { kind: 'aborted' } : record
  }

  function point({ key, kept }: Seen, lead: Lead, until: number): Promise<boolean> {
    return storage.swap({ key, was: kept, value: lead, until })
  }
}

export function keysOf({ externalId, idempotencyKey }: SessionDraft): Key[] {
  return [
    ...(externalId === undefined ? [] : [nameKey(externalId)]),
    ...(idempotencyKey === undefined ? [] : [requestKey(idempotencyKey)]),
  ]
}

/** The keys that may lead to a session. */
export function keysLeadingTo({ session: { externalId }, idempotencyKeys }: SessionRecord): Key[] {
  return [...(externalId === undefined ? [] : [nameKey(externalId)]), ...idempotencyKeys.map(requestKey)]
}

/** Under a key that cannot be read, somebody else may have written anything: it leads nowhere, and is written anew. */
export function leadIn(kept: Kept | undefined): Lead | undefined {
  return kept && !kept.unreadable ? (kept.value as Lead) : undefined
}
