import { type Static, Type } from '@sinclair/typebox'
import { EVENT_TYPES } from '../events/event.js'
import { POST_FAILURES, type PostFailure } from '../events/post-failures.js'
import { MAX_WEBHOOKS, OFF_REASONS, type OffReason } from '../events/webhooks.js'
import { cursorSchema } from './cursor-schema.js'
import { SOME_EVENT_ID } from './event-schemas.js'
import { MAX_PAGE } from './session-schemas.js'

export const SOME_WEBHOOK_ID = 'wh_3yW6nC0bYt0mB1qk'
/** Characters of a URL and of a description. */
export const MAX_URL = 2_000
export const MAX_DESCRIPTION = 200
/** Seconds for which an old secret signs too. */
export const MAX_OLD_SECRET_SECONDS = 7 * 86_400
export const OLD_SECRET_SECONDS = 86_400
const DEFAULT_PAGE = 50

/** All that a filter may name: each type, all that begin alike, and everything. */
export const FILTERS: readonly string[] = [
  '*',
  ...new Set(EVENT_TYPES.map((type) => `${type.split('.')[0]}.*`)),
  ...EVENT_TYPES,
]

const EventFilter = Type.Array(
  Type.Unsafe<string>({ title: 'EventFilter', type: 'string', enum: [...FILTERS] }),
  {
    minItems: 1,
    maxItems: FILTERS.length,
    uniqueItems: true,
    description: 'Types of events, or `session.*` for all that begin so, or `*`.',
  },
)

const url = Type.String({
  minLength: 1,
  maxLength: MAX_URL,
  description: 'An https URL without a user, a password and a fragment.',
  examples: ['https://shop.example.com/hooks/callmask'],
})
const fallback = {
  type: ['string', 'null'],
  minLength: 1,
  maxLength: MAX_URL,
  description: 'Gets what the first URL did not take, at once; null: there is none.',
}
const description = Type.String({ maxLength: MAX_DESCRIPTION, description: 'For yourself.' })
const State = Type.Unsafe<'on' | 'off'>({ title: 'WebhookState', type: 'string', enum: ['on', 'off'] })

export const CreateWebhook = Type.Object(
  {
    url,
    fallback_url: Type.Optional(Type.Unsafe<string | null>(fallback)),
    events: Type.Optional(EventFilter),
    description: Type.Optional(description),
  },
  {
    title: 'NewWebhook',
    additionalProperties: false,
    examples: [{ url: 'https://shop.example.com/hooks/callmask', events: ['session.*', 'call.ended'] }],
  },
)

export const ChangeWebhook = Type.Object(
  {
    url: Type.Optional(url),
    fallback_url: Type.Optional(Type.Unsafe<string | null>(fallback)),
    events: Type.Optional(EventFilter),
    description: Type.Optional(description),
    state: Type.Optional(State),
  },
  { title: 'WebhookChange', additionalProperties: false, minProperties: 1, examples: [{ state: 'on' }] },
)

interface RotateSecret {
  readonly keep_old_for?: number
}

/** What the request for a new secret may say. It needs no body. */
export const RotateSecret = Type.Unsafe<RotateSecret | null>({
  title: 'SecretRotation',
  type: ['object', 'null'],
  properties: {
    keep_old_for: {
      type: 'integer',
      minimum: 0,
      maximum: MAX_OLD_SECRET_SECONDS,
      description: `Seconds for which the old secret signs too; ${OLD_SECRET_SECONDS} unless it is given.`,
    },
  },
  additionalProperties: false,
  examples: [{ keep_old_for: 3_600 }],
})

export const WebhookId = Type.Object({
  id: Type.String({ maxLength: 64, description: 'The id of an endpoint.', examples: [SOME_WEBHOOK_ID] }),
})

const time = (description: string) =>
  Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'date-time', description })

const members = {
  id: Type.String(),
  url: Type.String(),
  fallback_url: Type.Unsafe<string | null>({ type: ['string', 'null'] }),
  events: Type.Array(Type.String()),
  description: Type.String(),
  state: State,
  off_because: Type.Unsafe<OffReason | null>({
    type: ['string', 'null'],
    enum: [...OFF_REASONS, null],
    description: 'request: somebody asked for it. gone: it answered 410. failing: it failed for a day.',
  }),
  off_since: time('Since when nothing is sent.'),
  failing_since: time('Since when nothing was taken that was sent; null while all is well.'),
  old_secret_until: time('Until when an old secret signs too.'),
  created_at: Type.String({ format: 'date-time' }),
}

const SOME_WEBHOOK = {
  id: SOME_WEBHOOK_ID,
  url: 'https://shop.example.com/hooks/callmask',
  fallback_url: null,
  events: ['session.*', 'call.ended'],
  description: '',
  state: 'on',
  off_because: null,
  off_since: null,
  failing_since: null,
  old_secret_until: null,
  created_at: '2100-01-01T00:00:00.000Z',
}

