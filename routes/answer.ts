import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { LIMIT_REASONS, type LimitReason } from '../src/access/call-limits.js'
import { admit } from '../src/calls/admission.js'
import type { TokenCall } from '../src/calls/call-tokens.js'
import { isForPin, withoutQuestion } from '../src/calls/pin-question.js'
import { wholeNumber } from '../src/masking/phone-number.js'
import { type Outcome, resolveCall } from '../src/masking/resolver.js'
import { shownBy } from '../src/masking/session.js'
import { andThen, type MaybePromise } from '../src/maybe-promise.js'
import type { RequestSpan } from '../src/telemetry/request-span.js'
import { callAnswer } from '../src/vobiz/call-answer.js'
import { type CallEvent, CallEventSchema, hangupFacts } from '../src/vobiz/call-events.js'
import { callLog, reasonOf } from '../src/vobiz/call-log.js'
import { missingTo } from '../src/vobiz/mistakes.js'
import { acknowledgement } from '../src/vobiz/replies.js'
import { asksForInstructions, loggableCallId } from '../src/vobiz/webhook.js'

/** Answers the carrier's question: somebody dialled this number, what now? */
const answer: FastifyPluginAsyncTypebox = async (app) => {
  const { admission, callRecorder, callReplies, meter } = app
  const { REJECTION_MESSAGE: rejection, CLOSED_MESSAGE: closed = rejection } = app.config
  const answerTo = callAnswer({ replies: callReplies, rejection, closed })

  app.post('/', { schema: { body: CallEventSchema } }, function onAnswer(request, reply) {
    const { body: webhook } = request
    if (!asksForInstructions(webhook)) return noteEvent(request, reply)

    const { From: from = '', To: to = '' } = webhook
    if (to.trim() === '') return void reply.mistake(missingTo)

    const decided = resolveCall(app.legs, { from, to }, (dialled, caller) =>
      app.callLimits.limitOf(dialled, caller, webhook.CallUUID),
    )
    const sent = andThen(decided, (outcome) =>
      andThen(admitted(outcome, request), (admitted) => {
        request.span?.step('resolved')
        return andThen(request.settle(admitted), (settled) => send(request, reply, settled))
      }),
    )
    // Fastify waits for what is returned, and what was sent at once is not to be waited for.
    return sent instanceof Promise ? sent : undefined
  })

  /** Whoever is to be asked for a PIN is not let in yet. */
  function admitted(outcome: Outcome<string>, { body, id }: Asked): MaybePromise<Outcome<string>> {
    return isForPin(outcome) ? outcome : admit(admission, outcome, body.CallUUID ?? id)
  }

  function send(request: Asked, reply: FastifyReply, settled: Outcome<string> | undefined): FastifyReply {
    // The guard replaces the reply by a refusal, so there is no call to log.
    if (!settled) return reply.xml(acknowledgement)
    const { body: webhook, id: requestId, log, proof, span } = request
    const traceIds = span?.ids
    const { From: from = '' } = webhook
    const call = begunCall(webhook, settled)
    const question = call && isForPin(settled) ? callReplies.askPin(call) : undefined
    const outcome = question === undefined ? withoutQuestion(settled) : settled
    const [isAsked, elapsedMs] = [question !== undefined, reply.elapsedTime]
    meter.time('answers', elapsedMs / 1_000)
    if (!proof?.isRetry) meter.count('calls', isAsked ? 'ask' : outcome.kind, reasonOf(outcome))
    if (isLimited(outcome)) {
      app.noteLimited(outcome.reason)
      if (!proof?.isRetry) app.callCounts.refused(app.clock.now())
    } else {
      app.callLimits.count({ outcome, from, callId: webhook.CallUUID })
      const signed = proof !== undefined
      log.info(callLog({ requestId, traceIds, webhook, outcome, isAsked, signed, elapsedMs }), 'call')
      if (call) noteBeginning(call, outcome, isAsked)
    }
    const document = question ?? answerTo(outcome, call)
    if (span) tell(span, outcome, isAsked)
    return reply.xml(document)
  }

  function tell(span: RequestSpan, outcome: Outcome<string>, isAsked: boolean): void {
    span.step('rendered')
    span.set('callmask.outcome', isAsked ? 'ask' : outcome.kind)
    span.set('callmask.reason', reasonOf(outcome))
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

  function noteBeginning(call: TokenCall, outcome: Outcome<string>, isAsked: boolean): void {
    const { callId, at, sessionId, side } = call
    const isRefused = outcome.kind === 'refuse'
    if (isRefused && !app.mayRecordRefusal()) {
      // What becomes of whoever is asked for a PIN is not known yet.
      if (!isAsked) app.callCounts.refused(at)
      return
    }
    const refused = isRefused && !isAsked ? outcome.reason : undefined
    const maskingNumber = outcome.dialled && wholeNumber(outcome.dialled)
    const shown = isRefused ? undefined : shownBy(outcome.leg)
    // Member by member: to copy what is left of an object takes 5 µs of a call.
    const begun = { at, sessionId, side, maskingNumber, shown, refused }
    if (isAsked) callRecorder.begin(callId, { begun, pinAsked: true })
    else if (!isRefused && callReplies.records(outcome.leg))
      callRecorder.begin(callId, { begun, recordingAsked: true })
    else callRecorder.begin(callId, { begun })
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
type Asked = Pick<FastifyRequest, 'id' | 'isReplay' | 'log' | 'proof' | 'span'> & { readonly body: CallEvent }

type LimitedCall = Extract<Outcome<LimitReason>, { kind: 'refuse' }>

export default answer
