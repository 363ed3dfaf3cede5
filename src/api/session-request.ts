import { createHash } from 'node:crypto'
import type { Config } from '../config/schema.js'
import type { CallOptions } from '../masking/call-options.js'
import { type ParticipantRules, readParticipant } from '../masking/participant.js'
import { type PhoneNumber, wholeNumber } from '../masking/phone-number.js'
import { MAX_SESSION_SECONDS, MIN_SESSION_SECONDS, type Session, type Side } from '../masking/session.js'
import type { SessionDraft } from '../masking/session-store.js'
import { readCallOptions, refuseParticipantAsSupport, textsOf } from './call-options.js'
import type { CallSettings } from './call-options-schema.js'
import { inPlainDigits } from './free-text.js'
import {
  countryNotAllowed,
  equalParticipants,
  invalidExpiry,
  numberInText,
  ProblemError,
  pinsOff,
  twoExpiries,
  unfitParticipant,
} from './problem.js'
import type { CreateSession } from './session-schemas.js'

/** What the requests of the API are read with. */
export interface RequestReader {
  readonly config: Pick<Config, 'SESSION_TTL' | 'PUBLIC_BASE_URL' | 'CALL_ANNOUNCEMENT' | 'PIN_LENGTH'>
  readonly rules: ParticipantRules
  readonly now: number
}

type Named = CreateSession['participants'][number]

/** The draft that a request asks for. Throws a `ProblemError` that says what is wrong. */
export function readDraft(
  body: CreateSession,
  idempotencyKey: string | undefined,
  reader: RequestReader,
): SessionDraft {
  const { external_id: externalId, metadata } = body
  const [first, second] = body.participants as [Named, Named]
  const participants = [readNumber(first.number, 0, reader), readNumber(second.number, 1, reader)] as const
  const numbers = participants.map(wholeNumber)
  if (numbers[0] === numbers[1]) throw new ProblemError(equalParticipants)
  const call = body.call && readCall(body.call, reader)
  refuseNumbersIn({ externalId, metadata, call }, participants)
  const onExhausted = body.on_exhausted
  if (onExhausted && reader.config.PIN_LENGTH === undefined) throw new ProblemError(pinsOff)
  return {
    participants,
    createdAt: reader.now,
    expiresAt: readExpiry(body, reader) ?? reader.now + reader.config.SESSION_TTL * 1_000,
    externalId,
    metadata,
    call,
    idempotencyKey,
    // Only a request with a key can be asked again.
    fingerprint: (externalId ?? idempotencyKey) ? fingerprintOf({ ...body, participants: numbers }) : '',
    allowShortRest: body.allow_short_rest === true,
    onExhausted,
  }
}

/** The number of one participant, in any spelling. */
export function readNumber(text: string, side: Side, { rules }: RequestReader): PhoneNumber {
  const number = readParticipant(text, rules)
  if (number === 'country_not_allowed')
    throw new ProblemError(countryNotAllowed(side, rules.allowedCountries))
  if (typeof number === 'string') throw new ProblemError(unfitParticipant(number, side))
  return number
}

/** When a request wants the session to end, in milliseconds since 1970; undefined when it does not say. */
export function readExpiry(
  { expires_in, expires_at }: { readonly expires_in?: number; readonly expires_at?: string },
  { now }: RequestReader,
): number | undefined {
  if (expires_in !== undefined && expires_at !== undefined) throw new ProblemError(twoExpiries)
  if (expires_in !== undefined) return now + expires_in * 1_000
  if (expires_at === undefined) return undefined
  const expiresAt = Date.parse(expires_at)
  const seconds = (expiresAt - now) / 1_000
  if (!(seconds >= MIN_SESSION_SECONDS && seconds <= MAX_SESSION_SECONDS))
    throw new ProblemError(invalidExpiry)
  return expiresAt
}

/** What a request says about the calls of its session. */
export function readCall(settings: CallSettings, { config, rules }: RequestReader): CallOptions {
  return readCallOptions(settings, {
    rules,
    hasPins: config.PIN_LENGTH !== undefined,
    hasPublicUrl: config.PUBLIC_BASE_URL !== undefined,
    announcement: config.CALL_ANNOUNCEMENT === 'none' ? undefined : config.CALL_ANNOUNCEMENT,
  })
}

/** Refuses texts that replies show and that contain a real number, and a participant as the support line. */
export function refuseNumbersIn(
  { externalId = '', metadata = {}, call = {} }: Pick<Session, 'externalId' | 'metadata' | 'call'>,
  participants: readonly PhoneNumber[],
): void {
  const texts = [externalId, ...Object.entries(metadata).flat(), ...textsOf(call)].map((text) =>
    inPlainDigits(text).replace(/\D/g, ''),
  )
  if (participants.some(({ national }) => texts.some((digits) => digits.includes(national))))
    throw new ProblemError(numberInText)
  refuseParticipantAsSupport(call, participants)
}

/** The same for every spelling of the same request, and for no other. */
function fingerprintOf(request: Readonly<Record<string, unknown>>): string {
  const canonical = JSON.stringify(inOrder({ metadata: {}, ...request }))
  return createHash('sha256').update(canonical).digest('base64')
}

/** The same for every order of its members. */
function inOrder(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.entries(value)
    .map(([name, member]) => [name, inOrder(member)])
    .sort()
}