export const WebhookView = Type.Object(members, { title: 'Webhook', examples: [SOME_WEBHOOK] })
export type WebhookView = Static<typeof WebhookView>

export const WebhookWithSecretView = Type.Object(
  {
    ...members,
    secret: Type.String({ description: 'With it you verify what is sent. It is shown this once.' }),
  },
  { title: 'WebhookWithSecret', examples: [{ ...SOME_WEBHOOK, secret: `whsec_${'A'.repeat(43)}=` }] },
)

export const WebhookListView = Type.Object(
  { webhooks: Type.Array(WebhookView, { description: `At most ${MAX_WEBHOOKS}.` }) },
  { title: 'WebhookList', examples: [{ webhooks: [SOME_WEBHOOK] }] },
)
export type WebhookListView = Static<typeof WebhookListView>

const Failure = Type.Unsafe<PostFailure | null>({
  type: ['string', 'null'],
  enum: [...POST_FAILURES, null],
  description: 'Why there was no answer.',
})
const Status = Type.Unsafe<number | null>({
  type: ['integer', 'null'],
  description: 'The HTTP status of the answer.',
})

export const TestedView = Type.Object(
  {
    delivered: Type.Boolean({ description: 'Whether it answered with 2xx within 10 seconds.' }),
    status: Status,
    why: Failure,
  },
  { title: 'WebhookTest', examples: [{ delivered: true, status: 204, why: null }] },
)

export const RedeliverSince = Type.Object(
  {
    since: Type.String({
      format: 'date-time',
      description: 'Events that were recorded then or later.',
      examples: ['2100-01-01T00:00:00.000Z'],
    }),
  },
  { title: 'Redelivery', additionalProperties: false, examples: [{ since: '2100-01-01T00:00:00.000Z' }] },
)

export const RedeliveredView = Type.Object(
  {
    events: Type.Integer({ description: 'How many are sent again.' }),
    more_since: time('Where there are more: ask again with this.'),
  },
  { title: 'Redelivered', examples: [{ events: 12, more_since: null }] },
)

const SOME_DELIVERY_ID = `${SOME_WEBHOOK_ID}.${SOME_EVENT_ID}`

export const DeliveryId = Type.Object({
  id: Type.String({ maxLength: 100, description: 'The id of a delivery.', examples: [SOME_DELIVERY_ID] }),
})

const DeliveryState = Type.Unsafe<'retrying' | 'failed'>({
  title: 'DeliveryState',
  type: 'string',
  enum: ['retrying', 'failed'],
  description: 'retrying: it is tried again. failed: not any more.',
})

export const DeliveryQuery = Type.Object(
  {
    state: Type.Optional(DeliveryState),
    webhook_id: Type.Optional(
      Type.String({ maxLength: 64, description: 'Those to this endpoint.', examples: [SOME_WEBHOOK_ID] }),
    ),
    cursor: Type.Optional(cursorSchema(`4102444800000.${SOME_DELIVERY_ID}`)),
    limit: Type.Integer({
      minimum: 1,
      maximum: MAX_PAGE,
      default: DEFAULT_PAGE,
      description: 'How many deliveries a page has at most. It may have fewer, and yet not be the last.',
    }),
  },
  { additionalProperties: false },
)

export const DeliveryView = Type.Object(
  {
    id: Type.String(),
    webhook_id: Type.String(),
    event_id: Type.String(),
    state: DeliveryState,
    attempts: Type.Integer({ description: 'How often it was sent.' }),
    last_attempt_at: time('When it was sent last.'),
    status: Status,
    why: Failure,
    next_attempt_at: time('When it is sent next.'),
  },
  {
    title: 'Delivery',
    examples: [
      {
        id: SOME_DELIVERY_ID,
        webhook_id: SOME_WEBHOOK_ID,
        event_id: SOME_EVENT_ID,
        state: 'retrying',
        attempts: 2,
        last_attempt_at: '2100-01-01T00:00:05.000Z',
        status: 500,
        why: null,
        next_attempt_at: '2100-01-01T00:00:38.000Z',
      },
    ],
  },
)
export type DeliveryView = Static<typeof DeliveryView>

export const DeliveryPageView = Type.Object(
  {
    deliveries: Type.Array(DeliveryView),
    next_cursor: Type.Unsafe<string | null>({
      type: ['string', 'null'],
      description: 'Where the next page begins; null after the last.',
    }),
  },
  { title: 'DeliveryPage', examples: [{ deliveries: [], next_cursor: null }] },
)
export type DeliveryPageView = Static<typeof DeliveryPageView>
