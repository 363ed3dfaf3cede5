import type { ListedEvent } from '../events/event.js'
import type { EventPage } from '../events/outbox.js'
import type { EventPageView, EventView } from './event-schemas.js'

/** An event as the API shows it. */
export function eventView({ id, type, at, listedAt, sessionId, data }: ListedEvent): EventView {
  return {
    id,
    type,
    timestamp: new Date(at).toISOString(),
    recorded_at: new Date(listedAt).toISOString(),
    session_id: sessionId ?? null,
    data,
  }
}

export function eventPageView({ events, next }: EventPage): EventPageView {
  return { events: events.map(eventView), next_cursor: next ?? null }
}
