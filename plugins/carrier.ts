import formbody from '@fastify/formbody'
import type { FastifyError } from 'fastify'
import fp from 'fastify-plugin'
import { StoreUnavailableError } from '../src/masking/session-store.js'
import { type Mistake, mistakeOf, unknownPath, wrongMethod } from '../src/vobiz/mistakes.js'
import { apologyReply } from '../src/vobiz/replies.js'

/** The largest body of a webhook, in bytes; the carrier's own stay below 2 KiB. */
export const BODY_LIMIT = 16 * 1024

declare module 'fastify' {
  interface FastifyReply {
    /** Refuses a request that is not a call, with a document that says why. */
    mistake(mistake: Mistake): this
  }
}

/**
 * What every route that the carrier calls relies on, in the scope where this is registered: only form bodies are
 * accepted, and every reply is a document, whatever happens.
 */
export default fp(
  async (app) => {
    app.removeAllContentTypeParsers()
    await app.register(formbody, { bodyLimit: BODY_LIMIT })

    app.decorateReply('mistake', function ({ status, name, reply: document }) {
      this.log.info({ status, mistake: name }, 'not a call')
      return this.code(status).xml(document)
    })

    app.setNotFoundHandler((request, reply) => {
      if (request.method === 'POST') return reply.mistake(unknownPath)
      return reply.header('allow', 'POST').mistake(wrongMethod)
    })

    app.setErrorHandler<FastifyError>((error, request, reply) => {
      const mistake = mistakeOf(error)
      if (mistake) return reply.mistake(mistake)
      if (error instanceof StoreUnavailableError) {
        request.log.warn({ ms: Math.round(reply.elapsedTime) }, 'no store, the caller hears an apology')
      } else {
        request.log.error({ err: error }, 'failed, the caller hears an apology')
      }
      return reply.code(200).xml(apologyReply)
    })
  },
  { name: 'carrier', decorators: { reply: ['xml'] } },
)
