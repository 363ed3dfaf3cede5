import { recordKey } from './keys.js'
import { isOpen, readRecord, type SessionRecord } from './record.js'
import { numbersOf } from './session.js'
import type { SessionParts } from './sessions.js'

/** Writes an acknowledged state of a session again where it was lost with a server, and the legs that lead to it. */
export function createRestoring({
  storage,
  records,
  claims,
  pins,
  ends,
  rememberedUntil,
}: Pick<SessionParts, 'storage' | 'records' | 'claims' | 'pins' | 'ends' | 'rememberedUntil'>): (
  record: SessionRecord,
) => Promise<void> {
  return async (record) => {
    const { id, participants, expiresAt } = record.session
    if (isOpen(record, storage.now())) {
      for (const participant of participants) {
        for (const person of numbersOf(participant)) {
          // Lost, and given to somebody else since: that one must not be disturbed.
          if ((await claims.again(person, participant.maskingNumber, record)) === 'taken') return
        }
      }
      await pins.keep(record.session, rememberedUntil(expiresAt))
    }
    const [kept] = await storage.read([recordKey(id)])
    const there = readRecord(id, kept)
    if (there && there.kind !== 'session') return
    const isThere = there !== undefined && there.version >= record.version
    // The lists may be lost as well, also alone: another server may have them.
    const write = (listed: Promise<unknown>) =>
      isThere ? records.listToTell(there, listed) : records.write(record, kept, listed)
    await ends.through(isThere ? there : record, 'changed', write)
  }
}
