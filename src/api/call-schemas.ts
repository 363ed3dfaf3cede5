import { type Static, Type } from '@sinclair/typebox'
import { CALL_OUTCOMES, CALL_STATES, type CallOutcome, type CallState } from '../calls/call-summary.js'
import { cursorSchema } from './cursor-schema.js'
import { MAX_PAGE, SOME_ID } from './session-schemas.js'

export const SOME_CALL_ID = '8b1f3c52-7a44-4a0f-9d5e-2f6a1c0e7b93'
const DEFAULT_PAGE = 50

export const CallId = Type.Object({
  id: Type.String({
    maxLength: 64,
    description: 'The id of a call: the CallUUID of the carrier.',
    examples: [SOME_CALL_ID],
  }),
})

const Outcome = Type.Unsafe<CallOutcome>({
  title: 'CallOutcome',
  type: 'string',
  enum: CALL_OUTCOMES,
  description: 'What became of it.',
})

const State = Type.Unsafe<CallState>({ title: 'CallState', type: 'string', enum: CALL_STATES })

const PAGE = {
  state: Type.Optional(State),
  outcome: Type.Optional(Outcome),
  from: Type.Optional(Type.String({ format: 'date-time', description: 'Calls that began then or later.' })),
  to: Type.Optional(Type.String({ format: 'date-time', description: 'Calls that began before.' })),
  cursor: Type.Optional(cursorSchema(`4102444800000.${SOME_CALL_ID}`)),
  limit: Type.Integer({
    minimum: 1,
    maximum: MAX_PAGE,
    default: DEFAULT_PAGE,
    description: 'How many calls a page has at most. It may have fewer, and yet not be the last.',
  }),
}

export const CallQuery = Type.Object(
  {
    session_id: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 64,
        description: 'Calls of this session.',
        examples: [SOME_ID],
      }),
    ),
    ...PAGE,
  },
  { additionalProperties: false },
)

export const SessionCallQuery = Type.Object(PAGE, { additionalProperties: false })

const nothing = (of: string) => Type.Unsafe<number | null>({ type: ['integer', 'null'], description: of })
const Side = Type.Unsafe<0 | 1 | null>({ type: ['integer', 'null'], enum: [0, 1, null] })

export const CallView = Type.Object(
  {
    id: Type.String({ description: 'The CallUUID of the carrier.' }),
    session_id: Type.Unsafe<string | null>({
      type: ['string', 'null'],
      description:
        'The session that connected it, or that had ended; null for the static pair and for strangers.',
    }),
    began_at: Type.String({ format: 'date-time' }),
    masking_number: Type.Unsafe<string | null>({
      type: ['string', 'null'],
      description: 'The number that was dialled.',
    }),
    caller: Type.Unsafe<0 | 1 | null>({
      ...Side,
      description: 'Which of the participants called; null for a stranger.',
    }),
    called: Type.Unsafe<0 | 1 | null>({ ...Side, description: 'Which of them was rung.' }),
    state: State,
    outcome: Type.Unsafe<CallOutcome | null>({
      type: ['string', 'null'],
      enum: [...CALL_OUTCOMES, null],
      description: 'Null while it is in progress.',
    }),
    refused_because: Type.Optional(Type.String({ description: 'Why it was not connected.' })),
    ring_seconds: nothing('How long the phone rang, where the carrier told it.'),
    talk_seconds: nothing('How long the two talked.'),
    ended_by: Type.Unsafe<string | null>({
      type: ['string', 'null'],
      enum: ['caller', 'called', 'business', 'carrier', null],
    }),
    cause: Type.Unsafe<string | null>({ type: ['string', 'null'], description: 'Why it ended, in words.' }),
    cause_code: Type.Unsafe<string | null>({
      type: ['string', 'null'],
      description: 'The same as the carrier’s code.',
    }),
    cost: Type.Unsafe<{ readonly amount: string; readonly currency: string } | null>({
      title: 'CallCost',
      type: ['object', 'null'],
      properties: { amount: { type: 'string' }, currency: { type: 'string' } },
      required: ['amount', 'currency'],
      description:
        'What its legs cost together, as an exact decimal; null until the carrier has told it, some time after the end.',
    }),
    pin_used: Type.Boolean({ description: 'Whether a PIN opened the way.' }),
    recording: Type.Unsafe<'none' | 'in_progress' | 'ready' | 'deleted'>({
      type: 'string',
      enum: ['none', 'in_progress', 'ready', 'deleted'],
    }),
    recording_seconds: Type.Optional(Type.Integer({ description: 'How long it is.' })),
  },
  {
    title: 'CallRecord',
    examples: [
      {
        id: SOME_CALL_ID,
        session_id: SOME_ID,
        began_at: '2100-01-01T00:00:00.000Z',
        masking_number: '+919000000011',
        caller: 0,
        called: 1,
        state: 'ended',
        outcome: 'talked',
        ring_seconds: 7,
        talk_seconds: 93,
        ended_by: 'called',
        cause: 'one of the two hung up',
        cause_code: '4000',
        cost: { amount: '1.8', currency: 'INR' },
        pin_used: false,
        recording: 'none',
      },
    ],
  },
)
export type CallView = Static<typeof CallView>

export const CallPageView = Type.Object(
  {
    calls: Type.Array(CallView),
    next_cursor: Type.Unsafe<string | null>({
      type: ['string', 'null'],
      description: 'Where the next page begins; null after the last.',
    }),
  },
  { title: 'CallPage', examples: [{ calls: [], next_cursor: null }] },
)
export type CallPageView = Static<typeof CallPageView>
