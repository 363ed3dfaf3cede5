import formbody from '@fastify/formbody'
import type { TObject } from '@sinclair/typebox'
import type { FastifyError } from 'fastify'
import fp from 'fastify-plugin'
import { StoreUnavailableError } from '../src/masking/storage.js'
import { createSampler } from '../src/sampler.js'
import { formValidator, parseForm } from '../src/vobiz/form.js'
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
    await app.register(formbody, { bodyLimit: BODY_LIMIT, parser: parseForm })
    app.setValidatorCompiler<TObject>(({ schema }) => formValidator(schema))

    // One line a second and kind: whoever may send requests at all may send any number of these.
    const mistakes = createSampler<Mistake, string>(
      app.clock,
      ({ status, name }, { count, since, detail: requestId }) =>
        app.log.info({ status, mistake: name, count, since: new Date(since), requestId }, 'not a call'),
    )
    app.addHook('onClose', async () => mistakes.flush())

    app.decorateReply('mistake', function (mistake) {
      app.meter.count('webhookMistakes', mistake.name)
      mistakes.note(mistake, this.request.id)
      return this.code(mistake.status).xml(mistake.reply)
    })

    app.setNotFoundHandler((request, reply) => {
      if (request.method === 'POST') return reply.mistake(unknownPath)
      return reply.header('allow', 'POST').mistake(wrongMethod)
    })

    app.setErrorHandler<FastifyError>((error, request, reply) => {
      const mistake = mistakeOf(error)
      if (mistake) return reply.mistake(mistake)
      const isOfStore = error instanceof StoreUnavailableError
      const { elapsedTime: ms } = reply
      app.meter.count('calls', 'apology', isOfStore ? 'store' : 'failure')
      app.meter.time('answers', ms / 1_000)
      const ids = { requestId: request.id, ...request.span?.ids }
      if (isOfStore) {
        request.log.warn({ ms: Math.round(ms), ...ids }, 'no store, the caller hears an apology')
      } else {
        request.log.error({ err: error, ...ids }, 'failed, the caller hears an apology')
      }
      return reply.code(200).xml(apologyReply)
    })
  },
  { name: 'carrier', dependencies: ['clock', 'meter'], decorators: { reply: ['xml'] } },
)
