import type { FastifyError } from 'fastify'
import fp from 'fastify-plugin'

/**
 * Replaces Fastify's own replies and log lines for unknown paths and errors, because those quote the request. No
 * body is read, but in the scopes that say which.
 */
export default fp(
  async (app) => {
    // Not even where there is nothing: Fastify would parse a megabyte of JSON before it says so.
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', (_request, _payload, done) => done(null))

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
