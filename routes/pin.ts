import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import type { CallFacts } from '../src/calls/call-facts.js'
import type { TokenCall } from '../src/calls/call-tokens.js'
import { type PinDecision, WRONG_PIN, wrongPin } from '../src/calls/pin-entry.js'
import { enteredPin } from '../src/calls/pin-question.js'
import { MAX_PIN_TRIES } from '../src/calls/pin-tries.js'
import { wholeNumber } from '../src/masking/phone-number.js'
import type { Outcome } from '../src/masking/resolver.js'
import { shownBy } from '../src/masking/session.js'
import { readSpelling } from '../src/masking/spelling.js'
import { callAnswer } from '../src/vobiz/call-answer.js'
import { type CallEvent, CallEventSchema } from '../src/vobiz/call-events.js'
import { callLog, reasonOf } from '../src/vobiz/call-log.js'
import { acknowledgement } from '../src/vobiz/replies.js'
import { loggableCallId } from '../src/vobiz/webhook.js'

/** Connects whoever enters the right PIN. A wrong one, nothing, a locked caller and no session at all sound the same. */
const pin: FastifyPluginAsyncTypebox = async (app) => {
  const { callRecorder, callReplies, callTokens, meter, pinEntries } = app
  const { PIN_LENGTH = 0, REJECTION_MESSAGE: rejection } = app.config
  const answerTo = callAnswer({ replies: callReplies, rejection, closed: rejection })

  app.post('/pin/:token', { schema: { body: CallEventSchema } }, async (request, reply) => {
    const call = callOf(request)
    if (!call) return reply.wrongToken()
    const decision = await decide(call, request.body)
    const outcome = await request.settle(decision.outcome)
    // The guard replaces the reply by a refusal, so there is no call to log.
    if (!outcome) return reply.xml(acknowledgement)
    noteLocks(call, outcome, decision)
    const question = outcome.kind === 'refuse' && outcome.reason === WRONG_PIN && askAgain(call)
    if (question) return reply.xml(question)

    const { body: webhook, id: requestId, log, proof, span } = request
    const [signed, elapsedMs] = [proof !== undefined, reply.elapsedTime]
    meter.time('answers', elapsedMs / 1_000)
    if (!proof?.isRetry) meter.count('calls', outcome.kind, reasonOf(outcome))
    log.info(
      callLog({ requestId, traceIds: span?.ids, webhook, outcome, isPinEntered: true, signed, elapsedMs }),
      'call',
    )
    note(call, outcome, decision)
    if (outcome.kind === 'connect') setImmediate(() => app.rememberPhone(outcome, webhook.From))
    return reply.xml(answerTo(outcome, callWith(call, outcome)))
  })

  /** The call that a request is about, if its token is for that call. */
  function callOf({ params, body }: Asked): TokenCall | undefined {
    const { token } = params as { readonly token: string }
    const callId = loggableCallId(body)
    return callId === undefined ? undefined : callTokens.open('pin', token, callId)
  }

  async function decide(
    call: TokenCall,
    { From = '', To = '', Digits = '' }: CallEvent,
  ): Promise<PinDecision> {
    const to = readSpelling(To)
    const dialled = to && (await app.legs.findMaskingNumber(to))
    const pin = enteredPin(Digits, PIN_LENGTH)
    // Whoever entered nothing has tried nothing.
    if (!dialled || pin === undefined) return { outcome: wrongPin(call, dialled) }
    return pinEntries({ call, caller: readSpelling(From), dialled, pin })
  }

  function askAgain(call: TokenCall) {
    const { attempt: before = 0 } = call
    const attempt = before + 1
    return attempt < MAX_PIN_TRIES ? callReplies.askPin({ ...call, attempt }) : undefined
  }

  /** A wrong PIN that locks something is rare, so it is noted however many calls are refused. */
  function noteLocks(
    { callId, at, sessionId, side }: TokenCall,
    { dialled }: Outcome<string>,
    { locks: pinLocks }: PinDecision,
  ): void {
    if (pinLocks?.caller === undefined && pinLocks?.number === undefined) return
    const begun = { at, sessionId, side, maskingNumber: dialled && wholeNumber(dialled) }
    callRecorder.begin(callId, { begun, pinAsked: true, pinLocks })
  }

  function note(
    { callId, at, sessionId, side }: TokenCall,
    outcome: Outcome<string>,
    { leg }: PinDecision,
  ): void {
    const refused = outcome.kind === 'refuse' ? outcome.reason : undefined
    if (refused !== undefined && !app.mayRecordRefusal()) return
    const maskingNumber = outcome.dialled && wholeNumber(outcome.dialled)
    const shown = outcome.kind === 'connect' ? shownBy(outcome.leg) : undefined
    const facts: CallFacts = {
      begun: { at, sessionId, side, maskingNumber, shown, refused },
      pinAsked: true,
      ...(leg && { pinUsed: true, pinOf: { sessionId: leg.sessionId, side: leg.side } }),
      ...(leg && callReplies.records(leg) && { recordingAsked: true }),
    }
    callRecorder.begin(callId, facts)
  }
}

/** The call as the URLs of its answer know it. */
function callWith({ callId, at }: TokenCall, outcome: Outcome<string>): TokenCall {
  if (outcome.kind === 'refuse') return { callId, at, sessionId: outcome.sessionId }
  return { callId, at, sessionId: outcome.leg.sessionId, side: outcome.leg.side }
}

type Asked = Pick<FastifyRequest, 'params'> & { readonly body: CallEvent }

export default pin
