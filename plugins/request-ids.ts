import fp from 'fastify-plugin'
import { REQUEST_ID_HEADER } from '../src/request-id.js'

/** Lets every reply say which request it answers, by the id that its log lines have. */
export default fp(
  async (app) => {
    app.addHook('onRequest', (request, reply, done) => {
      reply.header(REQUEST_ID_HEADER, request.id)
      done()
    })
  },
  { name: 'request-ids' },
)
