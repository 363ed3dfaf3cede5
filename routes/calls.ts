import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { CallId, CallPageView, CallQuery, CallView, SessionCallQuery } from '../src/api/call-schemas.js'
import { callPageView, callView } from '../src/api/call-view.js'
import { callNotFound, ProblemError, sessionNotFound } from '../src/api/problem.js'
import { SessionId } from '../src/api/session-schemas.js'

/** Shows what became of calls. */
const calls: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/calls',
    {
      schema: {
        operationId: 'listCalls',
        tags: ['Calls'],
        summary: 'List calls, the newest first',
        querystring: CallQuery,
        response: { 200: CallPageView },
      },
      config: {
        operation: {
          scope: 'calls:read',
          replies: { 200: 'A page of them.' },
          problems: ['store_unavailable'],
        },
      },
    },
    async ({ query: { session_id: sessionId, ...query } }) =>
      callPageView(await app.calls.list({ sessionId, ...readQuery(query) })),
  )

  app.get(
    '/calls/:id',
    {
      schema: {
        operationId: 'getCall',
        tags: ['Calls'],
        summary: 'Show what became of a call',
        params: CallId,
        response: { 200: CallView },
      },
      config: {
        operation: {
          scope: 'calls:read',
          replies: { 200: 'The call.' },
          problems: ['call_not_found', 'store_unavailable'],
        },
      },
    },
    async (request) => {
      const { id } = request.params
      const facts = await app.calls.find(id)
      if (!facts) throw new ProblemError(callNotFound)
      request.auditedSession = facts.begun?.sessionId
      return callView({ id, facts })
    },
  )

  app.get(
    '/sessions/:id/calls',
    {
      schema: {
        operationId: 'listCallsOfSession',
        tags: ['Calls'],
        summary: 'List the calls of a session, the newest first',
        params: SessionId,
        querystring: SessionCallQuery,
        response: { 200: CallPageView },
      },
      config: {
        operation: {
          scope: 'calls:read',
          replies: { 200: 'A page of them.' },
          problems: ['session_not_found', 'store_unavailable'],
        },
      },
    },
    async (request) => {
      const { id } = request.params
      const session = await app.sessions.find(id)
      if (!session) throw new ProblemError(sessionNotFound)
      request.auditedSession = id
      return callPageView(await app.calls.list({ sessionId: id, ...readQuery(request.query) }))
    },
  )
}

type Times = { readonly from?: string; readonly to?: string }

/** A query with its times in milliseconds since 1970. */
function readQuery<Query extends Times>({ from, to, ...query }: Query) {
  return {
    ...query,
    from: from === undefined ? undefined : Date.parse(from),
    to: to === undefined ? undefined : Date.parse(to),
  }
}

export default calls
