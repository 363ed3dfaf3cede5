import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { EventPageView, EventQuery } from '../src/api/event-schemas.js'
import { eventPageView } from '../src/api/event-view.js'

/** Shows what the business is told of. */
const events: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/events',
    {
      schema: {
        operationId: 'listEvents',
        tags: ['Events'],
        summary: 'List events',
        description: 'For whoever would rather ask than be told. Events are kept for EVENT_RETENTION.',
        querystring: EventQuery,
        response: { 200: EventPageView },
      },
      config: {
        operation: {
          scope: 'events:read',
          replies: { 200: 'A page of them.' },
          problems: ['store_unavailable'],
        },
      },
    },
    async ({ query: { session_id: sessionId, from, to, order, ...query } }) =>
      eventPageView(
        await app.events.outbox.list({
          ...query,
          sessionId,
          from: from === undefined ? undefined : Date.parse(from),
          to: to === undefined ? undefined : Date.parse(to),
          order: order === 'oldest' ? 'oldest first' : 'newest first',
        }),
      ),
  )
}

export default events
