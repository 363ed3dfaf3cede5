/** What went wrong, as RFC 9457 tells it: one code for programs, one sentence that says what to do for people. */
export interface Problem {
  readonly status: number
  readonly code: string
  readonly title: string
  readonly detail: string
  /** More members, such as what would be needed. Never what the request said. */
  readonly more?: Readonly<Record<string, unknown>>
}

/** Thrown by a route of the API; its plugin answers with the problem. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError'

  constructor(readonly problem: Problem) {
    super(problem.title)
  }
}

export const PROBLEM_TYPE = 'application/problem+json'

/** The body of a reply about a problem. */
export function problemBody({ status, code, title, detail, more }: Problem) {
  return { type: `urn:callmask:problem:${code}`, title, status, detail, code, ...more }
}

export const unauthorized: Problem = {
  status: 401,
  code: 'unauthorized',
  title: 'No valid API key',
  detail: 'Send one of the keys in API_KEYS as `Authorization: Bearer <key>`.',
}

export const notFound: Problem = {
  status: 404,
  code: 'not_found',
  title: 'There is nothing at this address',
  detail: 'Look the path and the method up in /openapi.json.',
}

export const sessionNotFound: Problem = {
  status: 404,
  code: 'session_not_found',
  title: 'There is no such session',
  detail: 'Check the id. A session that ended is forgotten a week later, or when its numbers have rested.',
}

export const numberNotInPool: Problem = {
  status: 404,
  code: 'number_not_in_pool',
  title: 'This number is not in the pool',
  detail: 'Name one of the numbers in MASKING_NUMBERS; GET /v1/numbers lists them.',
}

export const idempotencyConflict: Problem = {
  status: 409,
  code: 'idempotency_conflict',
  title: 'The external_id or Idempotency-Key belongs to another request',
  detail:
    'Repeat the first request exactly to get its session, or use a new external_id and Idempotency-Key.',
}

export const sessionEnded: Problem = {
  status: 409,
  code: 'session_ended',
  title: 'The session is over',
  detail: 'Open a new one: its masking numbers may be somebody else’s by now.',
}

export const equalParticipants: Problem = {
  status: 422,
  code: 'equal_participants',
  title: 'Both participants are the same number',
  detail: 'Name two different people.',
}

export const invalidExpiry: Problem = {
  status: 422,
  code: 'invalid_expiry',
  title: 'A session lasts from 60 seconds to 180 days',
  detail: 'Let expires_in be from 60 to 15552000 seconds, or expires_at as far in the future.',
}

export const twoExpiries: Problem = {
  status: 422,
  code: 'two_expiries',
  title: 'There is both an expires_in and an expires_at',
  detail: 'Give only one of the two.',
}

export const numberInText: Problem = {
  status: 422,
  code: 'number_in_text',
  title: 'external_id or metadata contains a participant’s number',
  detail: 'Replies show both, and no reply may show a real number: use an id of your own.',
}

export const nothingToChange: Problem = {
  status: 422,
  code: 'nothing_to_change',
  title: 'The request changes nothing',
  detail: 'Give expires_in, expires_at, or the new number of one participant.',
}

export const oneAtATime: Problem = {
  status: 422,
  code: 'one_participant_at_a_time',
  title: 'Both participants would be replaced',
  detail: 'Replace one and leave the other empty, or open a new session for two new people.',
}

export const internalError: Problem = {
  status: 500,
  code: 'internal_error',
  title: 'The service failed',
  detail: 'Try again; with the same Idempotency-Key nothing is done twice. The log of the service says more.',
}

export const storeUnavailable: Problem = {
  status: 503,
  code: 'store_unavailable',
  title: 'The store of the sessions does not answer',
  detail:
    'Try again after the seconds in Retry-After; with an external_id or Idempotency-Key nothing is done twice.',
}

const UNFIT_DETAILS = {
  invalid_number: ['is not a phone number', 'Write it with its country code, such as +918888800001.'],
  short_code: ['is a short code', 'A participant is a person’s phone: write the whole number.'],
  emergency_number: ['is an emergency number', 'A participant is a person’s phone.'],
  premium_number: ['is a premium or shared-cost number', 'A participant is a person’s phone.'],
  masking_number_as_participant: ['is a masking number', 'A participant is the real number of a person.'],
} as const

/** A participant's number that is none, or nobody's. */
export function unfitParticipant(code: keyof typeof UNFIT_DETAILS, participant: number): Problem {
  const [what, detail] = UNFIT_DETAILS[code]
  return {
    status: 422,
    code,
    title: `The number of participants[${participant}] ${what}`,
    detail,
    more: { participant },
  }
}

/** Nothing is free for one of the participants. */
export function poolExhausted(
  participant: number,
  { numbersNeeded, nextFreeAt }: { numbersNeeded: number; nextFreeAt?: number | undefined },
): Problem {
  const free = nextFreeAt === undefined ? undefined : new Date(nextFreeAt).toISOString()
  return {
    status: 409,
    code: 'pool_exhausted',
    title: `No masking number is free for participants[${participant}]`,
    detail: `This person would need ${numbersNeeded} active numbers in the pool. Add some to MASKING_NUMBERS, close sessions that are done, ${free ? `wait until ${free}` : 'activate a number that drains'}, or ask with allow_short_rest.`,
    more: { participant, numbers_needed: numbersNeeded, next_free_at: free ?? null },
  }
}

/** The masking number of a session means somebody else to the person who shall join it. */
export function numberTaken(freeAt: number): Problem {
  const free = Number.isFinite(freeAt) ? new Date(freeAt).toISOString() : null
  return {
    status: 409,
    code: 'number_taken',
    title: 'The masking number means somebody else to this person',
    detail: 'Open a new session for them, or, when their earlier one is over, ask with allow_short_rest.',
    more: { next_free_at: free },
  }
}
