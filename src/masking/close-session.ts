import { untilUnchanged } from './attempts.js'
import { recordKey } from './keys.js'
import { isOpen, isParticipant, readRecord, recordValue, type SessionRecord } from './record.js'
import type { Changed, ClosedUnread } from './session-store.js'
import type { SessionParts } from './sessions.js'
import type { Kept } from './storage.js'

type Closed = Changed | ClosedUnread | undefined

/** Ends sessions: one write to the record. */
export function createClosing(parts: SessionParts): (id: string, person?: string) => Promise<Closed> {
  const { storage, records, unconfirmed, ends, rememberedUntil } = parts

  return close

  /** @param person closes it only if this is a participant */
  function close(id: string, person?: string): Promise<Closed> {
    return untilUnchanged(() => tryToClose(id, person))
  }

  async function tryToClose(id: string, person: string | undefined): Promise<Closed | 'changed'> {
    const [kept] = await storage.read([recordKey(id)])
    if (kept?.unreadable) return closeUnread(id, kept)
    const record = readRecord(id, kept)
    if (record?.kind === 'closed-unread') return confirmedEnd(id)
    if (record?.kind !== 'session' || records.isForgotten(record)) return undefined
    if (person !== undefined && !isParticipant(record, person)) return undefined

    const closed = closedNow(record)
    if (closed === record) return confirmed(record)
    return (await records.write(closed, kept)) ? confirmed(closed) : 'changed'
  }

  /** It is over from now on, if it is not yet. */
  function closedNow(record: SessionRecord): SessionRecord {
    const { session, isOver, version } = record
    if (session.closedAt !== undefined || isOver) return record
    const next = { ...record, version: version + 1 }
    if (!isOpen(record, storage.now())) return ends.told({ ...next, isOver: true }, { kind: 'expired' })
    return ends.told({ ...next, session: { ...session, closedAt: storage.now() } }, { kind: 'closed' })
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
}
