import { type Static, Type } from '@sinclair/typebox'
import { ASKER_NAME_PATTERN, MAX_ASKER_NAME } from '../access/asker-name.js'
import type { AuditCover } from '../access/audit-reader.js'
import { RING_LINES } from '../access/audit-ring.js'
import { AUDIT_EVENTS, type AuditEvent } from '../access/audit-trail.js'
import { cursorSchema } from './cursor-schema.js'
import { MAX_PAGE, SOME_ID } from './session-schemas.js'

const DEFAULT_PAGE = 50

const AuditEventSchema = Type.Unsafe<AuditEvent>({
  title: 'AuditEvent',
  type: 'string',
  enum: [...AUDIT_EVENTS],
  description: 'What happened. start and end: of an instance.',
})

export const AuditQuery = Type.Object(
  {
    event: Type.Optional(AuditEventSchema),
    key: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: MAX_ASKER_NAME,
        pattern: ASKER_NAME_PATTERN,
        description: 'What the key or the person of this name did.',
        examples: ['support'],
      }),
    ),
    operation: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z]{1,64}$',
        description: 'Requests of this operation.',
        examples: ['createSession'],
      }),
    ),
    session_id: Type.Optional(
      Type.String({
        pattern: '^s_[A-Za-z0-9_-]{1,62}$',
        description: 'What was about this session.',
        examples: [SOME_ID],
      }),
    ),
    from: Type.Optional(Type.String({ format: 'date-time', description: 'Then or later.' })),
    to: Type.Optional(Type.String({ format: 'date-time', description: 'Before.' })),
    cursor: Type.Optional(cursorSchema('40960.vQ2mZl4c5r6t7yA')),
    limit: Type.Integer({
      minimum: 1,
      maximum: MAX_PAGE,
      default: DEFAULT_PAGE,
      description:
        'How many entries a page has at most. It may have fewer, or none, and yet not be the last.',
    }),
  },
  { additionalProperties: false },
)

const textOrNull = (description: string) =>
  Type.Unsafe<string | null>({ type: ['string', 'null'], description })
const numberOrNull = (description: string) =>
  Type.Unsafe<number | null>({ type: ['integer', 'null'], description })

const AuditEntryView = Type.Object(
  {
    time: Type.String({ format: 'date-time' }),
    event: AuditEventSchema,
    key: textOrNull('The name of the key, or of a person who has signed in.'),
    source: textOrNull('The address that asked.'),
    operation: textOrNull('The operationId.'),
    session: textOrNull('The session that it was about.'),
    target: textOrNull(
      'The key that was made or revoked, the name whose sign-ins were ended, or the endpoint.',
    ),
    status: numberOrNull('The status of the reply.'),
    code: textOrNull('The code of the problem that was the reply.'),
    request: textOrNull('The id of the request, as in X-Request-Id.'),
    count: numberOrNull('How many of the kind this entry stands for. Null: one.'),
  },
  { title: 'AuditEntry' },
)
export type AuditEntryView = Static<typeof AuditEntryView>

export const AuditPageView = Type.Object(
  {
    covers: Type.Unsafe<AuditCover>({
      title: 'AuditCover',
      type: 'string',
      enum: ['file', 'instance', 'nothing'],
      description: `file: the file AUDIT_LOG, with all instances that share it. instance: the last ${RING_LINES} lines of the instance that answers, since its start. nothing: AUDIT_LOG is off, or its file cannot be read.`,
    }),
    entries: Type.Array(AuditEntryView),
    next_cursor: textOrNull('Where the next page begins; null after the last.'),
  },
  {
    title: 'AuditPage',
    examples: [
      {
        covers: 'file',
        entries: [
          {
            time: '2100-01-01T00:00:00.000Z',
            event: 'request',
            key: 'support',
            source: '192.0.2.7',
            operation: 'getSession',
            session: SOME_ID,
            target: null,
            status: 200,
            code: null,
            request: '6f1c2b9a-0d3e-4c58-9b7a-e2d4f60a8c13',
            count: null,
          },
        ],
        next_cursor: null,
      },
    ],
  },
)
export type AuditPageView = Static<typeof AuditPageView>
