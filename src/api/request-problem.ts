import type { Problem } from './problem.js'

/** The parts of a Fastify error that we read. */
interface RequestError {
  readonly code: string
  readonly statusCode?: number
  readonly validationContext?: string
  readonly validation?: readonly ValidationFailure[]
}

interface ValidationFailure {
  readonly instancePath: string
  readonly message?: string
  readonly params: Readonly<Record<string, unknown>>
}

/** The problem behind an error that Fastify raised while it read a request; undefined for any other error. */
export function requestProblem(error: RequestError): Problem | undefined {
  const { code, validation, validationContext = 'body', statusCode = 500 } = error
  if (validation) {
    return {
      status: 400,
      code: 'invalid_request',
      title: `The ${validationContext} is not as the schema wants it`,
      detail: 'Correct what `errors` names; /openapi.json has the schema.',
      more: { errors: validation.map(failureView) },
    }
  }
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return problem(413, 'body_too_large', 'The body is too large', 'Send at most 16 KiB.')
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return problem(415, 'unsupported_media_type', 'The body is not JSON', 'Send it as application/json.')
  }
  if (statusCode >= 400 && statusCode < 500)
    return problem(
      400,
      'invalid_json',
      'The body is not valid JSON',
      'Send a JSON object as application/json.',
    )
  return undefined
}

function problem(status: number, code: string, title: string, detail: string): Problem {
  return { status, code, title, detail }
}

/** Where and what is wrong, in words of the schema alone: a name that the client chose could hold a number. */
function failureView({ instancePath, message = 'is wrong', params }: ValidationFailure) {
  const [, field = '', ...rest] = instancePath.split('/')
  const path = field === 'metadata' ? [field] : [field, ...rest]
  const missing = params.missingProperty === undefined ? [] : [String(params.missingProperty)]
  return { field: [...path, ...missing].filter((part) => part !== '').join('.'), message }
}
