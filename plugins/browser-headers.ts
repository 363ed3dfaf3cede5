import fp from 'fastify-plugin'
import { BROWSER_HEADERS } from '../src/api/browser-headers.js'

/** Tells a browser how little it may do with any reply of the scope where this is registered. */
export default fp(
  async (app) => {
    app.addHook('onSend', (_request, reply, _payload, done) => {
      reply.headers(BROWSER_HEADERS)
      done()
    })
  },
  { name: 'browser-headers' },
)
