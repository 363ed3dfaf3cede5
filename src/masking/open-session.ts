import { candidatesIn, chooseNumber, type Exhausted, type Given, type Need } from './allocation.js'
import { untilUnchanged } from './attempts.js'
import { abort } from './books.js'
import { type Claimed, heldIn } from './claims.js'
import { wholeNumber } from './phone-number.js'
import { namesOf } from './pins.js'
import type { SessionRecord } from './record.js'
import { keysOf } from './reservations.js'
import { otherSide, type SessionParticipant, type Side, type Sides } from './session.js'
import { spreadOf } from './session-id.js'
import type { CreateOutcome, SessionDraft } from './session-store.js'
import type { SessionParts } from './sessions.js'

/** Opens sessions: the keys of the request are taken, then a number for each side at once, then the record is written. */
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
    pins,
    ends,
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
    const giving = [give({ draft, id, side: 0, numbers }), give({ draft, id, side: 1, numbers })] as const
    const [first, second] = await Promise.all(giving).catch(async (error) => {
      // The side that could be given one must not lose it. What cannot be taken back now is found as abandoned.
      await takeBack({ draft, id, claimed: await claimedOf(giving) }).catch(() => undefined)
      throw error
    })
    const claimed = [first, second].filter(isClaimed)
    if (!isClaimed(first)) return giveUp({ draft, id, claimed }, exhausted(0, first))
    if (!isClaimed(second)) return giveUp({ draft, id, claimed }, exhausted(1, second))

    const until = rememberedUntil(draft.expiresAt)
    const participants = [{ maskingNumber: first.number }, { maskingNumber: second.number }] as const
    const drawn = await pins.drawFor({ id, participants }, pins.areOn ? [0, 1] : [], until)
    if ('lacking' in drawn)
      return giveUp({ draft, id, claimed }, { kind: 'pins-exhausted', side: drawn.lacking })

    const given = [
      { ...first, pin: drawn[0]?.name },
      { ...second, pin: drawn[1]?.name },
    ] as const
    const record = ends.told(recordOf(draft, id, given), { kind: 'opened' })
    const write = (listed: Promise<unknown>) =>
      records.write(record, undefined, Promise.all([listed, lists.enlist(record.session)]))
    if (!(await ends.through(record, 'opened', write))) {
      await pins.release(id, namesOf(drawn))
      const other = await joined(id)
      if (other === 'changed') await Promise.all([first.release(), second.release()])
      return other
    }
    return {
      kind: 'created',
      session: record.session,
      pins: [drawn[0]?.pin, drawn[1]?.pin],
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
  }

  /** Claims a number for one side. */
  function give({ draft, id, side, numbers }: Giving): Promise<Claimed | Exhausted> {
    const { countryCode } = draft.participants[side]
    const person = wholeNumber(draft.participants[side])
    const mayNeedPin = pins.areOn && draft.onExhausted === 'pin'
    return claims.claim({ person, sessionId: id, version: 0, endsAt: draft.expiresAt }, (book) => {
      const ours = book.legs.find(({ sessionId, ended }) => sessionId === id && !ended)
      // Whether it rested is known only to the request that claimed it.
      if (ours) return { number: ours.maskingNumber, ...(mayNeedPin && { pinOnly: true }) }
      const need: Need = {
        candidates: candidatesIn(numbers, { countryCode, spread: spreadOf(id), side }),
        counterpart: wholeNumber(draft.participants[otherSide(side)]),
        now: book.now,
        restMs,
        allowShortRest: draft.allowShortRest,
      }
      const chosen = chooseNumber(heldIn(book), need)
      if ('number' in chosen || !mayNeedPin) return chosen
      const resting = chooseNumber(heldIn(book), { ...need, allowShortRest: true })
      return 'number' in resting ? { ...resting, pinOnly: true } : chosen
    })
  }

  async function giveUp(begun: Begun, outcome: CreateOutcome): Promise<CreateOutcome> {
    return (await takeBack(begun)) ?? outcome
  }

  /**
   * Cleans up after a session that cannot be opened, unless another request opened it at the same time: then resolves to what that
   * made of it.
   */
  async function takeBack({ draft, id, claimed }: Begun): Promise<CreateOutcome | undefined> {
    const hasKeys = keysOf(draft).length > 0
    if (hasKeys && !(await abort(storage, id))) {
      const other = await joined(id)
      if (other !== 'changed') return other
    }
    await Promise.all(claimed.map(({ release }) => release()))
    await reservations.cancel(draft, id)
    return undefined
  }

  interface Begun {
    readonly draft: SessionDraft
    readonly id: string
    readonly claimed: readonly Claimed[]
  }
}

function isClaimed(given: Claimed | Exhausted): given is Claimed {
  return 'number' in given
}

/** The numbers that were claimed, once it is known of all. */
async function claimedOf(giving: readonly Promise<Claimed | Exhausted>[]): Promise<Claimed[]> {
  const all = await Promise.allSettled(giving)
  return all.flatMap((one) => (one.status === 'fulfilled' && isClaimed(one.value) ? one.value : []))
}

function exhausted(side: Side, { numbersNeeded, nextFreeAt }: Exhausted): CreateOutcome {
  return { kind: 'exhausted', side, numbersNeeded, ...(nextFreeAt !== undefined && { nextFreeAt }) }
}

function recordOf(
  draft: SessionDraft,
  id: string,
  given: Sides<Given & { readonly pin: string | undefined }>,
): SessionRecord {
  const { participants, createdAt, expiresAt, externalId, metadata, call, idempotencyKey } = draft
  const participant = (side: Side): SessionParticipant => ({
    number: wholeNumber(participants[side]),
    maskingNumber: given[side].number,
    restedFor: given[side].restedFor,
    ...(given[side].pin !== undefined && { pin: given[side].pin }),
    ...(given[side].pinOnly && { pinOnly: true }),
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
