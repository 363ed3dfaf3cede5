import { candidatesIn, chooseNumber, type Exhausted, type Given } from './allocation.js'
import { untilUnchanged } from './attempts.js'
import { abort } from './books.js'
import { type Claimed, heldIn } from './claims.js'
import { recordKey } from './keys.js'
import { wholeNumber } from './phone-number.js'
import { recordValue, type SessionRecord } from './record.js'
import { keysOf } from './reservations.js'
import { otherSide, type SessionParticipant, type Side, type Sides } from './session.js'
import { spreadOf } from './session-id.js'
import type { CreateOutcome, SessionDraft } from './session-store.js'
import type { SessionParts } from './sessions.js'

/** Opens sessions: the keys of the request are taken, then a number for each side, then the record is written. */
export function createOpening(
  parts: SessionParts & { readonly activeNumbers: () => Promise<readonly string[]> },
): (draft: SessionDraft) => Promise<CreateOutcome> {
  const {
    storage,
    records,
    claims,
    lists,
    reservations,
    unconfirmed,
    rememberedUntil,
    restMs,
    activeNumbers,
  } = parts

  return (draft) => untilUnchanged(() => tryToCreate(draft))

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
    await lists.enlist(record.session)
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
    const { record } = await records.find(id)
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

  /** Claims a number for one side. */
  function give({ draft, id, side, numbers, last }: Giving): Promise<Claimed | Exhausted> {
    const { countryCode } = draft.participants[side]
    const person = wholeNumber(draft.participants[side])
    return claims.claim({ person, sessionId: id, version: 0, endsAt: draft.expiresAt }, (book) => {
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
}

function recordOf(draft: SessionDraft, id: string, given: Sides<Given>): SessionRecord {
  const { participants, createdAt, expiresAt, externalId, metadata, call, idempotencyKey } = draft
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
    ...(call && { call }),
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
