import { readFileSync } from 'node:fs'
import { test } from 'tap'
import { cli, fetchWith, PUBLIC } from './cli-helper.js'
import { testClock } from './clocks.js'
import { API, build } from './helper.js'

/** Each command of the page, with what the page says it prints. */
const EXAMPLES = [
  ...readFileSync('docs/capacity.md', 'utf8').matchAll(/```sh\nnpx callmask (.*)\n```\n+```\n([\s\S]*?)```/g),
].map(([, command = '', shown = '']) => ({ args: command.split(' '), shown }))

test('a running service says what docs/capacity.md shows', async (t) => {
  const clock = testClock()
  const { app } = await build(
    t,
    { ...API.environment, MASKING_NUMBERS: numbers(12), SESSION_TTL: '864000' },
    clock,
  )
  let people = 10
  async function open(): Promise<void> {
    people += 1
    const participants = [{ number: '9800000001' }, { number: `98000000${people}` }]
    const request = {
      method: 'POST',
      url: '/v1/sessions',
      headers: API.headers,
      payload: { participants },
    } as const
    t.equal((await app.inject(request)).statusCode, 201)
  }
  for (const sessions of [4, 1, 2, 1]) {
    for (let i = 0; i < sessions; i++) await open()
    await clock.tick()
    clock.time += 24 * 60 * 60 * 1_000
  }
  await open()

  const [example] = EXAMPLES.filter(({ args }) => args[1] !== 'simulate')
  const { args = [], shown } = example ?? {}
  const environment = { API_KEYS: API.environment.API_KEYS }
  const { out } = await cli([...args, '--url', PUBLIC], environment, { fetch: fetchWith(app) })
  t.equal(out, shown)
})

test('a simulation prints what docs/capacity.md shows', async (t) => {
  const simulations = EXAMPLES.filter(({ args }) => args[1] === 'simulate')
  t.ok(simulations.length > 0)
  for (const { args, shown } of simulations) t.equal((await cli(args, {})).out, shown)
})

function numbers(count: number): string {
  return Array.from({ length: count }, (_, i) => `+${919_000_000_011 + i}`).join()
}
