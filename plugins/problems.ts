import type { FastifyError } from 'fastify'
import fp from 'fastify-plugin'
import { excessOf } from '../src/api/json-shape.js'
import {
  BODY_LIMIT,
  internalError,
  invalidRequest,
  type Problem,
  type ProblemCode,
  ProblemError,
  problemReply,
  storeUnavailable,
  unsupportedMediaType,
} from '../src/api/problem.js'
import { requestProblem } from '../src/api/request-problem.js'
import { UnreadableSessionError } from '../src/masking/session-store.js'
import { StoreUnavailableError } from '../src/masking/storage.js'

declare module 'fastify' {
  interface FastifyReply {
    /** Replies with a problem, as RFC 9457 defines it. */
    problem(problem: Problem): this
    /** The code of the problem that was sent. */
    problemCode?: ProblemCode
  }
}

/** In the scope where this is registered, accepts only JSON and answers every error as `application/problem+json`. */
export default fp(
  async (app) => {
    app.decorateReply('problemCode')
    app.decorateReply('problem', function (problem) {
      this.problemCode = problem.code
      const { status, headers, body } = problemReply(problem, this.request.id)
      return this.code(status).headers(headers).send(body)
    })

    app.removeAllContentTypeParsers()
    const parseJson = app.getDefaultJsonParser('error', 'error')
    app.addContentTypeParser<string>(
      'application/json',
      { parseAs: 'string', bodyLimit: BODY_LIMIT },
      (request, body, done) => {
        // Many clients send a content type without a body.
        if (body === '') return done(null)
        const excess = excessOf(body)
        if (excess) return done(new ProblemError(invalidRequest('body', [{ field: '', message: excess }])))
        parseJson(request, body, done)
      },
    )
    app.addContentTypeParser('*', ({ headers }, _payload, done) => {
      done(headers['content-length'] === '0' ? null : new ProblemError(unsupportedMediaType))
    })

    app.setErrorHandler<FastifyError>((error, request, reply) => {
      if (error instanceof ProblemError) return reply.problem(error.problem)
      if (isOfStore(error)) return reply.problem(storeUnavailable)
      const problem = requestProblem(error)
      if (problem) return reply.problem(problem)
      request.log.error({ err: error, requestId: request.id, ...request.span?.ids }, 'request failed')
      return reply.problem(internalError)
    })
  },
  { name: 'problems' },
)

/** Whether the store failed. Where something of another type stands in it, it does not serve us. */
function isOfStore(error: unknown): boolean {
  if (error instanceof UnreadableSessionError) return error.reason === 'wrong-type'
  return error instanceof StoreUnavailableError
}
