import { type Static, Type } from '@sinclair/typebox'
import type { NumberState } from '../masking/pool.js'
import { MAX_NUMBER_TEXT } from './session-schemas.js'

/** How many numbers one request may put into the pool. More would not fit into what a body may have. */
export const MAX_NEW_NUMBERS = 20
/** Characters of a number's label. */
export const MAX_LABEL = 60

const State = Type.Unsafe<NumberState>({
  title: 'NumberState',
  type: 'string',
  enum: ['active', 'draining'],
  description: 'draining: given to no new session; open ones keep working.',
})

const NumberText = Type.String({
  minLength: 1,
  maxLength: MAX_NUMBER_TEXT,
  description: 'A masking number in any spelling, best with its country code.',
  examples: ['+919000000011'],
})

const NewNumber = Type.Object(
  {
    number: NumberText,
    label: Type.Optional(
      Type.String({
        maxLength: MAX_LABEL,
        description: 'What you call it. It may not hold a phone number.',
        examples: ['rides in Pune'],
      }),
    ),
  },
  { title: 'NewMaskingNumber', additionalProperties: false },
)

export const NewNumbers = Type.Object(
  { numbers: Type.Array(NewNumber, { minItems: 1, maxItems: MAX_NEW_NUMBERS }) },
  {
    title: 'NewMaskingNumbers',
    additionalProperties: false,
    examples: [{ numbers: [{ number: '+919000000011', label: 'rides in Pune' }] }],
  },
)
export type NewNumbers = Static<typeof NewNumbers>

export const NumberChange = Type.Object(
  {
    state: Type.Optional(State),
    label: Type.Optional(
      Type.String({
        maxLength: MAX_LABEL,
        description: 'What you call it; empty: nothing. It may not hold a phone number.',
      }),
    ),
  },
  {
    title: 'MaskingNumberChange',
    additionalProperties: false,
    minProperties: 1,
    examples: [{ state: 'draining' }, { label: 'rides in Pune' }],
  },
)

export const NumberPath = Type.Object({
  number: Type.String({
    maxLength: MAX_NUMBER_TEXT,
    description: 'A number of the pool, in any spelling.',
    examples: ['+919000000011'],
  }),
})

const number = {
  number: Type.String({ description: 'A masking number.', examples: ['+919000000011'] }),
  state: State,
  country: Type.String({ description: 'Its ISO code; 001 for no single country.' }),
  label: Type.Optional(Type.String()),
  draining_since: Type.Optional(Type.String({ format: 'date-time' })),
}

const SOME_NUMBER = { number: '+919000000011', state: 'active', country: 'IN', label: 'rides in Pune' }
const DRAINING = { ...SOME_NUMBER, state: 'draining', draining_since: '2100-01-01T00:00:00.000Z' }

export const NumberView = Type.Object(number, { title: 'MaskingNumber', examples: [DRAINING] })
export type NumberView = Static<typeof NumberView>

const durable = Type.Boolean({
  description:
    'Whether the change outlives the loss of a server of the store. If not (202), it holds now: repeat the request to see whether it does by then.',
})

export const ChangedNumberView = Type.Object(
  { ...number, durable },
  { title: 'ChangedMaskingNumber', examples: [{ ...DRAINING, durable: true }] },
)

export const ChangedNumbersView = Type.Object(
  { numbers: Type.Array(NumberView), durable },
  { title: 'ChangedMaskingNumbers', examples: [{ numbers: [SOME_NUMBER], durable: true }] },
)

const UsedNumberView = Type.Object(
  {
    ...number,
    open_legs: Type.Unsafe<number | null>({
      type: ['integer', 'null'],
      description: 'How many people it would connect with somebody, as of counted_at.',
    }),
  },
  { title: 'UsedNumber' },
)

export const PoolView = Type.Object(
  {
    numbers: Type.Array(UsedNumberView),
    head_room: Type.Unsafe<number | null>({
      type: ['integer', 'null'],
      description:
        'For how many more sessions the busiest person has room, as of counted_at: the smallest number of free numbers that any person with an open session still has.',
    }),
    counted_at: Type.Unsafe<string | null>({
      type: ['string', 'null'],
      format: 'date-time',
      description:
        'The counts have all that happened until then. Null, as they are, before the service has counted for the first time.',
    }),
  },
  {
    title: 'Pool',
    examples: [
      {
        numbers: [{ ...SOME_NUMBER, open_legs: 2 }],
        head_room: 1,
        counted_at: '2100-01-01T00:00:00.000Z',
      },
    ],
  },
)
export type PoolView = Static<typeof PoolView>
