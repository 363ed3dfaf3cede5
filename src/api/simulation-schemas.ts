import { type Static, Type } from '@sinclair/typebox'
import { MAX_RETENTION_SECONDS } from '../masking/session.js'
import { EXPLANATION_MEMBERS } from './explanation-schemas.js'
import { MAX_NUMBER_TEXT, SOME_ID } from './session-schemas.js'

/** Seconds by which a simulated call can be ahead: as long as an ended session can be remembered. */
export const MAX_AHEAD_SECONDS = MAX_RETENTION_SECONDS

export const SimulatedCall = Type.Object(
  {
    from: Type.Optional(
      Type.String({
        maxLength: MAX_NUMBER_TEXT,
        description: 'Who calls. In its place, name a participant.',
      }),
    ),
    to: Type.Optional(
      Type.String({
        maxLength: MAX_NUMBER_TEXT,
        description:
          'The number that they dial. For a participant it is by default their own masking number, and may be the other one of the session.',
      }),
    ),
    session_id: Type.Optional(
      Type.String({
        maxLength: 64,
        description: 'The session that the asker knows. Only of this one is told what to dial instead.',
      }),
    ),
    caller: Type.Optional(
      Type.Unsafe<0 | 1>({
        type: 'integer',
        enum: [0, 1],
        description: 'Which participant of this session calls, in the place of `from`.',
      }),
    ),
    ahead_seconds: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: MAX_AHEAD_SECONDS,
        description: 'How long from now they call. Until then nothing else happens.',
      }),
    ),
  },
  {
    title: 'SimulatedCall',
    additionalProperties: false,
    examples: [
      { from: '+91 98000 00001', to: '+919000000011' },
      { session_id: SOME_ID, caller: 0, ahead_seconds: 3_600 },
    ],
  },
)
export type SimulatedCall = Static<typeof SimulatedCall>

const heard = (description: string) =>
  Type.Array(Type.String(), { description: `${description} Words, and URLs of files that are played.` })

const CalledPhone = Type.Object(
  {
    participant: Type.Unsafe<0 | 1 | null>({
      type: ['integer', 'null'],
      enum: [0, 1, null],
      description: 'Which of the participants is rung; null for a number of the business.',
    }),
    hint: Type.String({ description: 'The last two digits of the number that is rung.' }),
    shows: Type.String({ description: 'The masking number that the phone shows.' }),
    hears: heard('What is heard there before the two are connected.'),
  },
  { title: 'CalledPhone' },
)

const Ending = Type.Object(
  { caller_hears: heard('What the caller hears then.') },
  { title: 'SimulatedEnding' },
)

const PLAYED_MEMBERS = {
  document: Type.String({
    description:
      'What the carrier gets, with a hint in the place of the number, and with … for what is secret in URLs.',
  }),
  caller_hears: heard('What the caller hears before another phone rings.'),
  recorded: Type.Boolean(),
  called: Type.Optional(CalledPhone),
  endings: Type.Optional(
    Type.Object(
      { talked: Ending, busy: Ending, no_answer: Ending, failed: Ending },
      { title: 'SimulatedEndings', description: 'By what became of the call; absent where nobody is rung.' },
    ),
  ),
}

const PlayedCall = Type.Object(PLAYED_MEMBERS, { title: 'PlayedCall' })

const NO_WORDS = { caller_hears: [] }
const TRY_LATER = 'Please try again later.'

export const SimulationView = Type.Object(
  {
    at: Type.String({ format: 'date-time', description: 'When they call.' }),
    ...EXPLANATION_MEMBERS,
    asks_for_pin: Type.Boolean({ description: 'Whether the document asks the caller for a PIN.' }),
    ...PLAYED_MEMBERS,
    after_pin: Type.Optional(PlayedCall),
  },
  {
    title: 'Simulation',
    examples: [
      {
        at: '2100-01-01T00:00:00.000Z',
        outcome: 'connect',
        rule: 'session',
        explanation: 'The call is connected: the caller has an open session on this number.',
        masking_number: '+919000000011',
        session_id: SOME_ID,
        dial_instead: [],
        asks_for_pin: false,
        document:
          '<?xml version="1.0" encoding="UTF-8"?><Response><Dial callerId="+919000000012" timeout="30" timeLimit="3600" action="https://…/answer/dialled/…" callbackUrl="https://…/answer/leg/…"><Number>…02</Number></Dial></Response>',
        caller_hears: [],
        recorded: false,
        called: { participant: 1, hint: '…02', shows: '+919000000012', hears: [] },
        endings: {
          talked: NO_WORDS,
          busy: { caller_hears: [`The person whom you are calling is busy. ${TRY_LATER}`] },
          no_answer: { caller_hears: [`The person whom you are calling does not answer. ${TRY_LATER}`] },
          failed: { caller_hears: [`Your call could not be connected. ${TRY_LATER}`] },
        },
      },
    ],
  },
)
export type SimulationView = Static<typeof SimulationView>
