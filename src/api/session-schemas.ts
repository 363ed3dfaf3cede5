import { type Static, type TSchema, Type } from '@sinclair/typebox'
import { MAX_SESSION_SECONDS, MIN_SESSION_SECONDS } from '../masking/session.js'

/** Characters of what a client may store with a session. */
export const MAX_EXTERNAL_ID = 191
export const MAX_IDEMPOTENCY_KEY = 255
export const MAX_METADATA_KEYS = 20
export const MAX_METADATA_KEY = 40
export const MAX_METADATA_VALUE = 500
/** Characters of a phone number in any spelling. */
export const MAX_NUMBER_TEXT = 100
export const MAX_PAGE = 200
const DEFAULT_PAGE = 50

/** One for each of the two participants. */
function pair<Of extends TSchema>(of: Of) {
  return Type.Array(of, { minItems: 2, maxItems: 2 })
}

const PhoneNumberText = Type.String({
  minLength: 1,
  maxLength: MAX_NUMBER_TEXT,
  description: 'A phone number in any spelling, best with its country code. It is never returned.',
  examples: ['+91 88888 00001'],
})

const Metadata = Type.Record(Type.String(), Type.String({ maxLength: MAX_METADATA_VALUE }), {
  maxProperties: MAX_METADATA_KEYS,
  propertyNames: { maxLength: MAX_METADATA_KEY },
  description: 'Texts of your own. They may not contain a participant’s number.',
})

const Expiry = {
  expires_in: Type.Optional(
    Type.Integer({
      minimum: MIN_SESSION_SECONDS,
      maximum: MAX_SESSION_SECONDS,
      description: 'Seconds from now. The default is SESSION_TTL.',
    }),
  ),
  expires_at: Type.Optional(Type.String({ format: 'date-time', description: 'In place of expires_in.' })),
}

const AllowShortRest = Type.Optional(
  Type.Boolean({
    description:
      'Rather give a number that still rests for a person than none; the reply reports `rested_for`.',
  }),
)

const CreateParticipant = Type.Object({ number: PhoneNumberText }, { additionalProperties: false })

export const CreateSession = Type.Object(
  {
    participants: pair(CreateParticipant),
    ...Expiry,
    external_id: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: MAX_EXTERNAL_ID,
        description:
          'Your own name for the session, such as an order. While a session of that name is open, the same request gets it and another one is a conflict; once it is over, a new session may take the name.',
      }),
    ),
    metadata: Type.Optional(Metadata),
    allow_short_rest: AllowShortRest,
  },
  { additionalProperties: false },
)
export type CreateSession = Static<typeof CreateSession>

const ChangeParticipant = Type.Object(
  { number: Type.Optional(PhoneNumberText) },
  { additionalProperties: false, description: 'Empty: this participant stays.' },
)

export const ChangeSession = Type.Object(
  {
    participants: Type.Optional(pair(ChangeParticipant)),
    ...Expiry,
    allow_short_rest: AllowShortRest,
  },
  { additionalProperties: false },
)

export const IdempotencyHeaders = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: MAX_IDEMPOTENCY_KEY,
      description:
        'Any text that is new for each request. It belongs to its request for as long as its session is remembered: sent again, it gets the same session, also when that is over.',
    }),
  ),
})

export const SessionId = Type.Object({
  id: Type.String({ maxLength: 64, examples: ['s_VGhpcyBpcyBhbiBpZC4'] }),
})

const Status = Type.Union([Type.Literal('open'), Type.Literal('closed'), Type.Literal('expired')])

export const SessionQuery = Type.Object(
  {
    external_id: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: MAX_EXTERNAL_ID,
        description: 'All sessions that had this name, one after the other.',
      }),
    ),
    status: Type.Optional(Status),
    cursor: Type.Optional(
      Type.String({
        pattern: '^\\d{1,16}\\.[\\w-]{1,64}$',
        description: 'The next_cursor of the page before.',
      }),
    ),
    limit: Type.Integer({ minimum: 1, maximum: MAX_PAGE, default: DEFAULT_PAGE }),
  },
  { additionalProperties: false },
)

const ParticipantView = Type.Object({
  masking_number: Type.String({
    description: 'The number that this participant dials. The other one sees it when they are called.',
    examples: ['+919000000001'],
  }),
  hint: Type.String({ description: 'The last two digits of the real number.', examples: ['…01'] }),
  rested_for: Type.Optional(
    Type.Integer({
      description: 'Seconds since the masking number meant somebody else to this participant.',
    }),
  ),
})

export const SessionView = Type.Object({
  id: Type.String(),
  status: Status,
  participants: pair(ParticipantView),
  created_at: Type.String({ format: 'date-time' }),
  expires_at: Type.String({ format: 'date-time' }),
  closed_at: Type.Optional(Type.String({ format: 'date-time' })),
  external_id: Type.Optional(Type.String()),
  metadata: Type.Optional(Type.Record(Type.String(), Type.String())),
})
export type SessionView = Static<typeof SessionView>

export const ChangedView = Type.Composite([
  SessionView,
  Type.Object({
    durable: Type.Boolean({
      description:
        'Whether the change outlives the loss of a server of the store. If not (202), it holds now and is confirmed in the background.',
    }),
  }),
])

export const SessionPageView = Type.Object({
  sessions: Type.Array(SessionView),
  next_cursor: Type.Union([Type.String(), Type.Null()], {
    description: 'Where the next page begins; null after the last.',
  }),
})
