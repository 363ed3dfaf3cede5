import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import type { EventPageView } from '../../src/api/event-schemas.js'
import type { DeliveryPageView, WebhookListView } from '../../src/api/webhook-schemas.js'
import type { ProblemView } from '../api.js'
import { isoOf, optionalOf, textOf } from '../forms.js'
import { DELIVERIES, deliveriesPage } from '../pages/deliveries.js'
import { eventsPage } from '../pages/events.js'
import { doneIn, doneQuery } from '../parts/done.js'
import { path, withQuery } from '../urls.js'

interface OfDelivery {
  readonly Params: { readonly id: string }
}

/** What the business is told, and what of it could not be delivered. */
const events: FastifyPluginAsync = async (app) => {
  app.get('/events', async ({ query, staff, texts }, reply) => {
    const filter = {
      type: optionalOf(query, 'type'),
      session_id: optionalOf(query, 'session_id'),
      from: optionalOf(query, 'from'),
      to: optionalOf(query, 'to'),
    }
    const cursor = textOf(query, 'cursor')
    const asked = { ...filter, from: isoOf(filter.from), to: isoOf(filter.to), cursor }
    const page = await staff.api.get<EventPageView>('/events', asked)
    return reply.page(eventsPage({ filter, cursor, page, staff }, texts))
  })

  app.get('/events/deliveries', async (request, reply) => list(request, reply))

  app.post<OfDelivery>('/events/deliveries/:id/again', async (request, reply) => {
    const { params, staff } = request
    const { status, problem } = await staff.api.send('POST', path`/deliveries/${params.id}/redeliver`)
    if (problem) return list(request, reply, { status, problem })
    return reply.redirect(withQuery(DELIVERIES, doneQuery('again')), 303)
  })

  async function list(
    { query, staff, texts }: FastifyRequest,
    reply: FastifyReply,
    { status, problem }: { readonly status?: number; readonly problem?: ProblemView } = {},
  ): Promise<FastifyReply> {
    const filter = { state: optionalOf(query, 'state'), webhook_id: optionalOf(query, 'webhook_id') }
    const asked = { ...filter, cursor: textOf(query, 'cursor') }
    const [page, all] = await Promise.all([
      staff.api.get<DeliveryPageView>('/deliveries', asked),
      staff.can('webhooks:read') ? staff.api.get<WebhookListView>('/webhooks') : undefined,
    ])
    const said = doneIn(query, texts.deliveries.done)
    const data = { filter, page, webhooks: all?.webhooks, staff, said, problem }
    return reply.page(deliveriesPage(data, texts), status)
  }
}

export default events
