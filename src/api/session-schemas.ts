import { type Static, type TSchema, Type } from '@sinclair/typebox'
import { MAX_SESSION_SECONDS, MIN_SESSION_SECONDS, type SessionStatus } from '../masking/session.js'
import { CallSettings, CallSettingsView } from './call-options-schema.js'
import { cursorSchema } from './cursor-schema.js'

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

export const SOME_ID = 's_VGhpcyBpcyBhbiBpZCEhIQ'

/** One for each of the two participants. */
function pair<Of extends TSchema>(of: Of) {
  return Type.Array(of, { minItems: 2, maxItems: 2 })
}

export const PhoneNumberText = Type.String({
  title: 'PhoneNumberText',
  minLength: 1,
  maxLength: MAX_NUMBER_TEXT,
  description:
    'A phone number in any spelling, best with its country code, or a tel: URI. It is never returned.',
  examples: ['+91 88888 00001'],
})

const Metadata = Type.Unsafe<Record<string, string>>({
  title: 'Metadata',
  type: 'object',
  additionalProperties: { type: 'string', maxLength: MAX_METADATA_VALUE },
  maxProperties: MAX_METADATA_KEYS,
  propertyNames: { maxLength: MAX_METADATA_KEY },
  description: 'Texts of your own. They may not contain a participant’s number.',
  examples: [{ city: 'Pune' }],
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

const CreateParticipant = Type.Object(
  { number: PhoneNumberText },
  { title: 'NewParticipant', additionalProperties: false },
)

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
    call: Type.Optional(CallSettings),
    allow_short_rest: AllowShortRest,
    on_exhausted: Type.Optional(
      Type.Unsafe<'pin'>({
        type: 'string',
        enum: ['pin'],
        description:
          'Where no number is free for a person, rather give one that still rests, on which only their PIN connects them; the reply says `pin_only`.',
      }),
    ),
  },
  {
    title: 'NewSession',
    additionalProperties: false,
    examples: [
      {
        participants: [{ number: '+91 98000 00001' }, { number: '+91 98000 00002' }],
        expires_in: 3_600,
        external_id: 'ride-42',
        metadata: { city: 'Pune' },
      },
    ],
  },
)
export type CreateSession = Static<typeof CreateSession>

const ChangeParticipant = Type.Object(
  { number: Type.Optional(PhoneNumberText) },
  { title: 'ChangedParticipant', additionalProperties: false, description: 'Empty: this participant stays.' },
)

export const ChangeSession = Type.Object(
  {
    participants: Type.Optional(pair(ChangeParticipant)),
    ...Expiry,
    call: Type.Optional(CallSettings),
    allow_short_rest: AllowShortRest,
  },
  {
    title: 'SessionChange',
    additionalProperties: false,
    examples: [{ expires_in: 7_200 }, { participants: [{}, { number: '+91 98000 00003' }] }],
  },
)

export const IdempotencyHeaders = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: MAX_IDEMPOTENCY_KEY,
      examples: ['5f0c1d3e-0c5b-4c0e-9a55-1f3d5a1f2a77'],
      description:
        'Any text that is new for each request. It belongs to its request for as long as its session is remembered: sent again, it gets the same session, also when that is over.',
    }),
  ),
})

export const SessionId = Type.Object({
  id: Type.String({ maxLength: 64, description: 'The id of a session.', examples: [SOME_ID] }),
})

const Status = Type.Unsafe<SessionStatus>({
  title: 'SessionStatus',
  type: 'string',
  enum: ['open', 'closed', 'expired'],
  description: 'closed: ended before its time. expired: ended by its time.',
})

export const SessionQuery = Type.Object(
  {
    external_id: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: MAX_EXTERNAL_ID,
        description: 'All sessions that had this name, one after the other.',
        examples: ['ride-42'],
      }),
    ),
    status: Type.Optional(Status),
    from: Type.Optional(
      Type.String({ format: 'date-time', description: 'Sessions that were created then or later.' }),
    ),
    to: Type.Optional(
      Type.String({ format: 'date-time', description: 'Sessions that were created before.' }),
    ),
    cursor: Type.Optional(cursorSchema(`4102444800000.${SOME_ID}`)),
    limit: Type.Integer({
      minimum: 1,
      maximum: MAX_PAGE,
      default: DEFAULT_PAGE,
      description: 'How many sessions a page has at most. It may have fewer, and yet not be the last.',
    }),
  },
  { additionalProperties: false },
)

const PARTICIPANT_MEMBERS = {
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
  pin_only: Type.Optional(
    Type.Unsafe<true>({
      type: 'boolean',
      enum: [true],
      description: 'Only their PIN connects this participant: the masking number still rests for them.',
    }),
  ),
}

const ParticipantView = Type.Object(PARTICIPANT_MEMBERS, { title: 'Participant' })

const ParticipantWithPin = Type.Object(
  {
    ...PARTICIPANT_MEMBERS,
    pin: Type.Optional(
      Type.String({
        description:
          'The PIN with which this participant is connected from any phone. It is in this reply alone: nothing can show it again.',
        examples: ['4711'],
      }),
    ),
  },
  { title: 'ParticipantWithPin' },
)

/** The members of a session. */
export const SESSION_MEMBERS = {
  id: Type.String({ description: 'It cannot be guessed.' }),
  status: Status,
  participants: pair(ParticipantView),
  created_at: Type.String({ format: 'date-time' }),
  expires_at: Type.String({ format: 'date-time' }),
  closed_at: Type.Optional(Type.String({ format: 'date-time' })),
  external_id: Type.Optional(Type.String()),
  metadata: Type.Optional(Metadata),
  call: Type.Optional(CallSettingsView),
}

/** As `sessionView` shows it. */
export const SOME_SESSION = {
  id: SOME_ID,
  status: 'open',
  participants: [
    { masking_number: '+919000000011', hint: '…01' },
    { masking_number: '+919000000012', hint: '…02', rested_for: 90_000 },
  ],
  created_at: '2100-01-01T00:00:00.000Z',
  expires_at: '2100-01-01T01:00:00.000Z',
  external_id: 'ride-42',
}

export const SessionView = Type.Object(SESSION_MEMBERS, { title: 'Session', examples: [SOME_SESSION] })
export type SessionView = Static<typeof SessionView>

export const ChangedView = Type.Object(
  {
    ...SESSION_MEMBERS,
    durable: Type.Boolean({
      description:
        'Whether the change outlives the loss of a server of the store. If not, it holds now and is confirmed in the background.',
    }),
  },
  { title: 'ChangedSession', examples: [{ ...SOME_SESSION, durable: true }] },
)

/** The reply to what may have given somebody a PIN. */
export const ChangedWithPinsView = Type.Object(
  { ...ChangedView.properties, participants: pair(ParticipantWithPin) },
  { title: 'ChangedSessionWithPins', examples: [{ ...SOME_SESSION, durable: true }] },
)
export type ChangedWithPinsView = Static<typeof ChangedWithPinsView>

export const SessionPageView = Type.Object(
  {
    sessions: Type.Array(SessionView),
    next_cursor: Type.Unsafe<string | null>({
      type: ['string', 'null'],
      description: 'Where the next page begins; null after the last.',
    }),
  },
  {
    title: 'SessionPage',
    examples: [{ sessions: [SOME_SESSION], next_cursor: `4102444800000.${SOME_ID}` }],
  },
)
export type SessionPageView = Static<typeof SessionPageView>
