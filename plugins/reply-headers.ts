import fp from 'fastify-plugin'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** `for ever`: what is sent is the same for everybody, and so is what its URL leads to. */
    keeps?: 'for ever'
  }
}

const YEAR_SECONDS = 31_536_000

/**
 * Asks everybody on the way not to keep a reply: that to a call holds a real number, and those of the API are about people.
 * Set as it leaves, so that only a route that is marked can say otherwise.
 */
export default fp(
  async (app) => {
    app.addHook('onSend', (request, reply, _payload, done) => {
      const isToKeep = request.routeOptions.config.keeps === 'for ever' && reply.statusCode === 200
      reply.header('cache-control', isToKeep ? `public, max-age=${YEAR_SECONDS}, immutable` : 'no-store')
      done()
    })
  },
  { name: 'reply-headers' },
)
