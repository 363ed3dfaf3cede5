import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { LIMIT_REASONS, type LimitReason } from '../src/access/call-limits.js'
import type { TokenCall } from '../src/calls/call-tokens.js'
import { wholeNumber } from '../src/masking/phone-number.js'
import { type Outcome, resolveCall } from '../src/masking/resolver.js'
import { andThen, type MaybePromise } from '../src/maybe-promise.js'
import { type CallEvent, CallEventSchema, hangupFacts } from '../src/vobiz/call-events.js'
import { callLog } from '../src/vobiz/call-log.js'
import { missingTo } from '../src/vobiz/mistakes.js'
import { acknowledgement, notAdmitted, type Reply, refusalReply } from '../src/vobiz/replies.js'
import { asksForInstructions, loggableCallId } from '../src/vobiz/webhook.js'

/** Answers the carrier's question: somebody dialled this number, what now? */
const answer: FastifyPluginAsyncTypebox = async (app) => {
  const { admission, callRecorder, callReplies } = app
  const { REJECTION_MESSAGE, CLOSED_MESSAGE = REJECTION_MESSAGE } = app.config
  const refusal = refusalReply(REJECTION_MESSAGE)
  const farewell = refusalReply(CLOSED_MESSAGE)

  app.post('/', { schema: { body: CallEventSchema } }, function onAnswer(request, reply) {
    const { body: webhook } = request
    if (!asksForInstructions(webhook)) return noteEvent(request, reply)

    const { From: from = '', To: to = '' } = webhook
    if (to.trim() === '') return void reply.mistake(missingTo)

    const decided = resolveCall(app.legs, { from, to }, (dialled, caller) =>
      app.callLimits.limitOf(dialled, caller, webhook.CallUUID),
    )
    const sent = andThen(decided, (outcome) =>
      andThen(admitted(outcome, request), (admitted) =>
        andThen(request.settle(admitted), (settled) => send(request, reply, settled)),
      ),
    )
    // Fastify waits for what is returned, and what was sent at once is not to be waited for.
    return sent instanceof Promise ? sent : undefined
  })

  /** A call that the session connects only at some hours, or only so many times. */
  function admitted(outcome: Outcome<string>, { body, id }: Asked): MaybePromise<Outcome<string>> {
    if (outcome.kind === 'refuse') return outcome
    const { leg, dialled } = outcome
    return andThen(admission.refusalOf(leg, body.CallUUID ?? id), (reason) =>
      reason ? { kind: 'refuse', reason, dialled, sessionId: leg.sessionId } : outcome,
    )
  }

  function send(request: Asked, reply: FastifyReply, outcome: Outcome<string> | undefined): FastifyReply {
    // The guard replaces the reply by a refusal, so there is no call to log.
    if (!outcome) return reply.xml(acknowledgement)
    const { body: webhook, id: requestId, log, proof } = request
    const { From: from = '' } = webhook
    const call = begunCall(webhook, outcome)
    if (isLimited(outcome)) app.noteLimited(outcome.reason)
    else {
      app.callLimits.count({ outcome, from, callId: webhook.CallUUID })
      const signed = proof !== undefined
      log.info(callLog({ requestId, webhook, outcome, signed, elapsedMs: reply.elapsedTime }), 'call')
      if (call) noteBeginning(call, outcome)
    }
    return reply.xml(replyTo(outcome, call))
  }

  function replyTo(outcome: Outcome<string>, call: TokenCall | undefined): Reply {
    if (outcome.kind === 'connect') return callReplies.connect(outcome.leg, call)
    const { reason, dialled } = outcome
    if (reason !== 'session-ended') return notAdmitted[reason] ?? refusal
    return (dialled && callReplies.afterEnd(outcome.call, dialled.dialable)) ?? farewell
  }

  /** The call as its record and its URLs know it; undefined where the carrier gave it no id. */
  function begunCall(webhook: CallEvent, outcome: Outcome<string>): TokenCall | undefined {
    const callId = loggableCallId(webhook)
    if (callId === undefined) return undefined
    const at = app.clock.now()
    if (outcome.kind === 'refuse') return { callId, at, sessionId: outcome.sessionId }
    const { sessionId, side } = outcome.leg
    return { callId, at, sessionId, side }
  }

  function noteBeginning({ callId, ...begun }: TokenCall, outcome: Outcome<string>): void {
    const refused = outcome.kind === 'refuse' ? outcome.reason : undefined
    if (refused !== undefined && !app.mayRecordRefusal()) return
    const maskingNumber = outcome.dialled && wholeNumber(outcome.dialled)
    callRecorder.begin(callId, { begun: { ...begun, maskingNumber, refused } })
  }

  /** The caller's own leg is over, or something that needs no instructions. */
  async function noteEvent(request: Asked, reply: FastifyReply): Promise<FastifyReply> {
    const { body: event } = request
    const callId = loggableCallId(event)
    const isEnd = event.Event === 'Hangup' && callId !== undefined
    if (isEnd && !(await request.isReplay())) await callRecorder.note(callId, hangupFacts(event))
    return reply.xml(acknowledgement)
  }
}

function isLimited(outcome: Outcome<string>): outcome is LimitedCall {
  return outcome.kind === 'refuse' && LIMIT_REASONS.some((reason) => reason === outcome.reason)
}

/** A request with a call in it. */
type Asked = Pick<FastifyRequest, 'id' | 'isReplay' | 'log' | 'proof'> & { readonly body: CallEvent }

type LimitedCall = Extract<Outcome<LimitReason>, { kind: 'refuse' }>

export default answer
