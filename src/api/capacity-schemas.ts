import { type Static, Type } from '@sinclair/typebox'
import { MAX_AHEAD_DAYS, MIN_TREND_DAYS } from '../capacity/trend.js'
import { MAX_POOL_NUMBERS } from '../masking/pool.js'
import { MAX_DAYS } from '../masking/pool-days.js'
import { MAX_SESSION_SECONDS } from '../masking/session.js'

/** How many sessions of one person in a day somebody may ask about. */
export const MAX_SESSIONS_PER_DAY = 10_000

export const CapacityQuery = Type.Object(
  {
    sessions_per_person: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MAX_POOL_NUMBERS,
        description: 'Also say how many numbers to rent: the most sessions that one person has open at once.',
        examples: [3],
      }),
    ),
    sessions_per_day: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: MAX_SESSIONS_PER_DAY,
        description:
          'For that: the most sessions of one person that end within 24 hours. Left out: as many as can be where each lasts SESSION_TTL.',
        examples: [36],
      }),
    ),
    rest: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: MAX_SESSION_SECONDS,
        description: 'For that: seconds that a number rests for a person; NUMBER_REST where it is left out.',
        examples: [86_400],
      }),
    ),
  },
  { additionalProperties: false },
)
export type CapacityQuery = Static<typeof CapacityQuery>

const count = (description: string) => Type.Integer({ description })
const countOrNull = (description: string) =>
  Type.Unsafe<number | null>({ type: ['integer', 'null'], description })

const Held = Type.Object(
  { numbers: count('How many numbers somebody holds.'), people: count('How many people hold so many.') },
  { title: 'HeldNumbers' },
)

const TrendSchema = Type.Object(
  {
    days: count('How many whole days it is made of: today is not over.'),
    per_day: Type.Number({
      description: 'By how many numbers the busiest person holds more each day. Below 0: less.',
    }),
    gone_in_days: countOrNull(
      `In how many days that person holds all numbers at this rate; null: not within ${MAX_AHEAD_DAYS} days.`,
    ),
    gone_on: Type.Unsafe<string | null>({
      type: ['string', 'null'],
      format: 'date',
      description: 'The same as a day, in UTC.',
    }),
  },
  { title: 'CapacityTrend' },
)
type TrendView = Static<typeof TrendSchema>

const use = {
  numbers: count('How many numbers new sessions can be given.'),
  draining: count('How many others there are, which only open sessions have.'),
  people: countOrNull('How many people hold any of them and have an open session.'),
  held_by_busiest: countOrNull(
    'The most that one of them holds: each number is open for them, or rests for them.',
  ),
  held_by_99_in_100: countOrNull('99 in 100 of them hold so many, or fewer.'),
  busiest: Type.Array(Held, { description: 'The people who hold the most, at most five lines.' }),
  head_room: countOrNull('The numbers that the busiest person does not hold.'),
  trend: Type.Unsafe<TrendView | null>({
    ...TrendSchema,
    type: ['object', 'null'],
    description: `How it goes on, by a straight line through at most ${MAX_DAYS} days; null with fewer than ${MIN_TREND_DAYS} whole days.`,
  }),
}

const Use = Type.Object(use, { title: 'CapacityUse' })
const CountryUse = Type.Object(
  { country: Type.String({ description: 'An ISO code; 001 for no single country.' }), ...use },
  { title: 'CapacityOfCountry' },
)

const Day = Type.Object(
  {
    day: Type.String({ format: 'date', description: 'In UTC.' }),
    numbers: count('How many numbers there were at last.'),
    held_by_busiest: count('The most that one person held on it.'),
    head_room: count('The least that there was on it.'),
  },
  { title: 'CapacityDay' },
)

const RentSchema = Type.Object(
  {
    sessions_per_person: Type.Integer(),
    sessions_per_day: Type.Unsafe<number | null>({ type: ['integer', 'null'] }),
    rest: Type.Integer({ description: 'Seconds.' }),
    numbers: count('How many numbers are always enough.'),
    numbers_if_even: countOrNull(
      'How many are enough where sessions end evenly through day and night; null without sessions_per_day.',
    ),
    to_rent: count('How many of them the pool does not have yet.'),
    countries: Type.Array(
      Type.Object({ country: Type.String(), to_rent: Type.Integer() }, { title: 'ToRentOfCountry' }),
      { description: 'The same for each country, whose people are to be given its numbers alone.' },
    ),
  },
  { title: 'ToRent' },
)
export type RentView = Static<typeof RentSchema>

const SOME_USE = {
  numbers: 20,
  draining: 1,
  people: 1200,
  held_by_busiest: 14,
  held_by_99_in_100: 7,
  busiest: [
    { numbers: 14, people: 1 },
    { numbers: 12, people: 3 },
  ],
  head_room: 6,
  trend: { days: 12, per_day: 0.25, gone_in_days: 24, gone_on: '2100-01-25' },
}

export const CapacityView = Type.Object(
  {
    summary: Type.Array(Type.String(), { description: 'The same in sentences, for people.' }),
    counted_at: Type.Unsafe<string | null>({
      type: ['string', 'null'],
      format: 'date-time',
      description:
        'All that happened until then is in the counts. Null, as they are, before the service has counted for the first time.',
    }),
    open_sessions: countOrNull('How many sessions are open.'),
    all: Use,
    countries: Type.Array(CountryUse, { description: 'The numbers of each country alone.' }),
    days: Type.Array(Day, {
      description: `The last days, the oldest first; today is not over. At most ${MAX_DAYS}.`,
    }),
    rent: Type.Unsafe<RentView | null>({
      ...RentSchema,
      type: ['object', 'null'],
      description: 'Null where nobody asked: name sessions_per_person.',
    }),
  },
  {
    title: 'Capacity',
    examples: [
      {
        summary: ['New sessions can be given 20 numbers, and 1 other drains.'],
        counted_at: '2100-01-01T12:00:00.000Z',
        open_sessions: 900,
        all: SOME_USE,
        countries: [{ country: 'IN', ...SOME_USE }],
        days: [{ day: '2100-01-01', numbers: 20, held_by_busiest: 14, head_room: 6 }],
        rent: null,
      },
    ],
  },
)
export type CapacityView = Static<typeof CapacityView>
export type UseView = Static<typeof Use>
