import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { readRange } from '../src/api/call-counts-request.js'
import { CallCountsQuery, CallCountsView } from '../src/api/call-counts-schemas.js'
import { callCountsView } from '../src/api/call-counts-view.js'
import { CallId, CallPageView, CallQuery, CallView, SessionCallQuery } from '../src/api/call-schemas.js'
import { callPageView, callView } from '../src/api/call-view.js'
import { callNotFound, ProblemError, sessionNotFound } from '../src/api/problem.js'
import { readTimes } from '../src/api/query-times.js'
import { SessionId } from '../src/api/session-schemas.js'
import { DAY_MS, readHours, readNumberUses } from '../src/calls/call-counts.js'

/** Shows what became of calls. */
const calls: FastifyPluginAsyncTypebox = async (app) => {
  const { storage } = app.storages

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
      callPageView(await app.calls.list({ sessionId, ...readTimes(query) })),
  )

  app.get(
    '/calls/summary',
    {
      schema: {
        operationId: 'summarizeCalls',
        tags: ['Calls'],
        summary: 'Count calls by hour and outcome, and by masking number',
        description:
          'A call is counted in the hour in which it began. The counts are kept for a month, also of calls that are forgotten by then.',
        querystring: CallCountsQuery,
        response: { 200: CallCountsView },
      },
      config: {
        operation: {
          scope: 'calls:read',
          replies: { 200: 'The counts.' },
          problems: ['store_unavailable'],
        },
      },
    },
    async ({ query }) => {
      const now = app.clock.now()
      const range = readRange(readTimes(query), now)
      const [hours, today, yesterday] = await Promise.all([
        readHours(storage, range),
        readNumberUses(storage, now),
        readNumberUses(storage, now - DAY_MS),
      ])
      return callCountsView({ hours, today, yesterday, now, range })
    },
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
      return callPageView(await app.calls.list({ sessionId: id, ...readTimes(request.query) }))
    },
  )
}

export default calls
