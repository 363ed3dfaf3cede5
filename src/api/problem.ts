import { MAX_STORED_KEYS } from '../access/key-records.js'
import type { NeededScope } from '../access/scopes.js'
import { contentRange } from '../audio/byte-range.js'
import type { NoRecordingReason } from '../calls/recordings.js'
import { MAX_WEBHOOKS } from '../events/webhooks.js'
import { MAX_POOL_NUMBERS } from '../masking/pool.js'

/** Everything that can go wrong: the code for programs, and the HTTP status that goes with it. */
export const PROBLEM_STATUS = {
  invalid_url: 400,
  invalid_json: 400,
  invalid_request: 400,
  unauthorized: 401,
  missing_scope: 403,
  not_found: 404,
  session_not_found: 404,
  key_not_found: 404,
  number_not_in_pool: 404,
  call_not_found: 404,
  recording_not_found: 404,
  webhook_not_found: 404,
  delivery_not_found: 404,
  method_not_allowed: 405,
  not_acceptable: 406,
  confusable_number: 409,
  idempotency_conflict: 409,
  number_in_use: 409,
  number_taken: 409,
  pool_exhausted: 409,
  pool_full: 409,
  pins_exhausted: 409,
  session_ended: 409,
  key_exists: 409,
  key_of_configuration: 409,
  no_key_store: 409,
  no_carrier_api: 409,
  person_of_configuration: 409,
  too_many_keys: 409,
  too_many_webhooks: 409,
  webhook_off: 409,
  unreadable_session_closed: 410,
  body_too_large: 413,
  unsupported_media_type: 415,
  range_not_satisfiable: 416,
  country_not_allowed: 422,
  emergency_number: 422,
  equal_participants: 422,
  invalid_call_option: 422,
  invalid_expiry: 422,
  invalid_masking_number: 422,
  invalid_number: 422,
  invalid_webhook_url: 422,
  masking_number_as_participant: 422,
  nothing_to_change: 422,
  number_in_text: 422,
  one_participant_at_a_time: 422,
  participant_as_masking_number: 422,
  pins_off: 422,
  premium_number: 422,
  short_code: 422,
  toll_free_number: 422,
  two_expiries: 422,
  rate_limited: 429,
  internal_error: 500,
  carrier_unavailable: 502,
  calls_not_ended: 502,
  store_unavailable: 503,
} as const

export type ProblemCode = keyof typeof PROBLEM_STATUS

/** What went wrong, as RFC 9457 tells it: one code for programs, one sentence that says what to do for people. */
export interface Problem {
  readonly code: ProblemCode
  readonly title: string
  readonly detail: string
  /** More members, such as what would be needed. Never what the request said. */
  readonly more?: Readonly<Record<string, unknown>>
  /** Whole seconds after which the same request may be sent again. */
  readonly retryAfter?: number
  /** What there is of what was asked for in part, as RFC 9110 has it. */
  readonly contentRange?: string
  /** What a key would have to be, as RFC 6750 has it. */
  readonly challenge?: string
}

/** Thrown by a route of the API; its plugin answers with the problem. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError'

  constructor(readonly problem: Problem) {
    super(problem.title)
  }
}

/**
 * Bytes of the largest body. The largest request that the schema takes has less than 12 KiB in ASCII; in other scripts a
 * character has several bytes, and there the body is what bounds it.
 */
export const BODY_LIMIT = 16 * 1024

export const PROBLEM_TYPE = 'application/problem+json'

/** What the API sends, as Accept headers may ask for it. */
export const SENT_TYPES = [
  'application/json',
  'application/json; charset=utf-8',
  PROBLEM_TYPE,
  `${PROBLEM_TYPE}; charset=utf-8`,
] as const

