import type { Receipt } from '../masking/erasure.js'
import type { PersonSessions } from '../masking/people.js'
import type { FoundSessionsView, ReceiptView } from './person-schemas.js'
import { sessionView } from './session-view.js'

/** The sessions of a person as the API shows them: without a real number. */
export function foundSessionsView({ sessions, isCut }: PersonSessions, now: number): FoundSessionsView {
  return {
    sessions: sessions.map(({ session, side }) => ({
      ...sessionView(session, now),
      participant: side ?? null,
    })),
    more: isCut,
  }
}

export function receiptView({ at, removed, unreadable, durable }: Receipt): ReceiptView {
  const { entries, ...others } = removed
  return {
    erased_at: new Date(at).toISOString(),
    removed: { ...others, list_entries: entries },
    unreadable,
    durable,
  }
}
