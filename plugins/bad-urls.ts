import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { API_PREFIX } from '../src/api/description.js'
import { keyCheck } from '../src/api/keys.js'
import { invalidUrl, problemReply, unauthorized } from '../src/api/problem.js'
import { entries } from '../src/config/entries.js'
import { REQUEST_ID_HEADER } from '../src/request-id.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** Answers a request whose URL cannot be decoded. */
    answerBadUrl(request: FastifyRequest, reply: FastifyReply): void
  }
}

/** Decorates `app.answerBadUrl`: no route, hook or error handler gets to see such a request, so their work is done here. */
export default fp(
  async (app) => {
    const keys = entries(app.config.API_KEYS)
    const hasKey = keyCheck(keys)

    app.decorate('answerBadUrl', ({ id, raw: { url = '' }, headers: { authorization } }, reply) => {
      reply.header(REQUEST_ID_HEADER, id)
      const isOfApi = keys.length > 0 && url.startsWith(`${API_PREFIX}/`)
      // Quotes nothing of the URL, because it may contain a number.
      if (!isOfApi) return reply.code(400).send({ error: 'bad request' })
      const { status, headers, body } = problemReply(hasKey(authorization) ? invalidUrl : unauthorized, id)
      return reply.code(status).headers(headers).send(body)
    })
  },
  { name: 'bad-urls', dependencies: ['config'] },
)
