import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { allows } from '../src/access/scopes.js'
import { callView } from '../src/api/call-view.js'
import { ExplainedCall, ExplanationView } from '../src/api/explanation-schemas.js'
import { explanationView } from '../src/api/explanation-view.js'
import { ProblemError, sessionNotFound } from '../src/api/problem.js'
import type { Call } from '../src/calls/calls.js'
import { type Explanation, explainCall } from '../src/masking/explain.js'
import { endOf } from '../src/masking/session.js'

/** How many calls of a session are looked at to find the last one of a caller. */
export const LAST_CALLS = 20

/** Says what would happen to a call now, and why: the support desk's first question. */
const explain: FastifyPluginAsyncTypebox = async (app) => {
  app.post(
    '/explain',
    {
      schema: {
        operationId: 'explainCall',
        tags: ['Calls'],
        summary: 'Say what would happen to a call, and why',
        body: ExplainedCall,
        response: { 200: ExplanationView },
      },
      config: {
        operation: {
          scope: 'explain',
          limit: 'explain',
          replies: { 200: 'What would happen now.' },
          problems: ['session_not_found', 'store_unavailable'],
        },
      },
    },
    async (request) => {
      const { session_id: named, ...call } = request.body
      const session = named === undefined ? undefined : await app.sessions.find(named)
      if (named !== undefined && !session) throw new ProblemError(sessionNotFound)
      request.auditedSession = session?.id
      const { legs, admission } = app
      const explained = await explainCall({ legs, notNow: admission.refusalOfNext }, call, session)
      request.auditedSession ??= explained.sessionId
      const [endedAt, lastCall] = await Promise.all([
        endedAtOf(explained),
        mayReadCalls(request) ? lastCallOf(explained) : undefined,
      ])
      return {
        ...explanationView(explained),
        ...(endedAt !== undefined && { session_ended_at: new Date(endedAt).toISOString() }),
        ...(lastCall && { last_call: callView(lastCall) }),
      }
    },
  )

  /** When the session ended whose end is why a call is refused, in milliseconds since 1970. */
  async function endedAtOf({ rule, sessionId }: Explanation): Promise<number | undefined> {
    if (rule !== 'session-ended' || sessionId === undefined) return undefined
    const session = await app.sessions.find(sessionId)
    return session && endOf(session)
  }

  /** The last call of the same caller in the session that decides this one. */
  async function lastCallOf({ sessionId, side }: Explanation): Promise<Call | undefined> {
    if (sessionId === undefined) return undefined
    const { calls } = await app.calls.list({ sessionId, limit: LAST_CALLS })
    return calls.find(({ facts }) => facts.begun.side === side)
  }
}

function mayReadCalls({ apiKey }: FastifyRequest): boolean {
  return apiKey !== undefined && allows(apiKey.scopes, 'calls:read')
}

export default explain
