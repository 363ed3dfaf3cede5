import { type Test, test } from 'tap'
import { MAX_NEW_NUMBERS } from '../../../src/api/number-schemas.js'
import { DRAIN_MS } from '../../../src/masking/pool.js'
import { cli, fetchWith, PUBLIC } from '../../cli-helper.js'
import { testClock } from '../../clocks.js'
import { API, build } from '../../helper.js'

const A = '+919000000011'
const [NEW, NEXT] = ['+919000000021', '+919000000022'] as const

/** A command line for an instance with a pool of one number. */
async function instance(t: Test) {
  const clock = testClock()
  const { app } = await build(t, { ...API.environment, MASKING_NUMBERS: A }, clock)
  const environment = { API_KEYS: API.environment.API_KEYS }
  const run = (...args: string[]) =>
    cli(['numbers', ...args, '--url', PUBLIC], environment, { fetch: fetchWith(app) })
  return { app, clock, run }
}

test('numbers add, drain, activate and remove change the pool of a running instance', async (t) => {
  const { run, clock } = await instance(t)
  const added = await run('add', NEW, NEXT, '--label', 'rides in Pune')
  t.equal(added.code, 0)
  t.match(added.out, `${NEW}  active  IN       rides in Pune\n${NEXT}  active  IN       rides in Pune\n`)
  t.match(await run('add', NEW), { code: 0, out: /rides in Pune/ }, 'again, nothing changes')

  t.match(await run('drain', NEW), { code: 0, out: /^state {5}draining\n.*^draining {2}2100-/ms })
  t.match(await run('remove', NEW), { code: 1, err: /set draining a moment ago/ })
  t.match(await run('activate', NEW), { code: 0, out: /^state {5}active$/m })
  t.match(await run('remove', NEW), { code: 1, err: /is given to new sessions/ })
  await run('drain', NEW)
  clock.time += DRAIN_MS
  t.match(await run('remove', NEW), { code: 0, out: `number    ${NEW}` })
  t.match(await run('remove', NEW), { code: 1, err: /not in the pool/ })

  const pool = await run('pool')
  t.match(
    pool.out,
    `${A}  active  IN       0          -\n${NEXT}  active  IN       0          rides in Pune\n`,
  )
  t.match(pool.out, /^Head-room 2, as of 2100-/m)
})

test('numbers pool says where nothing was counted yet', async (t) => {
  const { app, run } = await instance(t)
  app.poolCounter.counts = async () => undefined
  const { out } = await run('pool')
  t.match(out, `${A}  active  IN       ?          -\n`)
  t.match(out, 'The legs are not counted yet.')
})

test('an option behind a command of numbers is its own', async (t) => {
  const { run } = await instance(t)
  t.match(JSON.parse((await run('add', NEW, '--json')).out), { numbers: [{ number: NEW }] })
  t.match(JSON.parse((await run('pool', '--json')).out), { numbers: [{}, {}], head_room: 2 })
  t.match(JSON.parse((await run('remove', NEW, '--json')).out), {
    code: 'number_in_use',
    reason: 'not_draining',
  })
})

test('numbers add says what is wrong, without the number', async (t) => {
  const { run } = await instance(t)
  const wrong = await run('add', NEW, '12345')
  t.match(wrong, { code: 1, err: /numbers\[1\] is not a phone number/ })
  t.notMatch(wrong.err, /12345/)
  const many = Array.from({ length: MAX_NEW_NUMBERS + 1 }, (_, i) => String(919100000000 + i))
  t.match(await run('add', ...many), { code: 2, err: /at most 20 at once/ })
  t.match(
    await run('add', ...many.slice(1), '--label', 'x'.repeat(60)),
    { code: 0 },
    'as many as one body may have',
  )
  t.match(await run('add'), { code: 2, err: /missing required argument/ })
})
