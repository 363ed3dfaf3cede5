import { untilUnchanged } from './attempts.js'
import type { OpenBook, Step } from './books.js'
import type { CallOptions } from './call-options.js'
import type { Claimed } from './claims.js'
import { type DrawnPins, namesOf } from './pins.js'
import { isOpen, type SessionRecord } from './record.js'
import {
  numbersOf,
  otherSide,
  type Session,
  type SessionParticipant,
  type Side,
  type Sides,
} from './session.js'
import type { ChangedPart } from './session-news.js'
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
  const { storage, books, records, lists, pins, reservations, unconfirmed, ends, rememberedUntil } = parts

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

    const sides = sidesWithoutPin(record.session, { call, replaced: isReplaced ? replace.side : undefined })
    const drawn = await pins.drawFor(record.session, sides, rememberedUntil(Math.max(expiresAt, before)))
    if ('lacking' in drawn) return { kind: 'pins-exhausted', side: drawn.lacking }

    const { session: joined, ...rest } = isReplaced ? replacedIn(record, replace, taken?.restedFor) : record
    const session = { ...joined, participants: namedIn(joined.participants, drawn) }
    const changed: ChangedPart[] = [
      ...(expiresAt === before ? [] : (['expires_at'] as const)),
      ...(isReplaced ? ([`participants.${replace.side}`] as const) : []),
      ...(change.call ? (['call'] as const) : []),
    ]
    const next = ends.told(
      {
        ...rest,
        session: { ...session, expiresAt, ...(call && { call }) },
        version: record.version + 1,
      },
      { kind: 'changed', changed },
    )
    const write = (listed?: Promise<unknown>) => records.write(next, kept, listed)
    if (!(await (expiresAt === before ? write() : ends.through(next, 'changed', write)))) {
      await pins.release(id, namesOf(drawn))
      return 'changed'
    }
    if (isReplaced) await settleLeft(id, participants[replace.side])
    return {
      kind: 'changed',
      session: next.session,
      pins: [drawn[0]?.pin, drawn[1]?.pin],
      durable: await unconfirmed.confirm(next),
    }
  }

  /**
   * Who needs a PIN: whoever joins, because the one before knew that of this side; and who has none although their calls are to be
   * opened by it.
   */
  function sidesWithoutPin(
    { participants }: Session,
    { call, replaced }: { readonly call: CallOptions | undefined; readonly replaced: Side | undefined },
  ): readonly Side[] {
    if (!pins.areOn) return []
    const isForced = call?.forcePin === true
    return ([0, 1] as const).filter(
      (side) => side === replaced || (isForced && participants[side].pin === undefined),
    )
  }

  function replacedIn(
    record: SessionRecord,
    { side, number }: Replacement,
    restedFor: number | undefined,
  ): SessionRecord {
    const { participants } = record.session
    const [leaving, other] = [participants[side], participants[otherSide(side)]]
    const joining: SessionParticipant = { number, maskingNumber: leaving.maskingNumber, restedFor }
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
  async function settleLeft(id: string, leaving: SessionParticipant): Promise<void> {
    const settle = ({ legs }: OpenBook): Step<void> => ({ result: undefined, write: { legs, until: 0 } })
    const { pin } = leaving
    const work = numbersOf(leaving).map((number) => books.change(number, settle))
    if (pin !== undefined) work.push(pins.release(id, [pin]))
    await Promise.all(work.map((one) => one.catch(unlessUnavailable)))
  }
}

/** The participants with the names of their new PINs. */
function namedIn([first, second]: Sides<SessionParticipant>, [one, other]: DrawnPins) {
  return [one ? { ...first, pin: one.name } : first, other ? { ...second, pin: other.name } : second] as const
}

function unlessUnavailable(error: unknown): void {
  if (!(error instanceof StoreUnavailableError || error instanceof UnreadableSessionError)) throw error
}
