import type { FastifyError } from 'fastify'
import fp from 'fastify-plugin'
import {
  BODY_LIMIT,
  internalError,
  type Problem,
  type ProblemCode,
  ProblemError,
  problemReply,
  storeUnavailable,
  unsupportedMediaType,
} from '../src/api/problem.js'
import { requestProblem } from '../src/api/request-problem.js'
import { StoreUnavailableError } from '../src/masking/session-store.js'

declare module 'fastify' {
  interface FastifyReply {
    /** Says what went wrong, as RFC 9457 has it. */
    problem(problem: Problem): this
    /** The code of the problem that was sent. */
    problemCode?: ProblemCode
  }
}

/** In the scope where this is registered, only JSON comes in, and whatever goes wrong is told as `application/problem+json`. */
export default fp(
  async (app) => {
    app.decorateReply('problemCode')
    app.decorateReply('problem', function (problem) {
      this.problemCode = problem.code
      const { status, headers, body } = problemReply(problem)
      return this.code(status).headers(headers).send(body)
    })

    app.removeAllContentTypeParsers()
    const parseJson = app.getDefaultJsonParser('error', 'error')
    app.addContentTypeParser<string>(
      'application/json',
      { parseAs: 'string', bodyLimit: BODY_LIMIT },
      (request, body, done) => {
        // Many a client names the type of a body that it does not send.
        if (body === '') return done(null)
        parseJson(request, body, done)
      },
    )
    app.addContentTypeParser('*', ({ headers }, _payload, done) => {
      done(headers['content-length'] === '0' ? null : new ProblemError(unsupportedMediaType))
    })

    app.setErrorHandler<FastifyError>((error, request, reply) => {
      if (error instanceof ProblemError) return reply.problem(error.problem)
      if (error instanceof StoreUnavailableError) return reply.problem(storeUnavailable)
      const problem = requestProblem(error)
      if (problem) return reply.problem(problem)
      request.log.error({ err: error }, 'request failed')
      return reply.problem(internalError)
    })
  },
  { name: 'problems' },
)