/** A whole reply about a problem of the request that has this id. */
export function problemReply(problem: Problem, requestId: string) {
  return {
    status: PROBLEM_STATUS[problem.code],
    headers: {
      'content-type': `${PROBLEM_TYPE}; charset=utf-8`,
      ...(problem.challenge && { 'www-authenticate': problem.challenge }),
      ...(problem.contentRange && { 'content-range': problem.contentRange }),
      ...(problem.retryAfter !== undefined && { 'retry-after': String(problem.retryAfter) }),
    },
    body: JSON.stringify(problemBody(problem, requestId)),
  }
}

/** Seconds after which the store may be asked again. */
export const RETRY_AFTER_SECONDS = 1

/** The body of a reply about a problem. */
export function problemBody({ code, title, detail, more }: Problem, requestId: string) {
  return {
    type: `urn:callmask:problem:${code}`,
    title,
    status: PROBLEM_STATUS[code],
    detail,
    code,
    request_id: requestId,
    ...more,
  }
}

export const invalidUrl: Problem = {
  code: 'invalid_url',
  title: 'The address cannot be decoded',
  detail: 'Let what follows each % be the two hexadecimal digits of a byte of UTF-8.',
}

export const invalidJson: Problem = {
  code: 'invalid_json',
  title: 'The body is not valid JSON',
  detail: 'Send a JSON object as application/json.',
}

/** One thing that is wrong with a request. */
export interface InvalidField {
  /** Where: `participants.0.number`; empty for the whole. */
  readonly field: string
  /** What, to be read after the field. */
  readonly message: string
}

/** @param place the part of the request that does not fit the schema: body, query, path or headers */
export function invalidRequest(place: string, errors: readonly InvalidField[]): Problem {
  const said = errors.map(({ field, message }) => `${field === '' ? `the ${place}` : field} ${message}`)
  return {
    code: 'invalid_request',
    title: `The ${place} is not as the schema wants it`,
    detail: `Correct this: ${said.join('; ')}. /openapi.json has the schema.`,
    more: { errors },
  }
}

const UNAUTHORIZED = {
  absent: 'Send a key as `Authorization: Bearer <key>`.',
  unknown: 'The service does not know the key. Send one that it knows, as `Authorization: Bearer <key>`.',
  expired: 'The key has expired. Let `callmask keys create` make a new one.',
  revoked: 'The key was revoked. Ask whoever manages the keys for another one.',
} as const

/** @param why there is no valid key; only who has the secret of an old key learns that it was one */
export function unauthorized(why: keyof typeof UNAUTHORIZED): Problem {
  return {
    code: 'unauthorized',
    title: 'No valid API key',
    detail: UNAUTHORIZED[why],
    challenge: why === 'absent' ? 'Bearer' : 'Bearer error="invalid_token"',
  }
}

/** @param scope the one that the request needs */
export function missingScope(scope: NeededScope): Problem {
  return {
    code: 'missing_scope',
    title: `The key lacks the scope ${scope}`,
    detail: `Use a key with the scope ${scope}; \`callmask keys create\` makes one.`,
    more: { scope },
    challenge: `Bearer error="insufficient_scope", scope="${scope}"`,
  }
}

/** @param retryAfter seconds */
export function rateLimited(retryAfter: number): Problem {
  return {
    code: 'rate_limited',
    title: 'Too many requests',
    detail: `Wait ${retryAfter} s, as Retry-After says. RateLimit tells how many requests are left.`,
    retryAfter,
  }
}

export const keyNotFound: Problem = {
  code: 'key_not_found',
  title: 'There is no such key',
  detail: 'GET /v1/keys lists the names of all.',
}

export const keyExists: Problem = {
  code: 'key_exists',
  title: 'There is a key of this name',
  detail: 'Take another name, or revoke that key first.',
}

export const keyOfConfiguration: Problem = {
  code: 'key_of_configuration',
  title: 'This key stands in the configuration of the service',
  detail: 'Take it out of API_KEYS or API_KEY_HASHES, and restart the instances one after the other.',
}

export const personOfConfiguration: Problem = {
  code: 'person_of_configuration',
  title: 'This number stands in the configuration of the service',
  detail: 'Take the static pair out of FE and CUSTOMER, restart the instances, and ask again.',
}

