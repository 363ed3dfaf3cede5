import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { LIMIT_REASONS, type LimitReason } from '../src/access/call-limits.js'
import { type Outcome, resolveCall } from '../src/masking/resolver.js'
import { callLog } from '../src/vobiz/call-log.js'
import { missingTo } from '../src/vobiz/mistakes.js'
import { acknowledgement, connectReply, type Reply, refusalReply } from '../src/vobiz/replies.js'
import { asksForInstructions, WebhookSchema } from '../src/vobiz/webhook.js'

/** Answers the carrier's question: somebody dialled this number, what now? */
const answer: FastifyPluginAsyncTypebox = async (app) => {
  const connect = connectReply({ ring: app.config.RING_TIMEOUT, limit: app.config.CALL_TIME_LIMIT })
  const { REJECTION_MESSAGE, CLOSED_MESSAGE = REJECTION_MESSAGE } = app.config
  const refusal = refusalReply(REJECTION_MESSAGE)
  const farewell = refusalReply(CLOSED_MESSAGE)

  app.post('/', { schema: { body: WebhookSchema } }, async function onAnswer(request, reply) {
    const { body: webhook, id: requestId, log, signed } = request
    if (!asksForInstructions(webhook)) return reply.xml(acknowledgement)

    const { From: from = '', To: to = '' } = webhook
    if (to.trim() === '') return reply.mistake(missingTo)

    const decided = await resolveCall(app.legs, { from, to }, (dialled, caller) =>
      app.callLimits.limitOf(dialled, caller, webhook.CallUUID),
    )
    const outcome = await request.settle(decided)
    // The guard replaces the reply by a refusal, so there is no call to log.
    if (await request.replay()) return reply.xml(acknowledgement)
    if (isLimited(decided)) app.noteLimited(decided.reason)
    else {
      app.callLimits.count({ outcome, from, callId: webhook.CallUUID })
      log.info(callLog({ requestId, webhook, outcome, signed, elapsedMs: reply.elapsedTime }), 'call')
    }
    return reply.xml(replyTo(outcome))
  })

  function replyTo(outcome: Outcome<string>): Reply {
    if (outcome.kind === 'connect') return connect(outcome.leg)
    return outcome.reason === 'session-ended' ? farewell : refusal
  }
}

function isLimited(outcome: Outcome<string>): outcome is LimitedCall {
  return outcome.kind === 'refuse' && LIMIT_REASONS.some((reason) => reason === outcome.reason)
}

type LimitedCall = Extract<Outcome<LimitReason>, { kind: 'refuse' }>

export default answer
