import { takeNumber } from './allocation.js'
import { type Claimed, heldIn } from './claims.js'
import type { SessionRecord } from './record.js'
import { otherSide } from './session.js'
import type { Replacement } from './session-store.js'
import type { SessionParts } from './sessions.js'

/** Claims the masking number of a side for somebody who is to be on it. */
export function takeSide(
  { claims, restMs }: SessionParts,
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
export async function giveBack(parts: SessionParts, id: string, claimed: Claimed): Promise<void> {
  const { records } = parts
  const { record, kept } = await records.find(id)
  if (record && !(await records.rewrite(record, kept, {}))) return giveBack(parts, id, claimed)
  await claimed.release()
}
