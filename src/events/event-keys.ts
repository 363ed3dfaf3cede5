import type { Key } from '../masking/storage.js'

/** Where events are kept. All names of keys are made here. */

export const EVENT_KIND = 'event'
export const DELIVERY_KIND = 'delivery'
export const WEBHOOKS_KIND = 'webhooks'
export const POOL_TOLD_KIND = 'pool-told'
export const HEALTH_KIND = 'webhook-health'

/** All kinds under which something is kept of events. */
export const EVENT_KINDS = [EVENT_KIND, DELIVERY_KIND, WEBHOOKS_KIND, HEALTH_KIND, POOL_TOLD_KIND] as const

/** The endpoints. */
export const ALL_WEBHOOKS: Key = { kind: WEBHOOKS_KIND, id: 'all' }

/** An event. No session has an id like that of an event, so this also says that those of a session are forgotten. */
export function eventKey(id: string): Key {
  return { kind: EVENT_KIND, id }
}

/** The list of all events, and of those of a session. */
export const ALL_EVENTS: Key = { kind: 'events', id: 'all' }
export function eventsOf(sessionId: string): Key {
  return { kind: 'events-of', id: sessionId }
}

/** The queue of an endpoint: what is to be sent, by when it is due. */
export function dueOf(webhookId: string): Key {
  return { kind: 'webhook-due', id: webhookId }
}

/** What became of the sending of an event to an endpoint. No id has a point in it. */
export function deliveryKey(id: string): Key {
  return { kind: DELIVERY_KIND, id }
}

/** Deliveries that did not succeed, by when their events came into the outbox. */
export const FAILING: Key = { kind: 'deliveries', id: 'failing' }

/** Since when an endpoint fails. */
export function healthKey(webhookId: string): Key {
  return { kind: HEALTH_KIND, id: webhookId }
}
