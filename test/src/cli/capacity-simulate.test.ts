import { test } from 'tap'
import { cli } from '../../cli-helper.js'

const simulate = (...args: string[]) => cli(['capacity', 'simulate', ...args], {})
const SOME = ['--people', '5', '--sessions-per-day', '12', '--rest', '2h', '--session-length', '30m'] as const

test('a simulation needs no service, and says how many numbers its sessions need', async (t) => {
  const { code, out, err } = await simulate(...SOME, '--numbers', '3')
  t.same([code, err], [0, ''])
  const lines = out.split('\n')
  t.match(lines, [
    /^5 people with 12 sessions a day each, 30 minutes long, and a rest of 2 hours: \d+ sessions in 2 days \(seed 1\)\.$/,
    /^The smallest pool that refuses nobody has \d+ numbers/,
    /^The most that one person had were \d+ sessions? open at once, and \d+ within 24 hours\.$/,
    /^A pool of 3 refuses \d+ sessions, of \d people\.$/,
    '',
    /^NUMBERS {2}REFUSED SESSIONS {2}OF PEOPLE$/,
  ])
  const pools = lines.slice(6, -1).map((line) => line.split(/ +/).map(Number))
  const [, smallest = 0] = /has (\d+) numbers/.exec(String(lines[1])) ?? []
  t.same(
    pools.map(([numbers]) => numbers),
    [3, Number(smallest) - 1, Number(smallest)],
  )
  t.same(
    pools.map(([, refused = 0]) => refused > 0),
    [true, true, false],
  )
})

test('a simulation is the same for the same seed, and JSON for scripts', async (t) => {
  const run = async (...args: string[]) => JSON.parse((await simulate(...SOME, '--json', ...args)).out)
  const first = await run()
  t.match(first, { people: 5, session_length: 1_800, rest: 7_200, days: 2, seed: 1, pools: [{}, {}] })
  t.equal(first.busiest.held, first.smallest_pool)
  t.same(await run('--seed', '1'), first)
  t.notSame(await run('--seed', '2'), { ...first, seed: 2 })
  t.equal((await run('--days', '1')).days, 1)
  const { pools, smallest_pool } = await run('--numbers', String(first.smallest_pool))
  t.equal(pools.length, 2, 'a size is tried once')
  t.same(pools.at(-1), { numbers: smallest_pool, refused_sessions: 0, refused_people: 0 })
})

test('a simulation by default has sessions and rests of a day', async (t) => {
  const { out } = await simulate('--people', '1', '--sessions-per-day', '1', '--json')
  t.match(JSON.parse(out), { rest: 86_400, session_length: 86_400, days: 3 })
})

test('a simulation that is too large, or means nothing, is refused with what to do', async (t) => {
  for (const [args, wrong] of [
    [['--people', '0', '--sessions-per-day', '1'], /--people is not valid/],
    [['--people', '1', '--sessions-per-day', '0'], /--sessions-per-day is not valid/],
    [['--people', '1', '--sessions-per-day', '1', '--days', '0'], /--days is not valid/],
    [['--people', '1', '--sessions-per-day', '1', '--session-length', '0s'], /--session-length is not valid/],
    [['--people', '1', '--sessions-per-day', '1', '--rest', 'long'], /--rest is not valid: such as 2h/],
    [
      ['--people', '1', '--sessions-per-day', '1', '--numbers', '2001'],
      /--numbers is not valid: at most 2000/,
    ],
    [['--people', '1', '--sessions-per-day', '1', '--seed', '4294967296'], /--seed is not valid: at most/],
    [
      ['--people', '10000', '--sessions-per-day', '10'],
      /300000 sessions in 3 days, .* at most 20000: take fewer/,
    ],
    [
      ['--people', '1', '--sessions-per-day', '101'],
      /would hold 202 numbers on average, .* at most 200: let/,
    ],
    [['--people', 'many', '--sessions-per-day', '1'], /whole number/],
    [['--people', '1'], /required option '--sessions-per-day/],
  ] as const)
    t.match(await simulate(...args), { code: 2, out: '', err: wrong })
})
