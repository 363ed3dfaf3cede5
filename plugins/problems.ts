import type { FastifyError } from 'fastify'
import fp from 'fastify-plugin'
import {
  internalError,
  notFound,
  PROBLEM_TYPE,
  type Problem,
  ProblemError,
  problemBody,
  storeUnavailable,
} from '../src/api/problem.js'
import { requestProblem } from '../src/api/request-problem.js'
import { StoreUnavailableError } from '../src/masking/session-store.js'

declare module 'fastify' {
  interface FastifyReply {
    /** Says what went wrong, as RFC 9457 has it. */
    problem(problem: Problem): this
  }
}

/** In the scope where this is registered, whatever goes wrong is told as `application/problem+json`. */
export default fp(
  async (app) => {
    app.decorateReply('problem', function (problem) {
      return this.code(problem.status)
        .type(PROBLEM_TYPE)
        .send(JSON.stringify(problemBody(problem)))
    })

    app.removeContentTypeParser('text/plain')

    app.setNotFoundHandler((_request, reply) => reply.problem(notFound))

    app.setErrorHandler<FastifyError>((error, request, reply) => {
      if (error instanceof ProblemError) return reply.problem(error.problem)
      if (error instanceof StoreUnavailableError)
        return reply.header('retry-after', '1').problem(storeUnavailable)
      const problem = requestProblem(error)
      if (problem) return reply.problem(problem)
      request.log.error({ err: error }, 'request failed')
      return reply.problem(internalError)
    })
  },
  { name: 'problems' },
)
