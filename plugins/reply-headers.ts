import fp from 'fastify-plugin'

/**
 * Asks everybody on the way not to keep a reply: that to a call holds a real number, and those of the API are about people.
 * Set as it leaves, so that no route says otherwise.
 */
export default fp(
  async (app) => {
    app.addHook('onSend', (_request, reply, _payload, done) => {
      reply.header('cache-control', 'no-store')
      done()
    })
  },
  { name: 'reply-headers' },
)
