import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import type { DeliveryPageView, WebhookListView, WebhookView } from '../../src/api/webhook-schemas.js'
import type { ApiReply } from '../api.js'
import { isoOf, optionalOf, secondsOf, textOf, textsOf } from '../forms.js'
import { needs } from '../needs.js'
import {
  newWebhookPage,
  type Redelivered,
  removeWebhookPage,
  type Tested,
  type WebhookSaid,
  webhookPage,
} from '../pages/webhook.js'
import type { WebhookForm } from '../pages/webhook-form.js'
import { WEBHOOKS, webhooksPage, webhookUrl } from '../pages/webhooks.js'
import { doneIn, doneQuery } from '../parts/done.js'
import { path, withQuery } from '../urls.js'

/** How many deliveries the page of an endpoint shows. */
const SHOWN = 20

interface OfWebhook {
  readonly Params: { readonly id: string }
}

type WithSecret = WebhookView & { readonly secret: string }

/** Endpoints: shown, added, changed, tested, removed. */
const webhooks: FastifyPluginAsync = async (app) => {
  app.get('/webhooks', async ({ query, staff, texts }, reply) => {
    const { webhooks } = await staff.api.get<WebhookListView>('/webhooks')
    const said = doneIn(query, texts.webhooks.done)
    return reply.page(webhooksPage({ webhooks, mayChange: staff.can('webhooks:write'), said }, texts))
  })

  app.get('/webhooks/new', async ({ staff, texts }, reply) => {
    needs('webhooks:write', staff)
    const given = { url: '', fallback_url: null, events: ['*'], description: '' }
    return reply.page(newWebhookPage({ given, formToken: staff.formToken }, texts))
  })

  app.post('/webhooks/new', async (request, reply) => {
    const { body, staff, texts } = request
    const given = readForm(body)
    const { status, body: added, problem } = await staff.api.send<WithSecret>('POST', '/webhooks', given)
    if (problem)
      return reply.page(newWebhookPage({ given, problem, formToken: staff.formToken }, texts), status)
    return show(request, reply, added, { done: texts.webhooks.added, secret: added.secret })
  })

  app.get<OfWebhook>('/webhooks/:id', async (request, reply) => {
    const { params, query, staff, texts } = request
    const webhook = await staff.api.get<WebhookView>(path`/webhooks/${params.id}`)
    return show(request, reply, webhook, doneIn(query, texts.webhooks.done))
  })

  app.post<OfWebhook>('/webhooks/:id/change', async (request, reply) =>
    change(request, reply, readForm(request.body), 'changed'),
  )

  app.post<OfWebhook>('/webhooks/:id/state', async (request, reply) => {
    const state = textOf(request.body, 'state')
    return change(request, reply, { state }, state)
  })

  app.post<OfWebhook>('/webhooks/:id/rotate', async (request, reply) => {
    const kept = { keep_old_for: secondsOf(request.body, 'minutes') }
    const rotated = await ask<WithSecret>(request, 'rotate-secret', kept)
    const done = request.texts.webhooks.rotated
    return tell(request, reply, rotated, ({ secret }) => ({ done, secret }))
  })

  app.post<OfWebhook>('/webhooks/:id/test', async (request, reply) =>
    tell(request, reply, await ask<Tested>(request, 'test'), (tested) => ({ tested })),
  )

  app.post<OfWebhook>('/webhooks/:id/redeliver', async (request, reply) => {
    const since = isoOf(optionalOf(request.body, 'since'))
    const sent = await ask<Redelivered>(request, 'redeliver', { since })
    return tell(request, reply, sent, (redelivered) => ({ redelivered }))
  })

  app.get<OfWebhook>('/webhooks/:id/remove', async ({ params, staff, texts }, reply) => {
    needs('webhooks:write', staff)
    const webhook = await staff.api.get<WebhookView>(path`/webhooks/${params.id}`)
    return reply.page(removeWebhookPage({ webhook, formToken: staff.formToken }, texts))
  })

  app.post<OfWebhook>('/webhooks/:id/remove', async (request, reply) => {
    const { params, staff } = request
    const removed = await staff.api.send('DELETE', path`/webhooks/${params.id}`)
    if (removed.problem) return tell(request, reply, removed, () => ({}))
    return reply.redirect(withQuery(WEBHOOKS, doneQuery('removed')), 303)
  })

  function ask<Body>({ params, staff }: FastifyRequest<OfWebhook>, what: string, body?: object) {
    return staff.api.send<Body>('POST', path`/webhooks/${params.id}/${what}`, body)
  }

  async function change(
    request: FastifyRequest<OfWebhook>,
    reply: FastifyReply,
    changes: Partial<WebhookForm> & { readonly state?: string },
    done: string,
  ): Promise<FastifyReply> {
    const { params, staff } = request
    const changed = await staff.api.send('PATCH', path`/webhooks/${params.id}`, changes)
    if (changed.problem) return tell(request, reply, changed, () => ({}), changes)
    return reply.redirect(withQuery(webhookUrl(params.id), doneQuery(done)), 303)
  }

  /** The endpoint again, with what came of what was asked: no other page can show that. @param given what was typed */
  async function tell<Body>(
    request: FastifyRequest<OfWebhook>,
    reply: FastifyReply,
    { status, body, problem }: ApiReply<Body>,
    said: (body: Body) => WebhookSaid,
    given?: Partial<WebhookForm>,
  ): Promise<FastifyReply> {
    const webhook = await request.staff.api.get<WebhookView>(path`/webhooks/${request.params.id}`)
    if (!problem) return show(request, reply, webhook, said(body))
    return show(request, reply, webhook, { problem, given: { ...webhook, ...given } }, status)
  }

  async function show(
    { staff, texts }: FastifyRequest,
    reply: FastifyReply,
    webhook: WebhookView,
    said: WebhookSaid,
    status?: number,
  ): Promise<FastifyReply> {
    const page = staff.can('events:read')
      ? await staff.api.get<DeliveryPageView>('/deliveries', { webhook_id: webhook.id, limit: SHOWN })
      : undefined
    return reply.page(webhookPage({ webhook, deliveries: page?.deliveries, staff, said }, texts), status)
  }
}

function readForm(body: unknown) {
  return {
    url: textOf(body, 'url'),
    fallback_url: optionalOf(body, 'fallback_url') ?? null,
    events: textsOf(body, 'events'),
    description: textOf(body, 'description'),
  }
}

export default webhooks
