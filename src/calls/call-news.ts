import { type Trouble, troubleOf } from '../vobiz/hangup-causes.js'
import { type CallFacts, hasEnded, type PinLocks, type RecordedFacts } from './call-facts.js'
import { summaryOf } from './call-summary.js'
import { WRONG_PIN } from './pin-entry.js'

/** What of a call is told. */
export type CallNewsKind =
  | 'call.started'
  | 'call.answered'
  | 'call.ended'
  | 'call.refused'
  | 'pin.failed'
  | 'pin.locked'
  | 'recording.ready'
  | 'recording.deleted'
  | 'recording.failed'
  | 'carrier.trouble'

/** Something that the facts of a call tell. */
export interface CallNews {
  /** Tells it from all else that is told of this call. */
  readonly name: string
  readonly kind: CallNewsKind
  /** Which recording. */
  readonly recordingId?: string | undefined
  /** What a wrong PIN locked. */
  readonly locked?: PinLocked | undefined
  /** What the carrier is in trouble with. */
  readonly trouble?: CarrierTrouble | undefined
}

/** Whoever called, on all masking numbers, or the masking number, for all whom it does not know. */
export const PIN_LOCKED = ['caller', 'number'] as const satisfies readonly (keyof PinLocks)[]
export type PinLocked = (typeof PIN_LOCKED)[number]

/** What keeps the carrier from connecting any call, until somebody does something about it. */
export const CARRIER_TROUBLES = [
  'out_of_credit',
  'caller_id',
  'concurrency',
] as const satisfies readonly Trouble[]
export type CarrierTrouble = (typeof CARRIER_TROUBLES)[number]

/**
 * All that the facts of a call tell. It grows with them, whatever their order. Calls of strangers, of which there can be any
 * number, are not told of, unless one locks a masking number.
 */
export function newsOf(facts: RecordedFacts): readonly CallNews[] {
  const { begun, pinAsked, pinUsed, pinLocks = {}, legs = {}, recordings = {} } = facts
  const { outcome, refused } = summaryOf(facts)
  const isKnown = begun.sessionId !== undefined
  const isThrough = begun.refused === undefined && (!pinAsked || pinUsed === true)
  const news: CallNews[] = []
  if (isThrough) news.push(plain('call.started'))
  if (Object.values(legs).some(({ connected }) => connected)) news.push(plain('call.answered'))
  if (outcome === 'refused' && isKnown) news.push(plain('call.refused'))
  if (refused === WRONG_PIN && isKnown) news.push(plain('pin.failed'))
  for (const locked of PIN_LOCKED)
    if (pinLocks[locked] !== undefined) news.push({ ...named('pin.locked', locked), locked })
  if (isThrough && hasEnded(facts)) news.push(plain('call.ended'))
  for (const [recordingId, { ready, deletedAt }] of Object.entries(recordings)) {
    if (ready) news.push({ ...named('recording.ready', recordingId), recordingId })
    if (deletedAt !== undefined) news.push({ ...named('recording.deleted', recordingId), recordingId })
  }
  if (facts.recordingMissing) news.push(plain('recording.failed'))
  for (const trouble of troublesIn(facts)) news.push({ ...named('carrier.trouble', trouble), trouble })
  return news
}

/** The names of what facts tell that fewer of them did not. */
export function namesOfNew(fewer: CallFacts, facts: RecordedFacts): readonly string[] {
  const { begun } = fewer
  const known = new Set(begun && newsOf({ ...fewer, begun }).map(({ name }) => name))
  return newsOf(facts).flatMap(({ name }) => (known.has(name) ? [] : [name]))
}

function plain(kind: CallNewsKind): CallNews {
  return { name: kind, kind }
}

function named(kind: CallNewsKind, what: string): CallNews {
  return { name: `${kind}/${what}`, kind }
}

function troublesIn({ ended, legs = {} }: CallFacts): ReadonlySet<CarrierTrouble> {
  const codes = [ended?.code, ...Object.values(legs).map((leg) => leg.ended?.code)]
  const troubles = new Set(codes.map(troubleOf))
  return new Set(CARRIER_TROUBLES.filter((trouble) => troubles.has(trouble)))
}
