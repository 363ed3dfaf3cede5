import { type TSchema, Type } from '@sinclair/typebox'
import { NO_RECORDING_REASONS, type NoRecordingReason } from '../calls/recordings.js'
import {
  PROBLEM_STATUS,
  PROBLEM_TYPE,
  type ProblemCode,
  problemBody,
  USE_REASONS,
  type UseReason,
} from './problem.js'
import { PROBLEM_EXAMPLES, REQUEST_ID_EXAMPLE } from './problem-examples.js'

const CodeSchema = Type.Unsafe<ProblemCode>({
  title: 'ProblemCode',
  type: 'string',
  enum: Object.keys(PROBLEM_STATUS),
  description: 'What went wrong, for programs. It does not change.',
})

const ProblemSchema = Type.Object(
  {
    type: Type.String({ description: 'The code as a URI.' }),
    title: Type.String({ description: 'What went wrong.' }),
    status: Type.Integer({ description: 'The HTTP status.' }),
    detail: Type.String({ description: 'What to do about it.' }),
    code: CodeSchema,
    request_id: Type.String({
      description: 'Which request it was, as the log and the header X-Request-Id of the reply have it.',
    }),
  },
  { title: 'Problem', description: 'What went wrong, as RFC 9457 tells it.' },
)

const InvalidFieldSchema = Type.Object(
  {
    field: Type.String({ description: 'Where, such as participants.0.number; empty for the whole.' }),
    message: Type.String({ description: 'What is wrong there.' }),
  },
  { title: 'InvalidField' },
)

const participant = Type.Integer({ minimum: 0, maximum: 1, description: 'Which of the participants.' })
const index = Type.Integer({ minimum: 0, description: 'Which of the numbers, from 0.' })
/** Of a problem that a request about one person can have too. */
const maybeParticipant = Type.Optional(participant)
const nextFreeAt = Type.Unsafe<string | null>({
  type: ['string', 'null'],
  format: 'date-time',
  description: 'When it comes free; null when nobody can say.',
})

/** Additional members of some problems. */
const MORE: { readonly [code in ProblemCode]?: Readonly<Record<string, TSchema>> } = {
  invalid_request: { errors: Type.Array(InvalidFieldSchema) },
  missing_scope: { scope: Type.String({ description: 'What the key would need.' }) },
  country_not_allowed: {
    participant,
    allowed_countries: Type.Array(Type.String(), { description: 'ISO codes; 001 for no single country.' }),
  },
  emergency_number: { participant },
  invalid_number: { participant: maybeParticipant },
  masking_number_as_participant: { participant: maybeParticipant },
  premium_number: { participant },
  short_code: { participant },
  toll_free_number: { participant },
  confusable_number: { index },
  invalid_masking_number: { index },
  participant_as_masking_number: { index },
  number_in_use: {
    reason: Type.Unsafe<UseReason>({ title: 'UseReason', type: 'string', enum: [...USE_REASONS] }),
    open_legs: Type.Unsafe<number | null>({
      type: ['integer', 'null'],
      description: 'How many people it would connect with somebody now; null where that was not looked at.',
    }),
    free_at: nextFreeAt,
  },
  number_taken: { next_free_at: nextFreeAt },
  invalid_call_option: { field: Type.String() },
  invalid_webhook_url: { field: Type.String() },
  pins_exhausted: { participant },
  recording_not_found: {
    reason: Type.Unsafe<NoRecordingReason>({
      title: 'NoRecordingReason',
      type: 'string',
      enum: [...NO_RECORDING_REASONS],
    }),
  },
  calls_not_ended: {
    calls_ended: Type.Integer({ description: 'How many calls were ended.' }),
    calls_left: Type.Integer({ description: 'How many may go on.' }),
  },
  pool_exhausted: {
    participant,
    numbers_needed: Type.Integer({ description: 'How many active numbers this person would need.' }),
    next_free_at: nextFreeAt,
  },
}

/** The schema of one problem: `PoolExhaustedProblem`. */
function schemaOf(code: ProblemCode): TSchema {
  const own = Type.Object({
    type: Type.Literal(problemBody(PROBLEM_EXAMPLES[code], REQUEST_ID_EXAMPLE).type),
    status: Type.Literal(PROBLEM_STATUS[code]),
    code: Type.Literal(code),
    ...MORE[code],
  })
  return Type.Intersect([ProblemSchema, own], { title: `${pascalCase(code)}Problem` })
}

function pascalCase(code: string): string {
  return code.replaceAll(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase())
}

const RETRY_AFTER = { 'Retry-After': { type: 'integer', description: 'Seconds to wait.' } }

const HEADERS: { readonly [code in ProblemCode]?: Readonly<Record<string, object>> } = {
  unauthorized: { 'WWW-Authenticate': { type: 'string', description: 'The scheme that would do: Bearer.' } },
  missing_scope: { 'WWW-Authenticate': { type: 'string', description: 'With the scope that is missing.' } },
  range_not_satisfiable: {
    'Content-Range': { type: 'string', description: 'How many bytes there are.' },
  },
  rate_limited: RETRY_AFTER,
  store_unavailable: RETRY_AFTER,
}

/** The replies with which an operation can answer these problems, by status, as OpenAPI describes them. */
export function problemReplies(codes: readonly ProblemCode[]): Record<string, object> {
  const statuses = new Set(codes.map((code) => PROBLEM_STATUS[code]))
  return Object.fromEntries(
    [...statuses].map((status) => [status, replyOf(codes.filter((code) => PROBLEM_STATUS[code] === status))]),
  )
}

function replyOf(codes: readonly ProblemCode[]) {
  const schemas = codes.map(schemaOf)
  const headers = Object.assign({}, ...codes.map((code) => HEADERS[code]))
  return {
    description: codes.map((code) => `\`${code}\`: ${PROBLEM_EXAMPLES[code].title}.`).join('\n\n'),
    ...(Object.keys(headers).length > 0 && { headers }),
    content: {
      [PROBLEM_TYPE]: {
        schema: schemas.length === 1 ? schemas[0] : { oneOf: schemas },
        examples: Object.fromEntries(
          codes.map((code) => [code, { value: problemBody(PROBLEM_EXAMPLES[code], REQUEST_ID_EXAMPLE) }]),
        ),
      },
    },
  }
}
