import { type Static, Type } from '@sinclair/typebox'
import { EVENT_TYPES, type EventType } from '../events/event.js'
import { cursorSchema } from './cursor-schema.js'
import { MAX_PAGE, SOME_ID } from './session-schemas.js'

export const SOME_EVENT_ID = 'evt_3yW6nC0bYt0mB1qk5o9XhA'
const DEFAULT_PAGE = 50

export const EventTypeSchema = Type.Unsafe<EventType>({
  title: 'EventType',
  type: 'string',
  enum: [...EVENT_TYPES],
  description: 'What happened.',
})

export const EventQuery = Type.Object(
  {
    type: Type.Optional(EventTypeSchema),
    session_id: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 64,
        description: 'Events of this session.',
        examples: [SOME_ID],
      }),
    ),
    from: Type.Optional(
      Type.String({ format: 'date-time', description: 'Events that were recorded then or later.' }),
    ),
    to: Type.Optional(Type.String({ format: 'date-time', description: 'Events that were recorded before.' })),
    order: Type.Optional(
      Type.Unsafe<'newest' | 'oldest'>({
        title: 'EventOrder',
        type: 'string',
        enum: ['newest', 'oldest'],
        description: 'Which come first. The newest do where nothing is said.',
      }),
    ),
    cursor: Type.Optional(cursorSchema(`4102444800000.${SOME_EVENT_ID}`)),
    limit: Type.Integer({
      minimum: 1,
      maximum: MAX_PAGE,
      default: DEFAULT_PAGE,
      description: 'How many events a page has at most. It may have fewer, and yet not be the last.',
    }),
  },
  { additionalProperties: false },
)

export const EventView = Type.Object(
  {
    id: Type.String({ description: 'The same as in the header webhook-id of what is sent.' }),
    type: EventTypeSchema,
    timestamp: Type.String({ format: 'date-time', description: 'When it happened.' }),
    recorded_at: Type.String({
      format: 'date-time',
      description: 'Since when it is here. Pages are in the order of this.',
    }),
    session_id: Type.Unsafe<string | null>({
      type: ['string', 'null'],
      description: 'The session that it is about, where there is one.',
    }),
    data: Type.Unsafe<Readonly<Record<string, unknown>>>({
      type: 'object',
      additionalProperties: true,
      description: 'As it is sent: `webhooks` of this document has a schema for each type.',
    }),
  },
  {
    title: 'Event',
    examples: [
      {
        id: SOME_EVENT_ID,
        type: 'session.opened',
        timestamp: '2100-01-01T00:00:00.000Z',
        recorded_at: '2100-01-01T00:00:00.020Z',
        session_id: SOME_ID,
        data: {
          version: 1,
          session_id: SOME_ID,
          external_id: 'order-1',
          sequence: 1,
          expires_at: '2100-01-02T00:00:00.000Z',
        },
      },
    ],
  },
)
export type EventView = Static<typeof EventView>

export const EventPageView = Type.Object(
  {
    events: Type.Array(EventView),
    next_cursor: Type.Unsafe<string | null>({
      type: ['string', 'null'],
      description: 'Where the next page begins; null after the last.',
    }),
  },
  { title: 'EventPage', examples: [{ events: [], next_cursor: null }] },
)
export type EventPageView = Static<typeof EventPageView>