export const noKeyStore: Problem = {
  code: 'no_key_store',
  title: 'The service has no store for keys',
  detail:
    'Let `callmask keys create` make a line for API_KEY_HASHES, or give the service a store with STORE_URL.',
}

export const callNotFound: Problem = {
  code: 'call_not_found',
  title: 'There is no such call',
  detail: 'Check its id. Calls are remembered for CALL_RETENTION.',
}

export const webhookNotFound: Problem = {
  code: 'webhook_not_found',
  title: 'There is no such endpoint',
  detail: 'GET /v1/webhooks lists all.',
}

export const deliveryNotFound: Problem = {
  code: 'delivery_not_found',
  title: 'There is no such delivery',
  detail: 'GET /v1/deliveries lists those that did not succeed. Events are kept for EVENT_RETENTION.',
}

export const tooManyWebhooks: Problem = {
  code: 'too_many_webhooks',
  title: `There are ${MAX_WEBHOOKS} endpoints already`,
  detail: 'Remove one, or let one endpoint pass events on to others.',
}

export const webhookOff: Problem = {
  code: 'webhook_off',
  title: 'The endpoint is switched off',
  detail: 'Switch it on first: PATCH /v1/webhooks/{id} with {"state": "on"}.',
}

/** @param field which of the two URLs */
export function invalidWebhookUrl(field: 'url' | 'fallback_url'): Problem {
  return {
    code: 'invalid_webhook_url',
    title: `${field} is no URL that events are sent to`,
    detail: 'Give an https URL without a user, a password and a fragment.',
    more: { field },
  }
}

const NO_RECORDING: Readonly<Record<NoRecordingReason, string>> = {
  not_recorded:
    'Nobody told of a recording of this call. Record calls with CALL_RECORD, or with `call` of a session.',
  not_ready: 'The carrier has it some time after the end of the call. Ask again in a minute.',
  deleted: 'It was deleted, and cannot be had any more.',
  lost: 'The carrier does not have it any more. It was deleted there, or its time there was over.',
}

export function recordingNotFound(reason: NoRecordingReason): Problem {
  return {
    code: 'recording_not_found',
    title: 'There is no recording of this call',
    detail: NO_RECORDING[reason],
    more: { reason },
  }
}

export const noCarrierApi: Problem = {
  code: 'no_carrier_api',
  title: 'The service cannot ask the carrier for it',
  detail: 'Set VOBIZ_AUTH_ID and VOBIZ_AUTH_TOKEN, and restart the instances. Nothing was done.',
}

export const carrierUnavailable: Problem = {
  code: 'carrier_unavailable',
  title: 'The carrier does not do it',
  detail: 'Try again in a minute. The log of the service says what the carrier answered.',
}

/** @param total bytes of the whole, if that is known */
export function rangeNotSatisfiable(total: number | undefined): Problem {
  return {
    code: 'range_not_satisfiable',
    title: 'The recording has no such part',
    detail: 'Ask for bytes that are there, or for the whole. Content-Range says how many there are.',
    contentRange: contentRange(undefined, total),
  }
}

/** The session is closed, and some of its calls go on. */
export function callsNotEnded({ ended, left }: { readonly ended: number; readonly left: number }): Problem {
  return {
    code: 'calls_not_ended',
    title: 'The session is closed, but the carrier did not end all of its calls',
    detail: 'Send the same request again: it ends those that go on.',
    more: { calls_ended: ended, calls_left: left },
  }
}

export const tooManyKeys: Problem = {
  code: 'too_many_keys',
  title: `The store has ${MAX_STORED_KEYS} keys already`,
  detail: 'Revoke those that nobody uses: a revoked or expired key makes room 30 days later.',
}

export const notFound: Problem = {
  code: 'not_found',
  title: 'There is nothing at this address',
  detail: 'Look the path up in /openapi.json.',
}

