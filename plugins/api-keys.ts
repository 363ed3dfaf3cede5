import fp from 'fastify-plugin'
import { keyCheck } from '../src/api/keys.js'
import { unauthorized } from '../src/api/problem.js'
import { entries } from '../src/config/entries.js'

/** Lets only those in who know a key, to every route in the scope where this is registered. */
export default fp(
  async (app) => {
    let hasKey = keyCheck(entries(app.config.API_KEYS))
    app.secrets.onChange(() => {
      hasKey = keyCheck(entries(app.config.API_KEYS))
    })

    app.addHook('onRequest', async ({ headers }, reply) => {
      if (!hasKey(headers.authorization)) return reply.problem(unauthorized)
    })
  },
  { name: 'api-keys', dependencies: ['config', 'secrets', 'problems'] },
)
