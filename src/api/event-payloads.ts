import { type TSchema, Type } from '@sinclair/typebox'
import { CARRIER_TROUBLES, PIN_LOCKED } from '../calls/call-news.js'
import { CALL_OUTCOMES } from '../calls/call-summary.js'
import { EVENT_TYPES, EVENT_VERSION, type EventType } from '../events/event.js'
import { SOME_CALL_ID } from './call-schemas.js'
import { SOME_ID } from './session-schemas.js'

/** What is sent about one type of event. */
export interface EventPayload {
  /** What it tells. */
  readonly summary: string
  readonly data: TSchema
  /** One of its `data`. */
  readonly example: Readonly<Record<string, unknown>>
}

const version = Type.Literal(EVENT_VERSION, { description: 'Of this schema. New members do not change it.' })
const time = (description: string) => Type.String({ format: 'date-time', description })
const nullable = (type: string, description: string, more: object = {}) =>
  Type.Unsafe({ type: [type, 'null'], description, ...more })
const object = (members: Record<string, TSchema>) => Type.Object({ version, ...members })

const SESSION = {
  session_id: Type.String(),
  external_id: nullable('string', 'What you call it.'),
  sequence: Type.Integer({
    minimum: 1,
    description: 'Grows with each event of the session: what comes with a smaller one is older.',
  }),
  expires_at: time('The end of the session, as it is from then on.'),
}
const SOME_SESSION = {
  version: EVENT_VERSION,
  session_id: SOME_ID,
  external_id: 'order-1',
  sequence: 1,
  expires_at: '2100-01-02T00:00:00.000Z',
}

const SIDE = { enum: [0, 1, null] }
const CALL = {
  call_id: Type.String({ description: 'The CallUUID of the carrier.' }),
  session_id: nullable('string', 'Null for the static pair.'),
  caller: nullable('integer', 'Which of the participants called.', SIDE),
  called: nullable('integer', 'Which of them was rung.', SIDE),
  began_at: time('When the call began.'),
}
const SOME_CALL = {
  version: EVENT_VERSION,
  call_id: SOME_CALL_ID,
  session_id: SOME_ID,
  caller: 0,
  called: 1,
  began_at: '2100-01-01T00:00:00.000Z',
}
const RECORDING = { ...CALL, recording_id: Type.String({ description: 'The carrier’s id of it.' }) }
const SOME_RECORDING = { ...SOME_CALL, recording_id: '8b1f3c52-7a44-4a0f-9d5e-2f6a1c0e7b94' }

const session = (summary: string, sequence: number): EventPayload => ({
  summary,
  data: object(SESSION),
  example: { ...SOME_SESSION, sequence },
})
const call = (summary: string): EventPayload => ({ summary, data: object(CALL), example: SOME_CALL })

const number = (summary: string): EventPayload => ({
  summary,
  data: object({ number: Type.String({ description: 'The masking number.' }) }),
  example: { version: EVENT_VERSION, number: '+919000000011' },
})

const STORE = { down_at: time('Since when it did not answer.') }
const SOME_STORE = { version: EVENT_VERSION, down_at: '2100-01-01T00:00:00.000Z' }

