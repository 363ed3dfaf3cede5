import { untilUnchanged } from './attempts.js'
import type { Claimed } from './claims.js'
import { isOpen, type SessionRecord, sideIn } from './record.js'
import { MAX_PHONES, type Side } from './session.js'
import type { SessionParts } from './sessions.js'
import { giveBack, takeSide } from './take-side.js'

/** Makes phones that entered the right PIN phones of the participant whose it is: a leg in the phone's book, then the record. */
export function createRemembering(
  parts: SessionParts,
): (id: string, side: Side, phone: string) => Promise<boolean> {
  const { storage, records, unconfirmed } = parts

  return async (id, side, phone) => {
    let claimed: Claimed | undefined
    const outcome = await untilUnchanged(() =>
      tryToRemember(id, side, phone, (taken) => {
        claimed = taken
      }),
    )
    if (outcome === 'not remembered' && claimed) await giveBack(parts, id, claimed)
    return outcome === 'remembered'
  }

  /** @param onClaim told of a number that is claimed for the phone */
  async function tryToRemember(
    id: string,
    side: Side,
    phone: string,
    onClaim: (claimed: Claimed) => void,
  ): Promise<'remembered' | 'not remembered' | 'changed'> {
    const { record, kept } = await records.find(id)
    if (!record || !isOpen(record, storage.now())) return 'not remembered'
    const known = sideIn(record, phone)
    // A phone of the other side is not taken from them: nobody is to reach themselves.
    if (known !== undefined) return known === side ? 'remembered' : 'not remembered'
    const { phones = [] } = record.session.participants[side]
    if (phones.length >= MAX_PHONES) return 'not remembered'

    // A number that rests for the phone may still mean somebody else to whoever has it.
    const taken = await takeSide(parts, record, { side, number: phone }, false)
    if ('freeAt' in taken) return 'not remembered'
    onClaim(taken)
    const next = withPhone(record, side, phone)
    if (!(await records.write(next, kept))) return 'changed'
    await unconfirmed.confirm(next)
    return 'remembered'
  }
}

function withPhone(record: SessionRecord, side: Side, phone: string): SessionRecord {
  const { participants } = record.session
  const { phones = [] } = participants[side]
  const known = { ...participants[side], phones: [...phones, phone] }
  return {
    ...record,
    session: {
      ...record.session,
      participants: side === 0 ? [known, participants[1]] : [participants[0], known],
    },
    version: record.version + 1,
  }
}
