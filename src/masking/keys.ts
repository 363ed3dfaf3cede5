import type { Found, Key } from './storage.js'

/** Where things are kept. All names of keys are made here. */

/** The kinds of keys under which something of people is kept. */
export const SESSION_KIND = 'session'
export const BOOK_KIND = 'book'
export const NAME_KIND = 'name'
export const REQUEST_KIND = 'request'
export const PIN_KIND = 'pin'

/** Records of calls, and which calls a session connected. */
export const CALL_KIND = 'call'
export const CONNECTED_KIND = 'connected'
/** How many calls there were, by the hour and by the number. */
export const CALL_COUNTS_KIND = 'call-counts'

/** All kinds under which something is kept of sessions and their calls. */
export const KINDS = [
  SESSION_KIND,
  BOOK_KIND,
  NAME_KIND,
  REQUEST_KIND,
  PIN_KIND,
  'pool',
  CALL_KIND,
  CONNECTED_KIND,
  CALL_COUNTS_KIND,
] as const

/** Secrets that are short enough to be guessed. They are named by a keyed hash everywhere, in the memory of a process too. */
export const HASHED_KINDS: readonly string[] = [PIN_KIND]

/** Where something stands that was found among all of its kind. */
export function foundKey(kind: string, { name }: Found): Key {
  return { kind, id: name }
}

/** The record of a session. */
export function recordKey(id: string): Key {
  return { kind: SESSION_KIND, id }
}

/** The book of a person. */
export function bookKey(person: string): Key {
  return { kind: BOOK_KIND, secret: person }
}

/** The list of a person's sessions that their book does not lead to any more. */
export function pastOf(person: string): Key {
  return { kind: 'past', secret: person }
}

/** The list of all sessions. */
export const ALL_SESSIONS: Key = { kind: 'sessions', id: 'all' }

/** Sessions that have something to tell; and when sessions end, or are about to. */
export const SESSIONS_TO_TELL: Key = { kind: 'sessions-to-tell', id: 'all' }
export const SESSION_ENDS: Key = { kind: 'session-ends', id: 'all' }

/** The session that has an external id, and the list of those that have had it. */
export function nameKey(externalId: string): Key {
  return { kind: NAME_KIND, secret: externalId }
}
export function namesakesOf(externalId: string): Key {
  return { kind: 'namesakes', secret: externalId }
}

/** The session that a request with an idempotency key got. */
export function requestKey(idempotencyKey: string): Key {
  return { kind: REQUEST_KIND, secret: idempotencyKey }
}

/** Whose PIN this is on a masking number. */
export function pinKey(maskingNumber: string, pin: string): Key {
  return { kind: PIN_KIND, secret: `${maskingNumber}/${pin}` }
}

/** The same by its name, for whoever does not know the PIN. */
export function namedPinKey(name: string): Key {
  return { kind: PIN_KIND, id: name }
}

/** The masking numbers that sessions may be given; how much they were used, now and by the day, and who counts that now. */
export const POOL: Key = { kind: 'pool', id: 'numbers' }
export const POOL_COUNTS: Key = { kind: 'pool', id: 'counts' }
export const POOL_DAYS: Key = { kind: 'pool', id: 'days' }
export const POOL_COUNTING: Key = { kind: 'pool', id: 'counting' }
