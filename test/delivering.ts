import { type Attempted, createDeliverer, type Deliverer } from '../src/events/deliverer.js'
import { createDeliveries, type Deliveries } from '../src/events/deliveries.js'
import { type BusinessEvent, EVENT_VERSION, eventId } from '../src/events/event.js'
import type { Post, Posted } from '../src/events/post.js'
import { createWebhooks, newWebhookSecret, type Webhook, type Webhooks } from '../src/events/webhooks.js'
import type { Storage } from '../src/masking/storage.js'
import { EVENT_RETENTION_MS, type Told, toldOver } from './told.js'

/** An endpoint's answer to what it is sent. */
export type Answer = (sent: Sent) => Posted | Promise<Posted>

export interface Sent {
  readonly url: string
  readonly id: string
  readonly type: string
}

export interface Delivering extends Omit<Told, 'relay'> {
  readonly webhooks: Webhooks
  readonly deliveries: Deliveries
  readonly deliverer: Deliverer
  readonly sent: Sent[]
  readonly attempts: Attempted[]
  readonly switchedOff: string[]
  add(id: string, more?: Partial<Webhook>): Promise<void>
  tell(...ids: readonly string[]): Promise<void>
}

export const OK: Posted = { status: 204 }

/** All of the sending of events, over a storage, with endpoints that answer like this. */
export function deliveringOver(storage: Storage, answer: Answer): Delivering {
  const webhooks = createWebhooks(storage)
  const told = toldOver(storage, { queues: webhooks.queues })
  const deliveries = createDeliveries(storage, EVENT_RETENTION_MS)
  const sent: Sent[] = []
  const attempts: Attempted[] = []
  const switchedOff: string[] = []
  const post: Post = async (url, headers, body) => {
    const one = { url, id: String(headers['webhook-id']), type: JSON.parse(body).type }
    sent.push(one)
    return answer(one)
  }
  const deliverer = createDeliverer({
    storage,
    webhooks,
    outbox: told.outbox,
    deliveries,
    post,
    random: () => 0,
    onOff: async ({ id }, why) => void switchedOff.push(`${id} ${why}`),
    onAttempt: (outcome) => attempts.push(outcome),
    onError: (error) => told.errors.push(error),
  })
  return {
    ...told,
    webhooks,
    deliveries,
    deliverer,
    sent,
    attempts,
    switchedOff,
    async add(id, more = {}) {
      const secrets = [{ secret: newWebhookSecret() }]
      const url = `https://${id}.test/`
      await webhooks.add({ id, url, events: ['*'], createdAt: storage.now(), secrets, ...more })
    },
    async tell(...ids) {
      await told.outbox.add(ids.map((id) => eventCalled(id, storage.now())))
    },
  }
}

/** `s_1/2`: the second event of the session s_1. */
export function eventCalled(name: string, at: number): BusinessEvent {
  const [sessionId = '', sequence] = name.split('/')
  const data = { version: EVENT_VERSION, sequence: Number(sequence) } as const
  return { id: eventId(name, ''), type: 'session.opened', at, sessionId, data }
}
