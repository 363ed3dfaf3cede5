import fp from 'fastify-plugin'
import { oncePer } from '../src/once-per.js'
import type { VobizDocument } from '../src/vobiz/document.js'
import { renderDocument } from '../src/vobiz/render.js'

declare module 'fastify' {
  interface FastifyReply {
    /** Sends a document. */
    xml(document: VobizDocument): this
  }
}

/** Decorates `reply.xml(document)`. A document that is sent again is not rendered again. */
export default fp(
  async (app) => {
    const render = oncePer(renderDocument)
    app.decorateReply('xml', function (document) {
      return this.type('application/xml; charset=utf-8').send(render(document))
    })
  },
  { name: 'xml-reply' },
)
