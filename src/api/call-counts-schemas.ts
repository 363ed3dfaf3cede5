import { type Static, Type } from '@sinclair/typebox'
import { CALL_OUTCOMES, type CallOutcome } from '../calls/call-summary.js'
import { MAX_SUMMARY_DAYS } from './call-counts-request.js'

export const CallCountsQuery = Type.Object(
  {
    from: Type.Optional(
      Type.String({
        format: 'date-time',
        description: `From the whole hour in which this lies; by default 24 hours before the end. At most ${MAX_SUMMARY_DAYS} days before it.`,
      }),
    ),
    to: Type.Optional(
      Type.String({
        format: 'date-time',
        description: 'To the end of the whole hour before which this lies; by default of the current one.',
      }),
    ),
  },
  { additionalProperties: false },
)
export type CallCountsQuery = Static<typeof CallCountsQuery>

const count = (description?: string) =>
  Type.Integer({ minimum: 0, ...(description !== undefined && { description }) })
const time = (description: string) => Type.String({ format: 'date-time', description })

const Outcomes = Type.Unsafe<Readonly<Record<CallOutcome, number>>>(
  Type.Object(Object.fromEntries(CALL_OUTCOMES.map((outcome) => [outcome, count()])), {
    title: 'CallOutcomeCounts',
    description: 'How many calls had each outcome so far.',
  }),
)

const TOTAL = count('How many calls began. Those whose end is not told yet have no outcome.')

const HourView = Type.Object(
  { hour: time('When it begins: a whole hour in UTC.'), total: TOTAL, outcomes: Outcomes },
  { title: 'HourOfCalls' },
)

const UsesView = Type.Object(
  {
    dialled: count('How many calls came in on it.'),
    shown: count('How many phones were rung that showed it. This is what carriers judge a number by.'),
  },
  { title: 'NumberUses', description: 'Calls that were connected, or tried to be.' },
)

const NumberOfCallsView = Type.Object(
  {
    number: Type.String({ description: 'A masking number.', examples: ['+919000000011'] }),
    today: UsesView,
    yesterday: UsesView,
  },
  { title: 'NumberOfCalls', description: 'On this day and the one before, in UTC.' },
)

const SOME_OUTCOMES = { talked: 3, no_answer: 0, busy: 1, failed: 0, cancelled: 0, refused: 2 }

export const CallCountsView = Type.Object(
  {
    counted_at: time('When this was looked up. What an instance counted in the last second may be missing.'),
    from: time('When the first hour begins.'),
    to: time('When the last hour ends.'),
    total: TOTAL,
    outcomes: Outcomes,
    hours: Type.Array(HourView, { description: 'Every hour, the oldest first.' }),
    numbers: Type.Array(NumberOfCallsView, {
      description: 'The masking numbers that had calls yesterday or today, the busiest of today first.',
    }),
  },
  {
    title: 'CallCounts',
    examples: [
      {
        counted_at: '2100-01-01T05:42:00.000Z',
        from: '2100-01-01T05:00:00.000Z',
        to: '2100-01-01T06:00:00.000Z',
        total: 7,
        outcomes: SOME_OUTCOMES,
        hours: [{ hour: '2100-01-01T05:00:00.000Z', total: 7, outcomes: SOME_OUTCOMES }],
        numbers: [
          {
            number: '+919000000011',
            today: { dialled: 3, shown: 2 },
            yesterday: { dialled: 0, shown: 0 },
          },
        ],
      },
    ],
  },
)
export type CallCountsView = Static<typeof CallCountsView>
