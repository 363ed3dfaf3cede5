import { randomBytes } from 'node:crypto'
import { untilUnchanged } from '../masking/attempts.js'
import { type Kept, type Storage, StoreUnavailableError } from '../masking/storage.js'
import type { BusinessEvent } from './event.js'
import { ALL_WEBHOOKS, dueOf } from './event-keys.js'
import type { QueuesOf } from './outbox.js'

/** Where events are sent to. */
export interface Webhook {
  readonly id: string
  /** https, without credentials. */
  readonly url: string
  /** Gets what the first one did not take. */
  readonly fallbackUrl?: string | undefined
  /** Types of events, `session.*` for all that begin so, or `*`. */
  readonly events: readonly string[]
  readonly description?: string | undefined
  /** Milliseconds since 1970. */
  readonly createdAt: number
  /** The newest first. */
  readonly secrets: readonly WebhookSecret[]
  /** Why and since when nothing is sent. */
  readonly off?: { readonly why: OffReason; readonly at: number } | undefined
}

export interface WebhookSecret {
  readonly secret: string
  /** Milliseconds since 1970, until when it signs besides the newest one. */
  readonly until?: number | undefined
}

/** `gone`: it answered 410. `failing`: for a day. */
export const OFF_REASONS = ['request', 'gone', 'failing'] as const
export type OffReason = (typeof OFF_REASONS)[number]

/** How many endpoints there can be. Each has a queue of its own. */
export const MAX_WEBHOOKS = 20
/** How many secrets of an endpoint sign at once. */
export const MAX_SECRETS = 3

const SECRET_BYTES = 32
const ID_BYTES = 12

/** The endpoints. All promises reject with a `StoreUnavailableError` when the store fails, or when they cannot be read. */
export interface Webhooks {
  all(): Promise<readonly Webhook[]>
  find(id: string): Promise<Webhook | undefined>
  /** False where there are too many already. */
  add(webhook: Webhook): Promise<boolean>
  /** What it is afterwards; undefined where there is none. */
  change(id: string, step: (webhook: Webhook) => Webhook): Promise<Webhook | undefined>
  /** What it was. */
  remove(id: string): Promise<Webhook | undefined>
  /** The queues of those that are on, by what they want to be told of. */
  queues(): Promise<QueuesOf>
}

/** All of them together: they are few. */
export function createWebhooks(storage: Storage): Webhooks {
  async function all(): Promise<readonly Webhook[]> {
    return webhooksIn(await read())
  }

  return {
    all,
    find: async (id) => (await all()).find((webhook) => webhook.id === id),
    add: (webhook) =>
      rewrite((webhooks) =>
        webhooks.length >= MAX_WEBHOOKS
          ? { answer: false }
          : { answer: true, webhooks: [...webhooks, webhook] },
      ),
    change: (id, step) =>
      rewrite((webhooks) => {
        const before = webhooks.find((webhook) => webhook.id === id)
        if (!before) return { answer: undefined }
        const answer = step(before)
        return { answer, webhooks: webhooks.map((webhook) => (webhook === before ? answer : webhook)) }
      }),
    remove: (id) =>
      rewrite((webhooks) => {
        const answer = webhooks.find((webhook) => webhook.id === id)
        return answer ? { answer, webhooks: webhooks.filter((other) => other !== answer) } : { answer }
      }),
    async queues() {
      const on = (await all()).filter(({ off }) => !off)
      return (event) => on.filter((webhook) => wants(webhook, event)).map(({ id }) => dueOf(id))
    },
  }

  async function read(): Promise<Kept | undefined> {
    const [kept] = await storage.read([ALL_WEBHOOKS])
    // What cannot be read may be all of them, and must not be written over.
    if (kept?.unreadable) throw new StoreUnavailableError()
    return kept
  }

  /** Decides by a pure step, which is taken again when another instance changed them meanwhile. */
  async function rewrite<Answer>(
    step: (webhooks: readonly Webhook[]) => {
      readonly answer: Answer
      readonly webhooks?: readonly Webhook[]
    },
  ): Promise<Answer> {
    const { answer } = await untilUnchanged(async () => {
      const was = await read()
      const { answer, webhooks } = step(webhooksIn(was))
      if (!webhooks) return { answer }
      return (await storage.swap({ key: ALL_WEBHOOKS, was, value: webhooks, until: Infinity }))
        ? { answer }
        : 'changed'
    })
    return answer
  }
}

function webhooksIn(kept: Kept | undefined): readonly Webhook[] {
  return (kept?.value as readonly Webhook[] | undefined) ?? []
}

/** Whether an endpoint wants to be told of an event. */
export function wants({ events }: Pick<Webhook, 'events'>, { type }: Pick<BusinessEvent, 'type'>): boolean {
  return events.some((wanted) =>
    wanted.endsWith('*') ? type.startsWith(wanted.slice(0, -1)) : wanted === type,
  )
}

export function newWebhookId(): string {
  return `wh_${randomBytes(ID_BYTES).toString('base64url')}`
}

/** As Standard Webhooks has it. */
export function newWebhookSecret(): string {
  return `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`
}

/** An endpoint with a new secret. The ones before sign too for a while. */
export function withNewSecret(
  webhook: Webhook,
  secret: string,
  { now, keptMs }: { readonly now: number; readonly keptMs: number },
): Webhook {
  const until = now + keptMs
  const before = signingSecrets(webhook, now).map((old) => ({
    ...old,
    until: Math.min(old.until ?? until, until),
  }))
  return { ...webhook, secrets: [{ secret }, ...(keptMs > 0 ? before : [])].slice(0, MAX_SECRETS) }
}

/** Those that sign now. */
export function signingSecrets({ secrets }: Webhook, now: number): readonly WebhookSecret[] {
  return secrets.filter(({ until }) => until === undefined || now < until)
}
