import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { BROWSER_HEADERS } from '../src/api/browser-headers.js'
import { API_PREFIX } from '../src/api/description.js'
import { invalidUrl, problemReply } from '../src/api/problem.js'
import { hasApi } from '../src/config/api.js'
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
    const isThere = hasApi(app.config)

    app.decorate('answerBadUrl', (request, reply) => {
      reply.header(REQUEST_ID_HEADER, request.id)
      const isOfApi = isThere && String(request.raw.url).startsWith(`${API_PREFIX}/`)
      // Quotes nothing of the URL, because it may contain a number.
      if (!isOfApi) return reply.code(400).send({ error: 'bad request' })
      const admission = app.access.admit(request)
      const problem = 'problem' in admission ? admission.problem : invalidUrl
      const { status, headers, body } = problemReply(problem, request.id)
      app.meter.count('apiRequests', undefined, String(status))
      if ('key' in admission)
        app.access.audit.add('request', {
          key: admission.key.name,
          source: app.access.sourceOf(request),
          status,
          code: problem.code,
          request: request.id,
        })
      return reply
        .code(status)
        .headers({ ...BROWSER_HEADERS, 'cache-control': 'no-store', ...headers })
        .send(body)
    })
  },
  { name: 'bad-urls', dependencies: ['config', 'meter'] },
)
