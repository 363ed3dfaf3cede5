import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { LIMIT_REASONS, type LimitReason } from '../src/access/call-limits.js'
import { type Outcome, resolveCall } from '../src/masking/resolver.js'
import { andThen } from '../src/maybe-promise.js'
import { callLog } from '../src/vobiz/call-log.js'
import { missingTo } from '../src/vobiz/mistakes.js'
import { acknowledgement, connectReply, type Reply, refusalReply } from '../src/vobiz/replies.js'
import { asksForInstructions, type Webhook, WebhookSchema } from '../src/vobiz/webhook.js'

/** Answers the carrier's question: somebody dialled this number, what now? */
const answer: FastifyPluginAsyncTypebox = async (app) => {
  const connect = connectReply({ ring: app.config.RING_TIMEOUT, limit: app.config.CALL_TIME_LIMIT })
  const { REJECTION_MESSAGE, CLOSED_MESSAGE = REJECTION_MESSAGE } = app.config
  const refusal = refusalReply(REJECTION_MESSAGE)
  const farewell = refusalReply(CLOSED_MESSAGE)

  app.post('/', { schema: { body: WebhookSchema } }, function onAnswer(request, reply) {
    const { body: webhook } = request
    if (!asksForInstructions(webhook)) return void reply.xml(acknowledgement)

    const { From: from = '', To: to = '' } = webhook
    if (to.trim() === '') return void reply.mistake(missingTo)

    const decided = resolveCall(app.legs, { from, to }, (dialled, caller) =>
      app.callLimits.limitOf(dialled, caller, webhook.CallUUID),
    )
    const sent = andThen(decided, (outcome) =>
      andThen(request.settle(outcome), (settled) => send(request, reply, settled)),
    )
    // Fastify waits for what is returned, and what was sent at once is not to be waited for.
    return sent instanceof Promise ? sent : undefined
  })

  function send(request: Asked, reply: FastifyReply, outcome: Outcome<string> | undefined): FastifyReply {
    // The guard replaces the reply by a refusal, so there is no call to log.
    if (!outcome) return reply.xml(acknowledgement)
    const { body: webhook, id: requestId, log, proof } = request
    const { From: from = '', CallUUID: callId } = webhook
    if (isLimited(outcome)) app.noteLimited(outcome.reason)
    else {
      app.callLimits.count({ outcome, from, callId })
      const signed = proof !== undefined
      log.info(callLog({ requestId, webhook, outcome, signed, elapsedMs: reply.elapsedTime }), 'call')
    }
    return reply.xml(replyTo(outcome))
  }

  function replyTo(outcome: Outcome<string>): Reply {
    if (outcome.kind === 'connect') return connect(outcome.leg)
    return outcome.reason === 'session-ended' ? farewell : refusal
  }
}

function isLimited(outcome: Outcome<string>): outcome is LimitedCall {
  return outcome.kind === 'refuse' && LIMIT_REASONS.some((reason) => reason === outcome.reason)
}

/** A request with a call in it. */
type Asked = Pick<FastifyRequest, 'id' | 'log' | 'proof'> & { readonly body: Webhook }

type LimitedCall = Extract<Outcome<LimitReason>, { kind: 'refuse' }>

export default answer