/** What is sent, by the type of the event. */
export const EVENT_PAYLOADS: Readonly<Record<EventType, EventPayload>> = {
  'session.opened': session('A session is open.', 1),
  'session.changed': {
    summary: 'Its end, one of its participants, or what it says about its calls is another one.',
    data: object({
      ...SESSION,
      changed: Type.Array(Type.String({ enum: ['expires_at', 'participants.0', 'participants.1', 'call'] }), {
        description: 'What is.',
      }),
    }),
    example: { ...SOME_SESSION, sequence: 2, changed: ['expires_at'] },
  },
  'session.closed': session('Somebody closed it before its end.', 3),
  'session.expiring': session('It will end in SESSION_EXPIRING_BEFORE seconds.', 3),
  'session.expired': session('It ended by itself.', 4),
  'call.started': call('A participant called, and the other one is rung.'),
  'call.answered': call('The other one is on the line.'),
  'call.ended': {
    summary: 'The call is over. What is not known yet is null: GET /v1/calls/{id} has it later.',
    data: object({
      ...CALL,
      outcome: nullable('string', 'What became of it.', { enum: [...CALL_OUTCOMES, null] }),
      ring_seconds: nullable('integer', 'How long the phone rang.'),
      talk_seconds: nullable('integer', 'How long the two talked.'),
      ended_by: nullable('string', 'Who ended it.', {
        enum: ['caller', 'called', 'business', 'carrier', null],
      }),
      cause_code: nullable('string', 'Why it ended, as the carrier’s code.'),
    }),
    example: {
      ...SOME_CALL,
      outcome: 'talked',
      ring_seconds: 7,
      talk_seconds: 93,
      ended_by: 'called',
      cause_code: '4000',
    },
  },
  'call.refused': {
    summary: 'A call of a session was not connected. Calls of strangers are not told.',
    data: object({ ...CALL, refused_because: Type.String({ description: 'Why.' }) }),
    example: { ...SOME_CALL, refused_because: 'outside_hours' },
  },
  'recording.ready': {
    summary: 'The recording of a call can be had.',
    data: object(RECORDING),
    example: SOME_RECORDING,
  },
  'recording.deleted': {
    summary: 'The recording of a call was deleted at the carrier.',
    data: object(RECORDING),
    example: SOME_RECORDING,
  },
  'recording.failed': call(
    'A call was to be recorded, the two talked, and no recording came within an hour after its end.',
  ),
  'pin.failed': call('A caller of the session entered a wrong PIN as often as they may in one call.'),
  'pin.locked': {
    summary:
      'Wrong PINs locked a masking number for callers that it does not know, or a caller of the session on all masking numbers.',
    data: object({
      ...CALL,
      session_id: nullable('string', 'Null for a call of a stranger.'),
      locked: Type.String({ enum: [...PIN_LOCKED], description: 'Which of the two.' }),
      locked_until: time('Until when no PIN opens anything there.'),
    }),
    example: {
      ...SOME_CALL,
      session_id: null,
      caller: null,
      called: null,
      locked: 'number',
      locked_until: '2100-01-01T00:01:00.000Z',
    },
  },
  'number.added': number('A masking number is in the pool.'),
  'number.draining': number('A masking number is given to no new session.'),
  'number.activated': number('A masking number that drained is given to new sessions again.'),
  'number.removed': number('A masking number is no longer in the pool.'),
  'number.low_head_room': {
    summary: 'The busiest person has room for one more session at most: add numbers.',
    data: object({ head_room: Type.Integer({ description: 'For how many more sessions.' }) }),
    example: { version: EVENT_VERSION, head_room: 1 },
  },
  'carrier.trouble': {
    summary: 'The carrier does not connect calls until somebody does something about it. Told once an hour.',
    data: object({
      trouble: Type.String({ enum: [...CARRIER_TROUBLES] }),
      call_id: nullable(
        'string',
        'One of the calls that it ended. Null where the API of the carrier told of it.',
      ),
    }),
    example: { version: EVENT_VERSION, trouble: 'out_of_credit', call_id: SOME_CALL_ID },
  },
  'store.down': {
    summary: 'The shared store did not answer. Told once it does again.',
    data: object(STORE),
    example: SOME_STORE,
  },
  'store.up': {
    summary: 'The shared store answers again.',
    data: object({ ...STORE, down_seconds: Type.Integer({ description: 'For how long it did not.' }) }),
    example: { ...SOME_STORE, down_seconds: 42 },
  },
  'webhook.disabled': {
    summary: 'An endpoint was switched off. Told to the others.',
    data: object({
      webhook_id: Type.String(),
      why: Type.String({ enum: ['gone', 'failing'], description: 'It answered 410, or failed for a day.' }),
    }),
    example: { version: EVENT_VERSION, webhook_id: 'wh_3yW6nC0bYt0mB1qk', why: 'failing' },
  },
}

/** The body of what is sent: `call.ended` is `CallEndedEvent`. */
export function bodySchema(type: EventType): TSchema {
  const { data } = EVENT_PAYLOADS[type]
  return Type.Object(
    {
      type: Type.Literal(type),
      timestamp: Type.String({ format: 'date-time', description: 'When it happened.' }),
      data,
    },
    { title: `${pascalCase(type)}Event` },
  )
}

/** The events, as OpenAPI 3.1 describes what a service sends. */
export function describedWebhooks(): Record<string, object> {
  return Object.fromEntries(
    EVENT_TYPES.map((type) => {
      const { summary, example } = EVENT_PAYLOADS[type]
      const value = { type, timestamp: '2100-01-01T00:00:00.000Z', data: example }
      const content = { 'application/json': { schema: bodySchema(type), examples: { one: { value } } } }
      const post = {
        operationId: `on${pascalCase(type)}`,
        tags: ['Webhooks'],
        summary,
        security: [],
        requestBody: { required: true, content },
        responses: {
          '2XX': { description: 'It is taken.' },
          '410': { description: 'Send nothing any more.' },
        },
      }
      return [type, { post }]
    }),
  )
}

function pascalCase(type: string): string {
  return type.replaceAll(/(?:^|[._])(\w)/g, (_, letter: string) => letter.toUpperCase())
}
