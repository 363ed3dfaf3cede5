import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import type { AuditEvent } from '../src/access/audit-trail.js'
import { ProblemError, tooManyWebhooks, webhookNotFound, webhookOff } from '../src/api/problem.js'
import { readDescription, readWebhookUrl } from '../src/api/webhook-request.js'
import {
  ChangeWebhook,
  CreateWebhook,
  OLD_SECRET_SECONDS,
  RedeliveredView,
  RedeliverSince,
  RotateSecret,
  TestedView,
  WebhookId,
  WebhookListView,
  WebhookView,
  WebhookWithSecretView,
} from '../src/api/webhook-schemas.js'
import { webhookView } from '../src/api/webhook-view.js'
import { isSuccess } from '../src/events/deliverer.js'
import { EVENT_VERSION, eventId } from '../src/events/event.js'
import { newWebhookId, newWebhookSecret, type Webhook, wants, withNewSecret } from '../src/events/webhooks.js'

/** How many events one request sends again at most. */
export const MAX_REDELIVERED = 1_000

/** Adds, shows, changes and removes the endpoints that events are sent to. */
const webhooks: FastifyPluginAsyncTypebox = async (app) => {
  const { access, deliveries, events, storages } = app
  const { now } = storages.storage

  app.post(
    '/webhooks',
    {
      schema: {
        operationId: 'createWebhook',
        tags: ['Webhooks'],
        summary: 'Add an endpoint',
        description:
          'It is sent what happens from now on, signed as Standard Webhooks has it. The reply has the secret, which is shown this once.',
        body: CreateWebhook,
        response: { 201: WebhookWithSecretView },
      },
      config: {
        operation: {
          scope: 'webhooks:write',
          replies: { 201: 'The endpoint is there.' },
          problems: ['invalid_webhook_url', 'too_many_webhooks', 'store_unavailable'],
        },
      },
    },
    async (request, reply) => {
      const { url, fallback_url: fallback, events = ['*'], description } = request.body
      const secret = newWebhookSecret()
      const webhook: Webhook = {
        id: newWebhookId(),
        url: readWebhookUrl(url, 'url'),
        ...(fallback != null && { fallbackUrl: readWebhookUrl(fallback, 'fallback_url') }),
        events,
        description: description === undefined ? undefined : readDescription(description),
        createdAt: now(),
        secrets: [{ secret }],
      }
      if (!(await app.webhooks.add(webhook))) throw new ProblemError(tooManyWebhooks)
      audit(request, 'webhook_created', webhook)
      // What holds a secret is kept by nobody on the way.
      return reply
        .code(201)
        .header('cache-control', 'no-store')
        .send({ ...(await viewOf(webhook)), secret })
    },
  )

  app.get(
    '/webhooks',
    {
      schema: {
        operationId: 'listWebhooks',
        tags: ['Webhooks'],
        summary: 'List all endpoints, without their secrets',
        response: { 200: WebhookListView },
      },
      config: {
        operation: {
          scope: 'webhooks:read',
          replies: { 200: 'All of them.' },
          problems: ['store_unavailable'],
        },
      },
    },
    async () => ({ webhooks: await viewsOf(await app.webhooks.all()) }),
  )

  app.get(
    '/webhooks/:id',
    {
      schema: {
        operationId: 'getWebhook',
        tags: ['Webhooks'],
        summary: 'Show an endpoint',
        params: WebhookId,
        response: { 200: WebhookView },
      },
      config: {
        operation: {
          scope: 'webhooks:read',
          replies: { 200: 'The endpoint.' },
          problems: ['webhook_not_found', 'store_unavailable'],
        },
      },
    },
    async ({ params }) => viewOf(await webhookAt(params.id)),
  )

  app.patch(
    '/webhooks/:id',
    {
      schema: {
        operationId: 'changeWebhook',
        tags: ['Webhooks'],
        summary: 'Change an endpoint, or switch it on or off',
        description: 'What was not sent while it was off can be sent again afterwards.',
        params: WebhookId,
        body: ChangeWebhook,
        response: { 200: WebhookView },
      },
      config: {
        operation: {
          scope: 'webhooks:write',
          replies: { 200: 'The endpoint is changed.' },
          problems: ['webhook_not_found', 'invalid_webhook_url', 'store_unavailable'],
        },
      },
    },
    async (request) => {
      const { url, fallback_url: fallback, events, description, state } = request.body
      const isNewFallback = fallback !== undefined
      const changes = {
        ...(url !== undefined && { url: readWebhookUrl(url, 'url') }),
        ...(isNewFallback && {
          fallbackUrl: fallback === null ? undefined : readWebhookUrl(fallback, 'fallback_url'),
        }),
        ...(events && { events }),
        ...(description !== undefined && { description: readDescription(description) }),
      }
      const changed = await app.webhooks.change(request.params.id, (webhook) => ({
        ...webhook,
        ...changes,
        off: offAfter(webhook, state),
      }))
      if (!changed) throw new ProblemError(webhookNotFound)
      audit(request, 'webhook_changed', changed)
      return viewOf(changed)
    },
  )

  app.delete(
    '/webhooks/:id',
    {
      schema: {
        operationId: 'removeWebhook',
        tags: ['Webhooks'],
        summary: 'Remove an endpoint',
        description: 'What waits for it is not sent any more.',
        params: WebhookId,
        response: { 200: WebhookView },
      },
      config: {
        operation: {
          scope: 'webhooks:write',
          replies: { 200: 'The endpoint as it was.' },
          problems: ['webhook_not_found', 'store_unavailable'],
        },
      },
    },
    async (request) => {
      const removed = await app.webhooks.remove(request.params.id)
      if (!removed) throw new ProblemError(webhookNotFound)
      audit(request, 'webhook_removed', removed)
      const view = await viewOf(removed)
      await deliveries.forget(removed.id)
      return view
    },
  )

  app.post(
    '/webhooks/:id/rotate-secret',
    {
      schema: {
        operationId: 'rotateWebhookSecret',
        tags: ['Webhooks'],
        summary: 'Give an endpoint a new secret',
        description:
          'The reply has it, this once. The old one signs too for a while: each message has a signature by both.',
        params: WebhookId,
        body: RotateSecret,
        response: { 200: WebhookWithSecretView },
      },
      config: {
        operation: {
          scope: 'webhooks:write',
          replies: { 200: 'The new secret signs from now on.' },
          problems: ['webhook_not_found', 'store_unavailable'],
        },
      },
    },
    async (request, reply) => {
      const secret = newWebhookSecret()
      const seconds = request.body?.keep_old_for ?? OLD_SECRET_SECONDS
      const kept = { now: now(), keptMs: seconds * 1_000 }
      const changed = await app.webhooks.change(request.params.id, (webhook) =>
        withNewSecret(webhook, secret, kept),
      )
      if (!changed) throw new ProblemError(webhookNotFound)
      audit(request, 'webhook_secret_rotated', changed)
      return reply.header('cache-control', 'no-store').send({ ...(await viewOf(changed)), secret })
    },
  )

  app.post(
    '/webhooks/:id/test',
    {
      schema: {
        operationId: 'testWebhook',
        tags: ['Webhooks'],
        summary: 'Send `webhook.test` to an endpoint now',
        description: 'Once, to its first URL, also where it is off. The reply says what came of it.',
        params: WebhookId,
        response: { 200: TestedView },
      },
      config: {
        operation: {
          scope: 'webhooks:write',
          replies: { 200: 'It was sent.' },
          problems: ['webhook_not_found', 'store_unavailable'],
        },
      },
    },
    async ({ params, id: requestId }) => {
      const webhook = await webhookAt(params.id)
      const data = { version: EVENT_VERSION, webhook_id: webhook.id }
      const timestamp = new Date(now()).toISOString()
      const body = JSON.stringify({ type: 'webhook.test', timestamp, data })
      const posted = await deliveries.deliverer.send(webhook, eventId(webhook.id, requestId), body)
      return {
        delivered: isSuccess(posted),
        status: 'status' in posted ? posted.status : null,
        why: 'why' in posted ? posted.why : null,
      }
    },
  )

  app.post(
    '/webhooks/:id/redeliver',
    {
      schema: {
        operationId: 'redeliverSince',
        tags: ['Webhooks'],
        summary: 'Send all events since a time to an endpoint again',
        description: `At most ${MAX_REDELIVERED} at once, the oldest first.`,
        params: WebhookId,
        body: RedeliverSince,
        response: { 200: RedeliveredView },
      },
      config: {
        operation: {
          scope: 'webhooks:write',
          replies: { 200: 'They are sent soon.' },
          problems: ['webhook_not_found', 'webhook_off', 'store_unavailable'],
        },
      },
    },
    async ({ params, body }) => {
      const webhook = await webhookAt(params.id)
      if (webhook.off) throw new ProblemError(webhookOff)
      const query = {
        from: Date.parse(body.since),
        order: 'oldest first',
        limit: MAX_REDELIVERED + 1,
      } as const
      const found = await events.outbox.list(query)
      const [sent, [more]] = [found.events.slice(0, MAX_REDELIVERED), found.events.slice(MAX_REDELIVERED)]
      const wanted = sent.filter((event) => wants(webhook, event))
      for (const event of wanted) await deliveries.again(webhook.id, event)
      return {
        events: wanted.length,
        more_since: more ? new Date(more.listedAt).toISOString() : null,
      }
    },
  )

  async function webhookAt(id: string): Promise<Webhook> {
    const webhook = await app.webhooks.find(id)
    if (!webhook) throw new ProblemError(webhookNotFound)
    return webhook
  }

  async function viewsOf(all: readonly Webhook[]): Promise<WebhookView[]> {
    const failing = await deliveries.deliverer.failingSince(all.map(({ id }) => id))
    return all.map((webhook, i) => webhookView(webhook, { now: now(), failingSince: failing[i] }))
  }

  async function viewOf(webhook: Webhook): Promise<WebhookView> {
    const [view] = await viewsOf([webhook])
    return view as WebhookView
  }

  function offAfter({ off }: Webhook, state: 'on' | 'off' | undefined): Webhook['off'] {
    if (state === undefined) return off
    return state === 'on' ? undefined : (off ?? { why: 'request', at: now() })
  }

  function audit({ apiKey }: FastifyRequest, event: AuditEvent, { id }: Webhook): void {
    access.audit.add(event, { key: apiKey?.name, target: id })
  }
}

export default webhooks