/** @param allowed the methods that this path takes */
export function methodNotAllowed(allowed: readonly string[]): Problem {
  return {
    code: 'method_not_allowed',
    title: 'This path does not take this method',
    detail: `Use ${allowed.join(' or ')}; /openapi.json says what each does.`,
  }
}

export const notAcceptable: Problem = {
  code: 'not_acceptable',
  title: 'The reply would be in no format that the Accept header takes',
  detail: 'Let it take application/json, and application/problem+json for errors, or leave it out.',
}

export const bodyTooLarge: Problem = {
  code: 'body_too_large',
  title: 'The body is too large',
  detail: `Send at most ${BODY_LIMIT / 1024} KiB. It is bytes that count: of UTF-8, a character other than ASCII has 2 to 4, and of \\u escapes 6 or 12. Shorten metadata.`,
}

export const unsupportedMediaType: Problem = {
  code: 'unsupported_media_type',
  title: 'The body is not JSON',
  detail: 'Send it with `Content-Type: application/json`.',
}

export const sessionNotFound: Problem = {
  code: 'session_not_found',
  title: 'There is no such session',
  detail:
    'Check the id. A session that ended is forgotten after SESSION_RETENTION, or when its numbers have rested.',
}

export const numberNotInPool: Problem = {
  code: 'number_not_in_pool',
  title: 'This number is not in the pool',
  detail: 'GET /v1/numbers lists those that are; POST /v1/numbers puts others in.',
}

const UNFIT_MASKING = {
  invalid_masking_number: ['is not a phone number', 'Write it with its country code, such as +919000000011.'],
  participant_as_masking_number: [
    'is the real number of a person',
    'Masking numbers are those that you rent: FE and CUSTOMER cannot be any.',
  ],
  confusable_number: [
    'differs only in its country from another masking number',
    'The carrier sends a dialled number without its country, so calls to the two could not be told apart. Leave one out.',
  ],
} as const

/** A number that cannot be in the pool. It is not repeated: it may be anybody’s. */
export function unfitMaskingNumber(code: keyof typeof UNFIT_MASKING, index: number): Problem {
  const [what, detail] = UNFIT_MASKING[code]
  return { code, title: `The number of numbers[${index}] ${what}`, detail, more: { index } }
}

export const poolFull: Problem = {
  code: 'pool_full',
  title: `The pool would have more than ${MAX_POOL_NUMBERS} numbers`,
  detail: 'Take out those that nobody needs. A pool is as large as the busiest person needs it to be.',
}

/** Why a number cannot be taken out of the pool now. */
export const USE_REASONS = [
  'not_draining',
  'just_drained',
  'open_legs',
  'resting_legs',
  'unreadable',
] as const
export type UseReason = (typeof USE_REASONS)[number]

const USE_TEXTS: Readonly<Record<UseReason, readonly [title: string, detail: string]>> = {
  not_draining: [
    'The number is given to new sessions',
    'Set it draining with PUT /v1/numbers/{number}, and let its sessions end.',
  ],
  just_drained: [
    'The number was set draining a moment ago',
    'Wait until free_at: until then an instance may still give it.',
  ],
  open_legs: [
    'Sessions use the number',
    'Close them, or wait until they end: GET /v1/sessions shows who has which number.',
  ],
  resting_legs: [
    'The number rests for people whose sessions ended',
    'Wait until free_at: a late caller would hear that nobody knows the number.',
  ],
  unreadable: [
    'Some sessions cannot be read, and any of them may use the number',
    'Give this instance the STORE_KEY that the others have.',
  ],
}

/** @param freeAt milliseconds since 1970 */
export function numberInUse(
  reason: UseReason,
  { openLegs, freeAt }: { readonly openLegs?: number; readonly freeAt?: number | undefined } = {},
): Problem {
  const [title, detail] = USE_TEXTS[reason]
  const free = freeAt === undefined ? null : new Date(freeAt).toISOString()
  return {
    code: 'number_in_use',
    title,
    // A command shows no more than this.
    detail: free === null ? detail : detail.replace('free_at', free),
    more: {
      reason,
      open_legs: openLegs ?? null,
      free_at: free,
    },
  }
}

