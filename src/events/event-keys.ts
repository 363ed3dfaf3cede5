import type { Key } from '../masking/storage.js'

/** Where events are kept. All names of keys are made here. */

export const EVENT_KIND = 'event'
export const DELIVERY_KIND = 'delivery'
export const WEBHOOKS_KIND = 'webhooks'

/** An event. No session has an id like that of an event, so this also says that those of a session are forgotten. */
export function eventKey(id: string): Key {
  return { kind: EVENT_KIND, id }
}

/** The list of all events, and of those of a session. */
export const ALL_EVENTS: Key = { kind: 'events', id: 'all' }
export function eventsOf(sessionId: string): Key {
  return { kind: 'events-of', id: sessionId }
}
