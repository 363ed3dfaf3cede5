import fp from 'fastify-plugin'
import type { Reply } from '../src/vobiz/replies.js'

declare module 'fastify' {
  interface FastifyReply {
    /** Sends a document. */
    xml(document: Reply): this
  }
}

/** Decorates `reply.xml(document)`. */
export default fp(
  async (app) => {
    app.decorateReply('xml', function (document) {
      return this.type('application/xml; charset=utf-8').send(document)
    })
  },
  { name: 'xml-reply' },
)
