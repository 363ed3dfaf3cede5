import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { CallFacts } from '../src/calls/call-facts.js'
import { CALL_PATHS, type CallPath, type TokenCall } from '../src/calls/call-tokens.js'
import type { CallOptions } from '../src/masking/call-options.js'
import { UnreadableSessionError } from '../src/masking/session-store.js'
import { StoreUnavailableError } from '../src/masking/storage.js'
import {
  type CallEvent,
  CallEventSchema,
  dialEndOf,
  legFacts,
  recordingFacts,
} from '../src/vobiz/call-events.js'
import { acknowledgement } from '../src/vobiz/replies.js'
import { loggableCallId } from '../src/vobiz/webhook.js'

/**
 * What the carrier asks and tells while a call is under way. Each URL has a token in its path, for the signature covers nothing
 * else: it says which call it is, and that it began here.
 */
const callEvents: FastifyPluginAsyncTypebox = async (app) => {
  const { callRecorder, callReplies, callTokens, lookup } = app
  const schema = { body: CallEventSchema }

  // The guard replaces the reply by a refusal.
  app.addHook('preHandler', async (request, reply) => {
    if (await request.isReplay()) return reply.xml(acknowledgement)
  })

  app.post('/dialled/:token', { schema }, async (request, reply) => {
    const call = callOf(request, 'dialled')
    if (!call) return reply.wrongToken()
    const end = dialEndOf(request.body) ?? 'failed'
    const [options] = await Promise.all([optionsOf(call), note(call, { dialled: end })])
    return reply.xml(callReplies.afterDial(end, options === 'unknown' ? undefined : options))
  })

  app.post('/leg/:token', { schema }, (request, reply) => noted(request, reply, 'leg', legFacts))

  app.post('/recording/:token', { schema }, (request, reply) =>
    noted(request, reply, 'recording', recordingFacts),
  )

  app.post('/recorded/:token', { schema }, (request, reply) =>
    noted(request, reply, 'recorded', recordingFacts),
  )

  app.post('/whisper/:token', { schema }, async (request, reply) => {
    const call = callOf(request, 'whisper')
    if (!call) return reply.wrongToken()
    return reply.xml(callReplies.whisper(await optionsOf(call)))
  })

  async function noted(
    request: EventRequest,
    reply: FastifyReply,
    path: CallPath,
    factsOf: (event: CallEvent) => CallFacts,
  ): Promise<FastifyReply> {
    const call = callOf(request, path)
    if (!call) return reply.wrongToken()
    await note(call, factsOf(request.body))
    return reply.xml(acknowledgement)
  }

  /** The call that a request is about, if its token is for that call and this path. */
  function callOf({ params, body }: EventRequest, path: CallPath): TokenCall | undefined {
    const { token } = params as { readonly token: string }
    const callId = loggableCallId(body)
    return callId === undefined ? undefined : callTokens.open(CALL_PATHS[path], token, callId)
  }

  function note({ callId, at, sessionId, side }: TokenCall, facts: CallFacts): Promise<void> {
    return callRecorder.note(callId, { ...facts, begun: { at, sessionId, side } })
  }

  /** What the session of a call says about it. */
  async function optionsOf({ sessionId }: TokenCall): Promise<CallOptions | undefined | 'unknown'> {
    if (sessionId === undefined) return undefined
    try {
      return (await lookup.findSession(sessionId))?.call
    } catch (error) {
      // An apology would end the call of two people who are just being connected.
      if (error instanceof StoreUnavailableError || error instanceof UnreadableSessionError) return 'unknown'
      throw error
    }
  }
}

type EventRequest = Pick<FastifyRequest, 'params'> & { readonly body: CallEvent }

export default callEvents
