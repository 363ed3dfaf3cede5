import { type FoundDelivery, readDeliveryId } from '../events/deliveries.js'
import { signingSecrets, type Webhook } from '../events/webhooks.js'
import type { DeliveryView, WebhookView } from './webhook-schemas.js'

/** An endpoint as the API shows it: without its secret. */
export function webhookView(
  webhook: Webhook,
  { now, failingSince }: { readonly now: number; readonly failingSince: number | undefined },
): WebhookView {
  const { id, url, fallbackUrl, events, description, createdAt, off } = webhook
  const [, old] = signingSecrets(webhook, now)
  return {
    id,
    url,
    fallback_url: fallbackUrl ?? null,
    events: [...events],
    description: description ?? '',
    state: off ? 'off' : 'on',
    off_because: off?.why ?? null,
    off_since: timeOf(off?.at),
    failing_since: timeOf(failingSince),
    old_secret_until: timeOf(old?.until),
    created_at: new Date(createdAt).toISOString(),
  }
}

export function deliveryView(delivery: FoundDelivery): DeliveryView {
  const { id, attempts, state, lastAt, nextAt, status, why } = delivery
  const { webhookId, eventId } = readDeliveryId(id)
  return {
    id,
    webhook_id: webhookId,
    event_id: eventId,
    state: state === 'failed' ? 'failed' : 'retrying',
    attempts,
    last_attempt_at: timeOf(lastAt),
    status: status ?? null,
    why: why ?? null,
    next_attempt_at: timeOf(nextAt),
  }
}

function timeOf(at: number | undefined): string | null {
  return at === undefined ? null : new Date(at).toISOString()
}
