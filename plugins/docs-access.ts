import fp from 'fastify-plugin'
import { bearerOf, keyCheck } from '../src/api/keys.js'
import { problemReply, unauthorized } from '../src/api/problem.js'
import { entries } from '../src/config/entries.js'

/** The first is for browsers, which then ask for a name (any will do) and a password (a key). */
const CHALLENGES = ['Basic realm="callmask: an API key is the password", charset="UTF-8"', 'Bearer']

/** Lets only those who know a key read the API's description, in the scope where this is registered, unless it is public. */
export default fp(
  async (app) => {
    if (app.config.API_DOCS === 'public') return
    const hasKey = keyCheck(entries(app.config.API_KEYS))

    app.addHook('onRequest', async ({ headers: { authorization } }, reply) => {
      if (hasKey(bearerOf(authorization))) return
      const { status, headers, body } = problemReply(unauthorized)
      return reply
        .code(status)
        .headers({ ...headers, 'www-authenticate': CHALLENGES })
        .send(body)
    })
  },
  { name: 'docs-access', dependencies: ['config'] },
)