export const idempotencyConflict: Problem = {
  code: 'idempotency_conflict',
  title: 'The external_id or Idempotency-Key belongs to another request',
  detail:
    'Repeat the first request exactly to get its session, or use new ones. An external_id is free once its session is over.',
}

export const unreadableSessionClosed: Problem = {
  code: 'unreadable_session_closed',
  title: 'The session could not be read, and is closed',
  detail:
    'What was kept of it was altered, or sealed with another STORE_KEY. Nobody is connected by it any more; open a new one.',
}

export const sessionEnded: Problem = {
  code: 'session_ended',
  title: 'The session is over',
  detail: 'Open a new one: its masking numbers may be somebody else’s by now.',
}

export const equalParticipants: Problem = {
  code: 'equal_participants',
  title: 'Both participants are the same number',
  detail: 'Name two different people.',
}

export const invalidExpiry: Problem = {
  code: 'invalid_expiry',
  title: 'A session lasts from 60 seconds to 180 days',
  detail: 'Let expires_in be from 60 to 15552000 seconds, or expires_at as far in the future.',
}

export const twoExpiries: Problem = {
  code: 'two_expiries',
  title: 'There is both an expires_in and an expires_at',
  detail: 'Give only one of the two.',
}

export const numberInText: Problem = {
  code: 'number_in_text',
  title: 'external_id, metadata or a prompt of call contains a participant’s number',
  detail: 'Replies show them, and no reply may show a real number: use an id of your own.',
}

const CALL_OPTION_DETAILS = {
  language: [
    'is no language that the carrier speaks',
    'It speaks no Indian language but en-IN: for any other give the https URL of an audio file in place of words.',
  ],
  prompt: [
    'can be neither spoken nor played',
    'Give words in Latin or Cyrillic letters, or the https URL of an MP3 or WAV file: for Hindi and all other languages that the carrier does not speak, an audio file.',
  ],
  'public-url': [
    'needs URLs that the carrier can ask',
    'Set PUBLIC_BASE_URL, the https URL under which the carrier reaches this service.',
  ],
  hours: ['is the same as the beginning', 'Leave hours out where calls are connected at all times.'],
  'time-zone': ['is no time zone', 'Give its name in the IANA database, such as Asia/Kolkata.'],
  announcement: [
    'is missing',
    'Say what both hear before they are recorded, set CALL_ANNOUNCEMENT, or say announce: false where the law asks for no announcement.',
  ],
  pins: ['needs PINs', 'Set PIN_LENGTH, so that each participant gets one.'],
  'support-number': [
    'is not a phone number that everybody can call',
    'Give it with its country code, and no short or emergency number.',
  ],
  'support-premium': ['charges whoever calls it extra', 'Give a number that costs no more than any other.'],
  'support-country': [
    'is of a country that is not allowed',
    'ALLOWED_COUNTRIES names the countries whose numbers may be called; without it, they are those of the pool.',
  ],
  'support-masking': ['is a masking number', 'Give the number of the support line itself.'],
  'support-participant': [
    'is the number of a participant',
    'Give a number of the business: after the end nobody may reach the other.',
  ],
} as const
export type CallOptionMistake = keyof typeof CALL_OPTION_DETAILS

/** @param field where, such as `call.greeting` */
export function unfitCallOption(field: string, mistake: CallOptionMistake): Problem {
  const [what, detail] = CALL_OPTION_DETAILS[mistake]
  return { code: 'invalid_call_option', title: `${field} ${what}`, detail, more: { field } }
}

export const nothingToChange: Problem = {
  code: 'nothing_to_change',
  title: 'The request changes nothing',
  detail: 'Give expires_in, expires_at, call, or the new number of one participant.',
}

