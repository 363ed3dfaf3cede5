import { untilUnchanged } from './attempts.js'
import type { OpenBook, Step } from './books.js'
import type { Claimed } from './claims.js'
import type { DrawnPin } from './pins.js'
import { isOpen, type SessionRecord } from './record.js'
import { numbersOf, otherSide, type Session, type SessionParticipant, type Side } from './session.js'
import {
  type ChangeOutcome,
  type Replacement,
  type SessionChange,
  UnreadableSessionError,
} from './session-store.js'
import type { SessionParts } from './sessions.js'
import { StoreUnavailableError } from './storage.js'
import { giveBack, takeSide } from './take-side.js'

/** Changes open sessions: another end, another participant. */
export function createChanging(
  parts: SessionParts,
): (id: string, change: SessionChange) => Promise<ChangeOutcome> {
  const { storage, books, records, lists, pins, reservations, unconfirmed, rememberedUntil } = parts

  return async (id, change) => {
    let claimed: Claimed | undefined
    const outcome = await untilUnchanged(() =>
      tryToChange(id, change, (taken) => {
        claimed = taken
      }),
    )
    if (outcome.kind !== 'changed' && claimed) await giveBack(parts, id, claimed)
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
    if (replace && numbersOf(participants[otherSide(replace.side)]).includes(replace.number))
      return { kind: 'equal' }
    const isReplaced = replace !== undefined && replace.number !== participants[replace.side].number

    const taken = isReplaced ? await takeSide(parts, record, replace, change.allowShortRest) : undefined
    if (taken && 'freeAt' in taken) return { kind: 'taken', ...taken }
    if (taken) onClaim(taken)
    // What leads to a session may last for too long, but never for too short a time.
    if (expiresAt > before) await prolong(record, expiresAt)

    if (isReplaced) await noteLeaving(participants[replace.side], record.session, Math.max(expiresAt, before))

    const needsPin = isReplaced && pins.areOn
    const drawn = needsPin ? await drawPin(record, replace.side, Math.max(expiresAt, before)) : undefined
    if (needsPin && !drawn) return { kind: 'pins-exhausted', side: replace.side }

    const { session, ...rest } = isReplaced
      ? replacedIn(record, { ...replace, restedFor: taken?.restedFor, pin: drawn?.name })
      : record
    const next = {
      ...rest,
      session: { ...session, expiresAt, ...(call && { call }) },
      version: record.version + 1,
    }
    if (!(await records.write(next, kept))) {
      if (drawn) await pins.release(id, [drawn.name])
      return 'changed'
    }
    if (isReplaced) await settleLeft(participants[replace.side])
    return {
      kind: 'changed',
      session: next.session,
      pins: replace?.side === 0 ? [drawn?.pin, undefined] : [undefined, drawn?.pin],
      durable: await unconfirmed.confirm(next),
    }
  }

  /** The one before may have told theirs, or was told theirs, so it opens nothing any more. */
  function drawPin({ session }: SessionRecord, side: Side, expiresAt: number): Promise<DrawnPin | undefined> {
    const { maskingNumber } = session.participants[side]
    return pins.draw({ maskingNumber, sessionId: session.id, side, until: rememberedUntil(expiresAt) })
  }

  function replacedIn(record: SessionRecord, { side, number, restedFor, pin }: Joining): SessionRecord {
    const { participants } = record.session
    const [leaving, other] = [participants[side], participants[otherSide(side)]]
    const joining: SessionParticipant = {
      number,
      maskingNumber: leaving.maskingNumber,
      restedFor,
      ...(pin !== undefined && { pin }),
    }
    const leavingNumbers = numbersOf(leaving).filter((one) => one !== number)
    const now = storage.now()
    return {
      ...record,
      session: {
        ...record.session,
        participants: side === 0 ? [joining, other] : [other, joining],
        pairedAt: now,
      },
      left: [
        ...record.left.filter(
          ({ number, at }) => !leavingNumbers.includes(number) && now < rememberedUntil(at),
        ),
        ...leavingNumbers.map((number) => ({
          number,
          maskingNumber: leaving.maskingNumber,
          counterpart: other.number,
          at: now,
          version: record.version + 1,
        })),
      ],
    }
  }

  async function prolong({ session, ...record }: SessionRecord, expiresAt: number): Promise<void> {
    const until = rememberedUntil(expiresAt)
    const keep = ({ legs }: OpenBook): Step<void> => ({ result: undefined, write: { legs, until } })
    await Promise.all([
      ...session.participants.flatMap(numbersOf).map((number) => books.change(number, keep)),
      pins.keep(session, until),
      ...record.left.map(({ number }) =>
        lists.notePast(number, { id: session.id, at: session.createdAt }, until),
      ),
      reservations.prolong({ session, ...record }, until),
      lists.prolong(session, until),
    ])
  }

  /** Their books lead to the session for as long as they rest, which may be shorter than the session is kept. */
  async function noteLeaving(
    leaving: SessionParticipant,
    { id, createdAt }: Session,
    expiresAt: number,
  ): Promise<void> {
    const entry = { id, at: createdAt }
    await Promise.all(
      numbersOf(leaving).map((number) => lists.notePast(number, entry, rememberedUntil(expiresAt))),
    )
  }

  /** The record holds already, so a failure here does no harm. */
  async function settleLeft(leaving: SessionParticipant): Promise<void> {
    const settle = ({ legs }: OpenBook): Step<void> => ({ result: undefined, write: { legs, until: 0 } })
    await Promise.all(
      numbersOf(leaving).map((number) => books.change(number, settle).catch(unlessUnavailable)),
    )
  }
}

/** Somebody who takes the place of a participant. */
interface Joining extends Replacement {
  readonly restedFor: number | undefined
  /** The name of their PIN. */
  readonly pin: string | undefined
}

function unlessUnavailable(error: unknown): void {
  if (!(error instanceof StoreUnavailableError || error instanceof UnreadableSessionError)) throw error
}
