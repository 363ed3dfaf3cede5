import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { BROWSER_HEADERS } from '../src/api/browser-headers.js'
import { API_PREFIX } from '../src/api/description.js'
import { keyCheck } from '../src/api/keys.js'
import { invalidUrl, problemReply, unauthorized } from '../src/api/problem.js'
import { entries } from '../src/config/entries.js'

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
    let hasKey = keyCheck(keys)
    app.secrets.onChange(() => {
      hasKey = keyCheck(entries(app.config.API_KEYS))
    })

    app.decorate('answerBadUrl', ({ raw: { url = '' }, headers: { authorization } }, reply) => {
      const isOfApi = keys.length > 0 && url.startsWith(`${API_PREFIX}/`)
      // Quotes nothing of the URL, where a number may stand.
      if (!isOfApi) return reply.code(400).send({ error: 'bad request' })
      const { status, headers, body } = problemReply(hasKey(authorization) ? invalidUrl : unauthorized)
      return reply
        .code(status)
        .headers({ ...BROWSER_HEADERS, 'cache-control': 'no-store', ...headers })
        .send(body)
    })
  },
  { name: 'bad-urls', dependencies: ['config', 'secrets'] },
)
