import { type Test, test } from 'tap'
import { FRESH_MS } from '../../src/masking/pool-counts.js'
import { testClock } from '../clocks.js'
import { documentCheck } from '../documented.js'
import { API, build } from '../helper.js'

const DAY = 24 * 60 * 60 * 1_000
const IN = ['+919000000011', '+919000000012', '+919000000013']
const US = '+12015550199'

/** An instance with a pool of three Indian numbers and one of the United States. */
async function service(t: Test, environment: Record<string, string> = {}) {
  const clock = testClock()
  const pool = { MASKING_NUMBERS: [...IN, US].join() }
  const built = await build(t, { ...API.environment, ...pool, ...environment }, clock)
  const undocumented = await documentCheck(built.app)
  async function show(query = '') {
    const request = { method: 'GET', url: `/v1/capacity${query}`, headers: API.headers } as const
    const reply = await built.app.inject(request)
    t.equal(undocumented(request, reply), undefined)
    return reply.json()
  }
  let people = 20
  /** Opens a session of somebody with a new person. */
  const open = (first: number, more: object = {}) => {
    people += 1
    return built.app.inject({
      method: 'POST',
      url: '/v1/sessions',
      headers: API.headers,
      payload: { participants: [{ number: `98000000${first}` }, { number: `98000000${people}` }], ...more },
    })
  }
  return { ...built, clock, show, open }
}

test('the capacity of a pool is told in sentences and figures, in all and by country', async (t) => {
  const { show, open, clock } = await service(t)
  t.match(await show(), {
    summary: [
      'New sessions can be given 4 numbers.',
      'Nobody has an open session, so head-room is 4.',
      'It is too early for a trend: there are 0 whole days of counts, and it takes 3.',
    ],
    counted_at: new Date(clock.time).toISOString(),
    open_sessions: 0,
    all: { numbers: 4, draining: 0, people: 0, held_by_busiest: 0, head_room: 4, busiest: [], trend: null },
    rent: null,
  })

  for (let i = 0; i < 3; i++) await open(11)
  await open(12)
  clock.time += FRESH_MS
  const indian = { numbers: 3, people: 6, held_by_busiest: 3, head_room: 0 }
  t.match(await show(), {
    summary: [
      'New sessions can be given 4 numbers.',
      '6 people have an open session. The busiest of them holds 3 of the numbers, open or at rest.',
      'Head-room is 1: so many more sessions that person can have before one is refused.',
      'Somebody holds all 3 numbers of IN: their next session gets a number of another country, if one is free.',
      'It is too early for a trend: there are 0 whole days of counts, and it takes 3.',
    ],
    all: {
      ...{ numbers: 4, people: 6, held_by_busiest: 3, held_by_99_in_100: 3, head_room: 1 },
      busiest: [
        { numbers: 3, people: 1 },
        { numbers: 1, people: 5 },
      ],
    },
    countries: [
      { country: 'IN', ...indian },
      { country: 'US', numbers: 1, people: 0, held_by_busiest: 0, head_room: 1 },
    ],
    days: [{ day: '2100-01-01', numbers: 4, held_by_busiest: 3, head_room: 1 }],
  })

  await open(11)
  clock.time += FRESH_MS
  const { summary, all } = await show()
  t.equal(all.head_room, 0)
  t.equal(summary[2], 'Head-room is 0: the next session of that person is refused. Rent more numbers now.')
  t.match((await open(11)).json(), { code: 'pool_exhausted' }, 'as it says')
})

test('the trend of some days says when the numbers are gone', async (t) => {
  const { show, open, clock } = await service(t, { SESSION_TTL: '8640000' })
  for (let i = 0; i < 3; i++) {
    if (i !== 1) await open(11)
    // The upkeep counts also where nobody asks.
    await clock.tick()
    clock.time += DAY
  }
  const told = await show()
  t.same(told.all.trend, { days: 3, per_day: 0.5, gone_in_days: 4, gone_on: '2100-01-08' })
  t.equal(
    told.summary.at(-1),
    'By the last 3 days the busiest person holds 0.5 more each day: at this rate the last number is gone on 2100-01-08, in 4 days.',
  )
  t.same(
    told.days.map(({ day, held_by_busiest }: Record<string, unknown>) => [day, held_by_busiest]),
    [
      ['2100-01-01', 1],
      ['2100-01-02', 1],
      ['2100-01-03', 2],
      ['2100-01-04', 2],
    ],
  )
})

test('who asks how many numbers to rent is told, by the settings or by what they say', async (t) => {
  const { show } = await service(t, { SESSION_TTL: '3600', NUMBER_REST: '7200' })
  const asked = await show('?sessions_per_person=3')
  t.same(asked.rent, {
    sessions_per_person: 3,
    sessions_per_day: null,
    rest: 7_200,
    numbers: 9,
    numbers_if_even: null,
    to_rent: 5,
    countries: [
      { country: 'IN', to_rent: 6 },
      { country: 'US', to_rent: 8 },
    ],
  })
  t.equal(
    asked.summary.at(-1),
    'For 3 open sessions a person and a rest of 2 hours 9 numbers are always enough: rent 5 more.',
  )
  const { rent, summary } = await show('?sessions_per_person=2&sessions_per_day=12&rest=3600')
  t.match(rent, { sessions_per_day: 12, rest: 3_600, numbers: 14, numbers_if_even: 3, to_rent: 10 })
  t.same(summary.slice(-2), [
    'For 2 open sessions a person, 12 sessions a day and a rest of 1 hour 14 numbers are always enough: rent 10 more.',
    'Where the sessions end evenly through day and night 3 are.',
  ])
})

test('a question that means nothing is refused, with what to do', async (t) => {
  const { show, app } = await service(t)
  t.match(await show('?rest=60'), { code: 'invalid_request', errors: [{ field: 'rest' }] })
  t.match(await show('?sessions_per_day=1'), { errors: [{ field: 'sessions_per_day' }] })
  t.match(await show('?sessions_per_person=0'), { errors: [{ field: 'sessions_per_person' }] })
  t.match(await show('?sessions_per_person=1&sessions_per_day=10001'), { code: 'invalid_request' })
  t.match(await show('?people=1'), { code: 'invalid_request' })
  t.equal((await app.inject({ url: '/v1/capacity' })).statusCode, 401)
})

test('before anything was counted nothing is said of use', async (t) => {
  const { app, show } = await service(t)
  app.poolCounter.counts = async () => undefined
  const { counted_at, all, summary } = await show()
  t.equal(counted_at, null)
  t.match(all, { numbers: 4, people: null, held_by_busiest: null, head_room: null, busiest: [], trend: null })
  t.match(summary[1], /is not counted yet/)
})
