import type { FastifyError } from 'fastify'
import fp from 'fastify-plugin'

/** Replaces Fastify's own replies and log lines for unknown paths and errors, because those quote the request. */
export default fp(
  async (app) => {
    app.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: 'not found' }))

    app.setErrorHandler<FastifyError>((error, request, reply) => {
      const { statusCode = 500 } = error
      if (statusCode < 500) return reply.code(statusCode).send({ error: 'bad request' })
      request.log.error({ err: error, requestId: request.id }, 'request failed')
      return reply.code(500).send({ error: 'internal error' })
    })
  },
  { name: 'plain-errors' },
)
