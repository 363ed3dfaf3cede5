import { type Test, test } from 'tap'
import { cli, fetchWith, PUBLIC } from '../../cli-helper.js'
import { testClock } from '../../clocks.js'
import { API, build } from '../../helper.js'

/** A command line for an instance with a pool of two countries. */
async function instance(t: Test) {
  const clock = testClock()
  const pool = '+919000000011,+919000000012,+12015550199'
  const { app } = await build(t, { ...API.environment, MASKING_NUMBERS: pool }, clock)
  const environment = { API_KEYS: API.environment.API_KEYS }
  const run = (...args: string[]) =>
    cli(['capacity', ...args, '--url', PUBLIC], environment, { fetch: fetchWith(app) })
  return { app, clock, run }
}

test('capacity says in words how far the pool goes, and then in a table', async (t) => {
  const { run } = await instance(t)
  t.same(await run(), {
    code: 0,
    out: `New sessions can be given 3 numbers.
Nobody has an open session, so head-room is 3.
It is too early for a trend: there are 0 whole days of counts, and it takes 3.
As of 2100-01-01T00:00:00.000Z.

COUNTRY  NUMBERS  DRAINING  PEOPLE  BUSIEST  HEAD-ROOM  MORE A DAY  GONE
IN       2        0         0       0        2          -           -
US       1        0         0       0        1          -           -
all      3        0         0       0        3          -           -
`,
    err: '',
    waits: [],
  })
})

test('capacity says how many numbers to rent', async (t) => {
  const { run } = await instance(t)
  t.match(
    (await run('--sessions-per-person', '2', '--sessions-per-day', '10', '--rest', '12h')).out,
    'For 2 open sessions a person, 10 sessions a day and a rest of 12 hours 12 numbers are always enough: rent 9 more.\nWhere the sessions end evenly through day and night 7 are.\n',
  )
  const { out } = await run('--sessions-per-person', '2', '--json')
  t.match(JSON.parse(out), {
    rent: { sessions_per_person: 2, rest: 86_400, numbers: 4 },
    all: { numbers: 3 },
  })
})

test('capacity tells a trend, and what is not counted yet', async (t) => {
  const { app, run, clock } = await instance(t)
  for (let i = 0; i < 3; i++) {
    await clock.tick()
    clock.time += 24 * 60 * 60 * 1_000
  }
  t.match((await run()).out, /^all {6}3 .* 3 {10}0 {11}-$/m)
  app.poolCounter.counts = async () => undefined
  const { out } = await run()
  t.match(out, /^all {6}3 {8}0 {9}\? {7}\? {8}\? /m)
  t.notMatch(out, /As of/)
})

test('capacity says what is wrong with an option', async (t) => {
  const { run } = await instance(t)
  t.match(await run('--rest', '1h'), { code: 2, err: /say --sessions-per-person too/ })
  t.match(await run('--sessions-per-day', '0'), { code: 2, err: /say --sessions-per-person too/ })
  for (const rest of ['60', '1w', '181d'])
    t.match(await run('--sessions-per-person', '1', '--rest', rest), {
      code: 2,
      err: /--rest is not valid: such as 2h/,
    })
  t.match(await run('--sessions-per-person', '9999'), { code: 1, err: /sessions_per_person/ })
})
