import { hash, timingSafeEqual } from 'node:crypto'
import fp from 'fastify-plugin'
import { unauthorized } from '../src/api/problem.js'
import { entries } from '../src/config/entries.js'

/** Lets only those in who know a key, to every route in the scope where this is registered. */
export default fp(
  async (app) => {
    const keys = entries(app.config.API_KEYS).map(digestOfKey)

    app.addHook('onRequest', async ({ headers: { authorization = '' } }, reply) => {
      const [, given = ''] = /^Bearer +([\w-]+)$/i.exec(authorization) ?? []
      const digest = digestOfKey(given)
      // Each key is compared, and in constant time, so that the time tells nothing.
      const matches = keys.filter((key) => timingSafeEqual(key, digest))
      if (matches.length > 0) return
      return reply.header('www-authenticate', 'Bearer').problem(unauthorized)
    })
  },
  { name: 'api-keys', dependencies: ['config', 'problems'] },
)

function digestOfKey(key: string): Buffer {
  return hash('sha256', key, 'buffer')
}
