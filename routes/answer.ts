import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { resolveCall } from '../src/masking/resolver.js'
import type { Leg } from '../src/masking/session.js'
import { oncePer } from '../src/once-per.js'
import { callLog } from '../src/vobiz/call-log.js'
import { missingTo } from '../src/vobiz/mistakes.js'
import { acknowledgement, connectReply, refusalReply } from '../src/vobiz/replies.js'
import { asksForInstructions, WebhookSchema } from '../src/vobiz/webhook.js'

/** Answers the carrier's question: somebody dialled this number, what now? */
const answer: FastifyPluginAsyncTypebox = async (app) => {
  const { RING_TIMEOUT, REJECTION_MESSAGE } = app.config
  const connect = oncePer((leg: Leg) => connectReply(leg, RING_TIMEOUT))
  const refusal = refusalReply(REJECTION_MESSAGE)

  app.post('/', { schema: { body: WebhookSchema } }, async function onAnswer(request, reply) {
    const { body: webhook, log, signed } = request
    if (!asksForInstructions(webhook)) return reply.xml(acknowledgement)

    const { From: from = '', To: to = '' } = webhook
    if (to.trim() === '') return reply.mistake(missingTo)

    const outcome = await resolveCall(app.mappings, { from, to })
    log.info(callLog({ webhook, outcome, signed, elapsedMs: reply.elapsedTime }), 'call')
    return reply.xml(outcome.kind === 'connect' ? connect(outcome.leg) : refusal)
  })
}

export default answer
