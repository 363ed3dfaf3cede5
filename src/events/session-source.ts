import { recordKey, SESSIONS_TO_TELL } from '../masking/keys.js'
import { readRecord, recordValue } from '../masking/record.js'
import type { Session } from '../masking/session.js'
import { newsOf, type SessionNews, withoutNews } from '../masking/session-news.js'
import { type BusinessEvent, EVENT_VERSION, eventId } from './event.js'
import type { Source } from './source.js'

/** What the records of sessions tell. */
export const sessionSource: Source = {
  list: SESSIONS_TO_TELL,
  keyOf: recordKey,

  newsIn(id, kept, entries) {
    const record = readRecord(id, kept)
    if (!record) return 'nothing'
    if (record.kind !== 'session') return 'gone'
    const pending = newsOf(record)
    if (pending.length === 0) return 'nothing'
    return {
      events: pending.map((news) => eventOf(record.session, news)),
      entries,
      told: recordValue(withoutNews(record)),
    }
  },
}

function eventOf(
  { id, externalId }: Session,
  { kind, n, at, expiresAt, changed }: SessionNews,
): BusinessEvent {
  return {
    id: eventId(id, String(n)),
    type: `session.${kind}`,
    at,
    sessionId: id,
    data: {
      version: EVENT_VERSION,
      session_id: id,
      external_id: externalId ?? null,
      sequence: n,
      expires_at: new Date(expiresAt).toISOString(),
      ...(changed && { changed }),
    },
  }
}
