import { createHash } from 'node:crypto'

/** All that the business can be told of. */
export const EVENT_TYPES = [
  'session.opened',
  'session.changed',
  'session.closed',
  'session.expiring',
  'session.expired',
  'call.started',
  'call.answered',
  'call.ended',
  'call.refused',
  'recording.ready',
  'recording.deleted',
  'recording.failed',
  'pin.failed',
  'pin.locked',
  'number.added',
  'number.draining',
  'number.activated',
  'number.removed',
  'number.low_head_room',
  'carrier.trouble',
  'store.down',
  'store.up',
  'webhook.disabled',
] as const
export type EventType = (typeof EVENT_TYPES)[number]

/** What `data` of each event is versioned by. A member that is added does not change it. */
export const EVENT_VERSION = 1

/** Something that the business is told of. It holds no real number. */
export interface BusinessEvent {
  /** The same whenever it is told. */
  readonly id: string
  readonly type: EventType
  /** When it happened, in milliseconds since 1970. */
  readonly at: number
  /** The session that it is about. */
  readonly sessionId?: string | undefined
  readonly data: EventData
}

export type EventData = Readonly<Record<string, unknown>> & { readonly version: typeof EVENT_VERSION }

/** An event that is in the outbox. */
export interface ListedEvent extends BusinessEvent {
  /** Since when it is there, in milliseconds since 1970. */
  readonly listedAt: number
}

/** Characters of the hash in an id: 132 bits. */
const ID_CHARACTERS = 22

/** The id of an event, always the same for what happened to one thing. */
export function eventId(about: string, what: string): string {
  const hash = createHash('sha256').update(`${about}/${what}`).digest('base64url')
  return `evt_${hash.slice(0, ID_CHARACTERS)}`
}

/** Which of two events of one session comes first. Of one moment, they are in the order in which such things happen. */
export function inTime(one: BusinessEvent, other: BusinessEvent): number {
  const bySequence = Number(one.data.sequence) - Number(other.data.sequence)
  return one.at - other.at || bySequence || EVENT_TYPES.indexOf(one.type) - EVENT_TYPES.indexOf(other.type)
}

/** An event as it is sent: the payload of Standard Webhooks. */
export function eventBody({ type, at, data }: Pick<BusinessEvent, 'type' | 'at' | 'data'>): string {
  return JSON.stringify({ type, timestamp: new Date(at).toISOString(), data })
}
