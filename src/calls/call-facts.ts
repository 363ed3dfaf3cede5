import type { Side } from '../masking/session.js'

/**
 * What is known of a call. It grows with each event, and events come in any order and more than once: so facts are joined by a
 * rule that does not ask which came first. No fact holds a real number.
 */
export interface CallFacts {
  readonly begun?: Begun | undefined
  /** What was told of the called phones, by the carrier's id of their leg. */
  readonly legs?: Parts<LegFacts> | undefined
  /** What became of the dialling. */
  readonly dialled?: DialEnd | undefined
  /** The end of the caller's own leg, and with it of the call. */
  readonly ended?: EndFacts | undefined
  /** By the carrier's id of the recording. */
  readonly recordings?: Parts<RecordingFacts> | undefined
  /** It was to be recorded. */
  readonly recordingAsked?: true | undefined
  /** No recording came in time. */
  readonly recordingMissing?: true | undefined
  /** The caller was asked for a PIN. */
  readonly pinAsked?: true | undefined
  /** A PIN opened the way. */
  readonly pinUsed?: true | undefined
  /** Who called, as their PIN told. */
  readonly pinOf?: Pick<Begun, 'sessionId' | 'side'> | undefined
  /** What wrong PINs of this call locked. */
  readonly pinLocks?: PinLocks | undefined
  /** What each leg cost, by the carrier's id of it. */
  readonly costs?: Parts<CostFacts> | undefined
}

type Parts<Of> = Readonly<Record<string, Of>>

/** What a record holds: nothing is recorded of a call of which nobody knows that it began. */
export interface RecordedFacts extends CallFacts {
  readonly begun: Begun
}

/** Until when nothing is tried, in milliseconds since 1970: of whoever called, and on the masking number. */
export interface PinLocks {
  readonly caller?: number | undefined
  readonly number?: number | undefined
}

/** How the call was answered. */
export interface Begun {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly sessionId?: string | undefined
  /** Which side called. */
  readonly side?: Side | undefined
  /** The masking number that was dialled, whole. Only the answer itself tells it. */
  readonly maskingNumber?: string | undefined
  /** The masking number that the other phone shows, likewise. */
  readonly shown?: string | undefined
  /** Why it was not connected. */
  readonly refused?: string | undefined
}

/** What became of a phone that rang: they talked, or why not. */
export type DialEnd = 'talked' | 'no_answer' | 'busy' | 'cancelled' | 'failed'

export interface LegFacts {
  readonly answered?: true | undefined
  readonly connected?: true | undefined
  readonly ended?: EndFacts | undefined
}

export interface EndFacts {
  readonly how?: DialEnd | undefined
  /** The carrier's code of the cause. */
  readonly code?: string | undefined
  readonly by?: EndedBy | undefined
  /** Seconds from the answer to the end. */
  readonly seconds?: number | undefined
  /** Seconds from the beginning to the answer. */
  readonly ring?: number | undefined
}

export type EndedBy = 'caller' | 'called' | 'business' | 'carrier'

export interface RecordingFacts {
  /** Its audio can be had. */
  readonly ready?: true | undefined
  /** Milliseconds of it. */
  readonly ms?: number | undefined
  /** Milliseconds since 1970. */
  readonly deletedAt?: number | undefined
}

export interface CostFacts {
  /** Decimal, as the carrier writes it. */
  readonly amount: string
  readonly currency: string
  /** Seconds of talk that were charged. */
  readonly talk?: number | undefined
  readonly ring?: number | undefined
}

/** How many legs and recordings of one call are kept. A call rings one phone, and is recorded once. */
export const MAX_PARTS = 8

/** What both sets of facts tell. It is the same in whatever order, and however often, sets are joined. */
export function joinFacts(one: CallFacts, other: CallFacts): CallFacts {
  const joined = join(one, other) as CallFacts
  return {
    ...joined,
    ...withBegun(one.begun, other.begun, joined.pinOf),
    ...bounded('legs', one.legs, other.legs),
    ...bounded('recordings', one.recordings, other.recordings),
    ...bounded('costs', one.costs, other.costs),
  }
}

/**
 * A call is answered again when the carrier did not get the first answer. The first one counts. Who called is known by the
 * answer, or else by a PIN.
 */
function withBegun(
  one: Begun | undefined,
  other: Begun | undefined,
  pinOf: CallFacts['pinOf'],
): Pick<CallFacts, 'begun'> {
  const begun = earlier(one, other)
  return begun ? { begun: { ...begun, ...pinOf } } : {}
}

function earlier(one: Begun | undefined, other: Begun | undefined): Begun | undefined {
  if (!one || !other) return one ?? other
  if (one.at !== other.at) return one.at < other.at ? one : other
  return join(one, other) as Begun
}

function bounded<Of>(name: string, one: Parts<Of> | undefined, other: Parts<Of> | undefined): CallFacts {
  const all = join(one, other) as Parts<Of> | undefined
  if (!all) return {}
  const kept = Object.entries(all)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, MAX_PARTS)
  return { [name]: Object.fromEntries(kept) }
}

/** Member by member; of two values that differ, the greater one. */
function join(one: unknown, other: unknown): unknown {
  if (one === undefined || other === undefined) return one ?? other
  if (typeof one !== 'object' || typeof other !== 'object')
    return (one as number) >= (other as number) ? one : other
  const [a, b] = [one as Parts<unknown>, other as Parts<unknown>]
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort()
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = join(a[name], b[name])
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

/** Whether it is known to be over: it was refused, or its end was told. */
export function isOver(facts: CallFacts): boolean {
  return facts.begun?.refused !== undefined || hasEnded(facts)
}

/** Whether its end was told, or that nothing is dialled any more. */
export function hasEnded({ dialled, ended }: CallFacts): boolean {
  return dialled !== undefined || ended !== undefined
}
