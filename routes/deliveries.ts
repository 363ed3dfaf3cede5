import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { deliveryNotFound, ProblemError, webhookOff } from '../src/api/problem.js'
import { DeliveryId, DeliveryPageView, DeliveryQuery, DeliveryView } from '../src/api/webhook-schemas.js'
import { deliveryView } from '../src/api/webhook-view.js'
import { readDeliveryId } from '../src/events/deliveries.js'

/** Shows what could not be delivered, and sends it again. */
const deliveries: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/deliveries',
    {
      schema: {
        operationId: 'listDeliveries',
        tags: ['Webhooks'],
        summary: 'List what could not be delivered, the newest first',
        querystring: DeliveryQuery,
        response: { 200: DeliveryPageView },
      },
      config: {
        operation: {
          scope: 'events:read',
          replies: { 200: 'A page of deliveries.' },
          problems: ['store_unavailable'],
        },
      },
    },
    async ({ query: { webhook_id: webhookId, ...query } }) => {
      const { deliveries, next } = await app.deliveries.list({ webhookId, ...query })
      return { deliveries: deliveries.map(deliveryView), next_cursor: next ?? null }
    },
  )

  app.post(
    '/deliveries/:id/redeliver',
    {
      schema: {
        operationId: 'redeliver',
        tags: ['Webhooks'],
        summary: 'Send an event to an endpoint again',
        params: DeliveryId,
        response: { 200: DeliveryView },
      },
      config: {
        operation: {
          scope: 'webhooks:write',
          replies: { 200: 'It is sent soon.' },
          problems: ['delivery_not_found', 'webhook_off', 'store_unavailable'],
        },
      },
    },
    async ({ params: { id } }) => {
      const { webhookId, eventId } = readDeliveryId(id)
      const [webhook, event] = await Promise.all([
        app.webhooks.find(webhookId),
        app.events.outbox.find(eventId),
      ])
      if (!webhook || !event) throw new ProblemError(deliveryNotFound)
      if (webhook.off) throw new ProblemError(webhookOff)
      await app.deliveries.again(webhookId, event)
      const { listedAt } = event
      return deliveryView({
        id,
        attempts: 0,
        state: 'retrying',
        listedAt,
        nextAt: app.storages.storage.now(),
      })
    },
  )
}

export default deliveries
