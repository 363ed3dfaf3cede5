/** What was requested and acknowledged, and which replies to calls that allows. Times are of `performance.now()`. */
import type { Told } from './answer-xml.js'

/** One person on one side of a session. Its beginning and its end are each known only to lie in a span of time. */
export interface Seat {
  readonly person: string
  readonly possiblyFrom: number
  certainlyFrom: number
  certainlyUntil: number
  possiblyUntil: number
}

export interface KnownSession {
  readonly id: string
  readonly key: string
  readonly masks: readonly [string, string]
  readonly seats: readonly [Seat[], Seat[]]
  /** Whether it survives the loss of a server for sure. */
  readonly isSure: boolean
  /** When it is over at the latest, where that is soon. */
  readonly expiresAt?: number
  closing: boolean
  /** When its close was acknowledged without a doubt. */
  closedAt?: number
  /** Whether somebody is changing it now. */
  busy: boolean
}

export interface Call {
  readonly caller: string
  readonly dialled: string
  readonly begun: number
  readonly ended: number
  readonly told: Told
}

export type Fault = 'closed' | 'expired' | 'replaced' | 'misroute' | 'refused'

export interface History {
  readonly sessions: KnownSession[]
  readonly calls: Call[]
}

export function seat(person: string, possiblyFrom: number, certainlyFrom: number): Seat {
  return {
    person,
    possiblyFrom,
    certainlyFrom,
    certainlyUntil: Number.POSITIVE_INFINITY,
    possiblyUntil: Number.POSITIVE_INFINITY,
  }
}

interface Place {
  readonly session: KnownSession
  readonly seat: Seat
  readonly other: 0 | 1
}

/** The faults of all calls. To be called when all creates are resolved: a call may connect before the create's reply. */
export function judge({ sessions, calls }: History): { readonly call: Call; readonly fault: Fault }[] {
  const places = new Map<string, Place[]>()
  for (const session of sessions) {
    for (const side of [0, 1] as const) {
      for (const seat of session.seats[side]) {
        const key = `${seat.person}/${session.masks[side]}`
        const place: Place = { session, seat, other: side === 0 ? 1 : 0 }
        places.set(key, [...(places.get(key) ?? []), place])
      }
    }
  }
  return calls.flatMap((call) => {
    const fault = faultOf(call, places.get(`${call.caller}/${call.dialled}`) ?? [])
    return fault ? { call, fault } : []
  })
}

function faultOf(call: Call, places: readonly Place[]): Fault | undefined {
  const { told } = call
  if (told.kind === 'apology') return undefined
  if (told.kind !== 'connect') return places.some(({ seat }) => isCertain(seat, call)) ? 'refused' : undefined

  const leading = places.flatMap((place) =>
    place.session.masks[place.other] === told.callerId
      ? place.session.seats[place.other]
          .filter(({ person }) => person === told.destination)
          .map((reached) => ({ ...place, reached }))
      : [],
  )
  const isAllowed = ({ session, seat, reached }: (typeof leading)[number]) =>
    isPossible(seat, call) &&
    isPossible(reached, call) &&
    !isClosed(session, call) &&
    !isExpired(session, call)
  if (leading.some(isAllowed)) return undefined
  if (leading.length === 0) return 'misroute'
  if (leading.some(({ session }) => isClosed(session, call))) return 'closed'
  return leading.some(({ session }) => isExpired(session, call)) ? 'expired' : 'replaced'
}

function isClosed({ closedAt }: KnownSession, { begun }: Call): boolean {
  return closedAt !== undefined && closedAt < begun
}

function isExpired({ expiresAt }: KnownSession, { begun }: Call): boolean {
  return expiresAt !== undefined && expiresAt < begun
}

function isPossible({ possiblyFrom, possiblyUntil }: Seat, { begun, ended }: Call): boolean {
  return possiblyFrom <= ended && possiblyUntil >= begun
}

function isCertain({ certainlyFrom, certainlyUntil }: Seat, { begun, ended }: Call): boolean {
  return certainlyFrom <= begun && certainlyUntil >= ended
}