export const oneAtATime: Problem = {
  code: 'one_participant_at_a_time',
  title: 'Both participants would be replaced',
  detail: 'Replace one and leave the other empty, or open a new session for two new people.',
}

export const internalError: Problem = {
  code: 'internal_error',
  title: 'The service failed',
  detail: 'Try again; with the same Idempotency-Key nothing is done twice. The log of the service says more.',
}

export const storeUnavailable: Problem = {
  code: 'store_unavailable',
  title: 'The store of the sessions does not answer',
  detail:
    'Try again after the seconds in Retry-After; with an external_id or Idempotency-Key nothing is done twice.',
  retryAfter: RETRY_AFTER_SECONDS,
}

const A_PERSON = 'A participant is a person’s phone.'

const UNFIT_DETAILS = {
  invalid_number: ['is not a phone number', 'Write it with its country code, such as +918888800001.'],
  short_code: ['is a short code', 'A participant is a person’s phone: write the whole number.'],
  emergency_number: ['is an emergency number', A_PERSON],
  premium_number: ['is a premium or shared-cost number', A_PERSON],
  toll_free_number: ['is a toll-free number', A_PERSON],
  masking_number_as_participant: ['is a masking number', 'A participant is the real number of a person.'],
} as const

/** A number that cannot be a participant's. */
export function unfitParticipant(code: keyof typeof UNFIT_DETAILS, participant: number): Problem {
  const [what, detail] = UNFIT_DETAILS[code]
  return { code, title: `The number of participants[${participant}] ${what}`, detail, more: { participant } }
}

/** What names no person. */
export function unfitNumber(code: 'invalid_number' | 'masking_number_as_participant'): Problem {
  const [what, detail] = UNFIT_DETAILS[code]
  return { code, title: `The number ${what}`, detail }
}

/** A participant whom the carrier would not connect. */
export function countryNotAllowed(participant: number, allowed: ReadonlySet<string> = new Set()): Problem {
  return {
    code: 'country_not_allowed',
    title: `The number of participants[${participant}] is of a country that is not allowed`,
    detail:
      'The carrier ends calls to another country than that of the masking number (2070). Where it does not, name all countries that may in ALLOWED_COUNTRIES, or give the pool a number of that country.',
    more: { participant, allowed_countries: [...allowed].sort() },
  }
}

/** Nothing is free for one of the participants. */
export function poolExhausted(
  participant: number,
  { numbersNeeded, nextFreeAt }: { numbersNeeded: number; nextFreeAt?: number | undefined },
): Problem {
  const free = nextFreeAt === undefined ? undefined : new Date(nextFreeAt).toISOString()
  return {
    code: 'pool_exhausted',
    title: `No masking number is free for participants[${participant}]`,
    detail: `This person would need ${numbersNeeded} active numbers in the pool. Add some with POST /v1/numbers, ${free ? `wait until ${free}` : 'activate a number that drains'}, or close a session that is done and ask with allow_short_rest.`,
    more: { participant, numbers_needed: numbersNeeded, next_free_at: free ?? null },
  }
}

/** So many sessions are open on a masking number that its PINs would be guessed. */
export function pinsExhausted(participant: number): Problem {
  return {
    code: 'pins_exhausted',
    title: `No PIN is free for participants[${participant}]`,
    detail: 'Set a greater PIN_LENGTH, or add masking numbers with POST /v1/numbers.',
    more: { participant },
  }
}

export const pinsOff: Problem = {
  code: 'pins_off',
  title: 'Participants have no PINs here',
  detail: 'Set PIN_LENGTH, or ask without on_exhausted.',
}

/** The masking number is taken or at rest for the person who is to join the session. */
export function numberTaken(freeAt: number): Problem {
  const free = Number.isFinite(freeAt) ? new Date(freeAt).toISOString() : null
  return {
    code: 'number_taken',
    title: 'The masking number means somebody else to this person',
    detail: 'Open a new session for them, or, when their earlier one is over, ask with allow_short_rest.',
    more: { next_free_at: free },
  }
}
