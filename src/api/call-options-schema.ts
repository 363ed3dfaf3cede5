import { type Static, Type } from '@sinclair/typebox'
import { DAYS, type Day, MAX_CALLS_OF_SESSION, MAX_PROMPT } from '../masking/call-options.js'
import { LANGUAGES, VOICES, type Voice } from '../vobiz/document.js'

/** Seconds for which a phone rings at most, and that a call lasts at most. */
export const MAX_RING_SECONDS = 600
export const MAX_CALL_SECONDS = 24 * 60 * 60

function prompt(description: string) {
  return Type.String({
    minLength: 1,
    maxLength: MAX_PROMPT,
    description: `${description} Words to be spoken, or the https URL of an MP3 or WAV file.`,
  })
}

const TIME = { pattern: '^([01]\\d|2[0-3]):[0-5]\\d$' }

const Hours = Type.Object(
  {
    days: Type.Array(Type.Unsafe<Day>({ type: 'string', enum: DAYS }), {
      minItems: 1,
      maxItems: DAYS.length,
      uniqueItems: true,
    }),
    from: Type.String({ ...TIME, description: 'From when on calls are connected.' }),
    to: Type.String({
      ...TIME,
      description: 'From when on they are not any more. Before `from`, it means the next day.',
    }),
    time_zone: Type.String({ maxLength: 64, description: 'By the name of the IANA database.' }),
  },
  { title: 'Hours', additionalProperties: false },
)

const Record = Type.Object(
  {
    announcement: Type.Optional(
      prompt('What both hear before the recording begins; by default CALL_ANNOUNCEMENT.'),
    ),
    announce: Type.Optional(
      Type.Unsafe<false>({
        type: 'boolean',
        enum: [false],
        description: 'Say that nothing is to be announced, where the law does not ask for it.',
      }),
    ),
  },
  { title: 'Recording', additionalProperties: false },
)

const OffOrRecord = Type.Unsafe<false | Static<typeof Record>>({
  title: 'RecordingOrNot',
  anyOf: [{ type: 'boolean', enum: [false] }, Record],
  description: '`false`, or how calls are recorded.',
})

const AfterEnd = Type.Object(
  {
    say: Type.Optional(prompt('What a caller hears once the session is over.')),
    number: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        description: 'A number of the business that they reach in its place, such as a support line.',
      }),
    ),
  },
  {
    title: 'AfterEnd',
    minProperties: 1,
    maxProperties: 1,
    additionalProperties: false,
    description: 'By default they are refused, or hear CLOSED_MESSAGE, or reach SUPPORT_NUMBER.',
  },
)

const MEMBERS = {
  ring_timeout: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: MAX_RING_SECONDS,
      description: 'Seconds for which the other phone rings.',
    }),
  ),
  time_limit: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: MAX_CALL_SECONDS,
      description: 'Seconds that a call lasts at most.',
    }),
  ),
  max_calls: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: MAX_CALLS_OF_SESSION,
      description: 'How many calls are connected in all, answered or not.',
    }),
  ),
  hours: Type.Optional(Hours),
  greeting: Type.Optional(prompt('What a caller hears before the other phone rings.')),
  whisper: Type.Optional(prompt('What whoever is called hears before they are connected.')),
  language: Type.Optional(
    Type.String({
      maxLength: 10,
      description: `In which language words are spoken: ${LANGUAGES.join(', ')}. For any other give an audio file.`,
    }),
  ),
  voice: Type.Optional(Type.Unsafe<Voice>({ type: 'string', enum: VOICES })),
  record: Type.Optional(OffOrRecord),
  force_pin: Type.Optional(
    Type.Boolean({
      description: 'Ask participants for their PIN too, because whoever calls can forge their number.',
    }),
  ),
  remember_phone: Type.Optional(
    Type.Boolean({
      description:
        'A phone that entered the right PIN is a phone of that participant from then on, without a PIN.',
    }),
  ),
}

export const CallSettings = Type.Object(
  { ...MEMBERS, after_end: Type.Optional(AfterEnd) },
  {
    title: 'CallSettings',
    additionalProperties: false,
    description: 'About the calls of the session. What is left out follows the settings of the service.',
    examples: [{ time_limit: 1_800, greeting: 'You are being connected with your driver.' }],
  },
)
export type CallSettings = Static<typeof CallSettings>

export const CallSettingsView = Type.Object(
  {
    ...MEMBERS,
    after_end: Type.Optional(
      Type.Object(
        {
          say: Type.Optional(Type.String()),
          number_hint: Type.Optional(Type.String({ description: 'The last two digits of the number.' })),
        },
        { title: 'AfterEndView' },
      ),
    ),
  },
  { title: 'CallSettingsView' },
)
export type CallSettingsView = Static<typeof CallSettingsView>
