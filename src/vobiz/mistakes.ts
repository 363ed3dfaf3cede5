import { mistakeReply, type Reply } from './replies.js'

/** The answer to a request that is not a call. Neither the name nor the words quote the request. */
export interface Mistake {
  /** The HTTP status. */
  readonly status: number
  /** For the log. */
  readonly name: string
  /** Says what was wrong. */
  readonly reply: Reply
}

export const unknownPath = mistake(
  404,
  'not-found',
  'There is nothing at this address. Check the Answer URL.',
)
export const wrongMethod = mistake(
  405,
  'wrong-method',
  'This address accepts only POST. Check the method of the Answer URL.',
)
export const missingTo = mistake(400, 'missing-to', 'This request has no To parameter, so it is not a call.')
const missingBody = mistake(400, 'missing-body', 'This request has no form fields, so it is not a call.')
const repeatedField = mistake(
  400,
  'repeated-field',
  'This request has a parameter more than once. Each may appear only once.',
)
const brokenBody = mistake(400, 'broken-body', 'The body of this request did not arrive as announced.')
const bodyTooLarge = mistake(413, 'body-too-large', 'The body of this request is too large.')
const wrongContentType = mistake(
  415,
  'wrong-content-type',
  'This request is not a form. Send it as application/x-www-form-urlencoded.',
)

/** The mistake behind an error that Fastify raised while it read a request; undefined for any other error. */
export function mistakeOf({ code, validation }: RequestError): Mistake | undefined {
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return bodyTooLarge
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return wrongContentType
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return brokenBody
    case 'FST_ERR_VALIDATION':
      // The only rules of the schema: there is a form, and no field of it is repeated.
      return validation?.[0]?.instancePath ? repeatedField : missingBody
  }
  return undefined
}

/** The parts of a Fastify error that we read. */
interface RequestError {
  readonly code: string
  readonly validation?: readonly { readonly instancePath: string }[]
}

function mistake(status: number, name: string, words: string): Mistake {
  return { status, name, reply: mistakeReply(words) }
}
