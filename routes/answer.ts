import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { type Outcome, resolveCall } from '../src/masking/resolver.js'
import { callLog } from '../src/vobiz/call-log.js'
import { missingTo } from '../src/vobiz/mistakes.js'
import { acknowledgement, connectReply, type Reply, refusalReply } from '../src/vobiz/replies.js'
import { asksForInstructions, WebhookSchema } from '../src/vobiz/webhook.js'

/** Answers the carrier's question: somebody dialled this number, what now? */
const answer: FastifyPluginAsyncTypebox = async (app) => {
  const connect = connectReply(app.config.RING_TIMEOUT)
  const refusal = refusalReply(app.config.REJECTION_MESSAGE)
  const farewell = refusalReply(app.config.CLOSED_MESSAGE)

  app.post('/', { schema: { body: WebhookSchema } }, async function onAnswer(request, reply) {
    const { body: webhook, id: requestId, log, signed } = request
    if (!asksForInstructions(webhook)) return reply.xml(acknowledgement)

    const { From: from = '', To: to = '' } = webhook
    if (to.trim() === '') return reply.mistake(missingTo)

    const outcome = await resolveCall(app.legs, { from, to })
    // The guard refuses it as it leaves, so there is no call to be told of.
    if (await request.isAlteredReplay()) return reply.xml(acknowledgement)
    log.info(callLog({ requestId, webhook, outcome, signed, elapsedMs: reply.elapsedTime }), 'call')
    return reply.xml(replyTo(outcome))
  })

  function replyTo(outcome: Outcome): Reply {
    if (outcome.kind === 'connect') return connect(outcome.leg)
    return outcome.reason === 'session-ended' ? farewell : refusal
  }
}

export default answer
