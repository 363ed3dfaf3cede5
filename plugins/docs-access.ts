import fp from 'fastify-plugin'
import { bearerOf } from '../src/access/basic.js'
import { problemReply } from '../src/api/problem.js'

/** For browsers, which then ask for a name (any will do) and a password (a key). */
const BASIC = 'Basic realm="callmask: an API key is the password", charset="UTF-8"'

/** Lets only those who know a key read the API's description, in the scope where this is registered, unless it is public. */
export default fp(
  async (app) => {
    if (app.config.API_DOCS === 'public') return

    app.addHook('onRequest', async (request, reply) => {
      const admission = app.access.admit(request, bearerOf(request.headers.authorization))
      if ('key' in admission) return
      const { problem } = admission
      const { status, headers, body } = problemReply(problem, request.id)
      reply.code(status).headers(headers)
      if (problem.challenge) reply.header('www-authenticate', [BASIC, problem.challenge])
      return reply.send(body)
    })
  },
  { name: 'docs-access', dependencies: ['config', 'access'] },
)
