import { takeNumber } from './allocation.js'
import { untilUnchanged } from './attempts.js'
import type { OpenBook, Step } from './books.js'
import { type Claimed, heldIn } from './claims.js'
import { isOpen, type SessionRecord } from './record.js'
import { otherSide, type Session, type SessionParticipant } from './session.js'
import {
  type ChangeOutcome,
  type Replacement,
  type SessionChange,
  UnreadableSessionError,
} from './session-store.js'
import type { SessionParts } from './sessions.js'
import { StoreUnavailableError } from './storage.js'

/** Changes open sessions: another end, another participant. */
export function createChanging(
  parts: SessionParts,
): (id: string, change: SessionChange) => Promise<ChangeOutcome> {
  const { storage, books, records, claims, lists, reservations, unconfirmed, rememberedUntil, restMs } = parts

  return async (id, change) => {
    let claimed: Claimed | undefined
    const outcome = await untilUnchanged(() =>
      tryToChange(id, change, (taken) => {
        claimed = taken
      }),
    )
    if (outcome.kind !== 'changed' && claimed) await giveBack(id, claimed)
    return outcome
  }

  /** @param onClaim told of a number that is claimed for the change */
  async function tryToChange(
    id: string,
    change: SessionChange,
    onClaim: (claimed: Claimed) => void,
  ): Promise<ChangeOutcome | 'changed'> {
    const { record, kept } = await records.find(id)
    if (!record) return { kind: 'unknown' }
    if (!isOpen(record, storage.now())) return { kind: 'ended' }
    const { participants, expiresAt: before } = record.session
    const { replace, expiresAt = before, call = record.session.call } = change
    if (replace && replace.number === participants[otherSide(replace.side)].number) return { kind: 'equal' }
    const isReplaced = replace !== undefined && replace.number !== participants[replace.side].number

    const taken = isReplaced ? await take(record, replace, change.allowShortRest) : undefined
    if (taken && 'freeAt' in taken) return { kind: 'taken', ...taken }
    if (taken) onClaim(taken)
    // What leads to a session may last for too long, but never for too short a time.
    if (expiresAt > before) await prolong(record, expiresAt)

    if (isReplaced) await noteLeaving(participants[replace.side], record.session, Math.max(expiresAt, before))

    const { session, ...rest } = isReplaced ? replacedIn(record, replace, taken?.restedFor) : record
    const next = {
      ...rest,
      session: { ...session, expiresAt, ...(call && { call }) },
      version: record.version + 1,
    }
    if (!(await records.write(next, kept))) return 'changed'
    if (isReplaced) await settleLeft(participants[replace.side])
    return { kind: 'changed', session: next.session, durable: await unconfirmed.confirm(next) }
  }

  /** Claims the masking number of a side for its new participant. */
  function take(
    { session: { id, participants, expiresAt }, version }: SessionRecord,
    { side, number: person }: Replacement,
    allowShortRest: boolean,
  ): Promise<Claimed | { readonly freeAt: number }> {
    const { maskingNumber: number } = participants[side]
    const counterpart = participants[otherSide(side)].number
    return claims.claim({ person, sessionId: id, version, endsAt: expiresAt }, (book) => {
      const isOurs = book.legs.some(
        ({ sessionId, maskingNumber, ended }) => sessionId === id && maskingNumber === number && !ended,
      )
      if (isOurs) return { number }
      return takeNumber(heldIn(book), { number, counterpart, now: book.now, restMs, allowShortRest })
    })
  }

  /** The same change, made by another request, may rest on the same leg: then it is written again. */
  async function giveBack(id: string, claimed: Claimed): Promise<void> {
    const { record, kept } = await records.find(id)
    if (record && !(await records.rewrite(record, kept, {}))) return giveBack(id, claimed)
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
      ...record.left.map(({ number }) =>
        lists.notePast(number, { id: session.id, at: session.createdAt }, until),
      ),
      reservations.prolong({ session, ...record }, until),
      lists.prolong(session, until),
    ])
  }

  /** Their book leads to the session for as long as they rest, which may be shorter than the session is kept. */
  function noteLeaving(
    { number }: SessionParticipant,
    { id, createdAt }: Session,
    expiresAt: number,
  ): Promise<void> {
    return lists.notePast(number, { id, at: createdAt }, rememberedUntil(expiresAt))
  }

  /** The record holds already, so a failure here does no harm. */
  function settleLeft({ number }: SessionParticipant): Promise<void> {
    const settle = ({ legs }: OpenBook): Step<void> => ({ result: undefined, write: { legs, until: 0 } })
    return books.change(number, settle).catch(unlessUnavailable)
  }
}

function unlessUnavailable(error: unknown): void {
  if (!(error instanceof StoreUnavailableError || error instanceof UnreadableSessionError)) throw error
}
