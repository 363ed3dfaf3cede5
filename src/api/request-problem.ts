import {
  bodyTooLarge,
  type InvalidField,
  invalidJson,
  invalidRequest,
  type Problem,
  unsupportedMediaType,
} from './problem.js'

/** The parts of a Fastify error that we read. */
interface RequestError {
  readonly code: string
  readonly statusCode?: number
  readonly validationContext?: string
  readonly validation?: readonly ValidationFailure[]
}

interface ValidationFailure {
  readonly keyword: string
  readonly instancePath: string
  readonly message?: string
  readonly params: Readonly<Record<string, unknown>>
}

/** The problem behind an error that Fastify raised while it read a request; undefined for any other error. */
export function requestProblem(error: RequestError): Problem | undefined {
  const { code, validation, validationContext = 'body', statusCode = 500 } = error
  if (validation) return invalidRequest(PLACES[validationContext] ?? 'body', validation.map(failureView))
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return bodyTooLarge
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return unsupportedMediaType
  return statusCode >= 400 && statusCode < 500 ? invalidJson : undefined
}

/** The parts of a request, as people call them. */
const PLACES: Readonly<Record<string, string>> = {
  body: 'body',
  headers: 'header',
  params: 'path',
  querystring: 'query',
}

/** Where and what is wrong, in words of the schema alone: a name that the client chose could hold a number. */
function failureView(failure: ValidationFailure): InvalidField {
  const [, field = '', ...rest] = failure.instancePath.split('/')
  const isInMetadata = field === 'metadata'
  const path = isInMetadata ? [field] : [field, ...rest]
  const { missingProperty } = failure.params
  const missing = missingProperty === undefined ? [] : [String(missingProperty)]
  return {
    field: [...path, ...missing].filter((part) => part !== '').join('.'),
    message: `${isInMetadata && rest.length > 0 ? 'has a value that ' : ''}${messageOf(failure)}`,
  }
}

const TYPES: Readonly<Record<string, string>> = {
  object: 'must be a JSON object',
  array: 'must be a list',
  string: 'must be a string, in quotes',
  integer: 'must be an integer, without quotes',
  boolean: 'must be true or false, without quotes',
}

function messageOf({ keyword, message = 'is wrong', params }: ValidationFailure): string {
  switch (keyword) {
    case 'type':
      return TYPES[String(params.type)] ?? message
    case 'enum':
      return `must be one of ${[params.allowedValues].flat().join(', ')}`
    case 'required':
      return 'is missing'
    case 'additionalProperties':
      return 'has a field that is not known here'
  }
  return message
}
