import type { FastifyInstance } from 'fastify'
import { type Test, test } from 'tap'
import type { Finding } from '../../src/checkup/finding.js'
import { CHECKUP_LIMIT_MS } from '../../src/checkup/run-checkup.js'
import { cli, environmentOf, fetchWith, PUBLIC } from '../cli-helper.js'
import { type TestClock, testClock } from '../clocks.js'
import { documentCheckOnce } from '../documented.js'
import { PAIR } from '../fixtures.js'
import { API, build } from '../helper.js'
import { until } from '../redis-server.js'
import { rentedNumber, type StandIn, startStandIn } from '../vobiz-stand-in.js'

const REAL_NUMBERS = /8888800001|8888800002/
const [M1, M2] = [`+${PAIR.M1}`, `+${PAIR.M2}`]
const checkOf = documentCheckOnce()

interface World {
  readonly standIn: StandIn
  readonly app: FastifyInstance
  readonly clock: TestClock
  readonly logged: () => string
  readonly settings: Record<string, string>
  readonly ask: () => Promise<{ healthy: boolean; findings: Finding[] }>
  /** The URLs that the service asked for. */
  readonly asked: string[]
}

/** A service that reaches itself at its public address, with an account that is set up. */
async function serve(
  t: Test,
  environment: Record<string, string> = {},
  outside: typeof fetch = fetch,
): Promise<World> {
  const numbers = [M1, M2, ...API.environment.MASKING_NUMBERS.split(',').map((number) => `+${number}`)]
  const standIn = await startStandIn(numbers.map((number) => rentedNumber(String(number))))
  t.teardown(() => standIn.close())
  const settings = { ...environmentOf(standIn), ...API.environment, WEBHOOK_AUTH: 'required', ...environment }
  const clock = testClock(Date.now())
  const asked: string[] = []
  const reach: typeof fetch = (input, init) => {
    asked.push(String(input))
    return String(input).startsWith(PUBLIC) ? fetchWith(app)(input, init) : outside(input, init)
  }
  const { app, logged } = await build(t, settings, clock, reach)
  await cli(['setup'], settings)
  const undocumented = await checkOf(app)
  const ask = async () => {
    const request = { method: 'POST', url: '/v1/checkup', headers: API.headers } as const
    const reply = await app.inject(request)
    t.equal(undocumented(request, reply), undefined)
    t.equal(reply.statusCode, 200)
    t.notMatch(reply.body + logged(), REAL_NUMBERS)
    for (const secret of [standIn.authToken, API.environment.API_KEYS])
      t.notMatch(reply.body + logged(), secret, 'no secret')
    return reply.json()
  }
  return { standIn, app, clock, logged, settings, ask, asked }
}

const seenOf = ({ findings }: { findings: readonly Finding[] }) =>
  findings.map(({ check, seen }) => `${check}: ${seen.replace(/\d+ ms/, 'N ms')}`)

test('the service finds of itself what doctor finds', async (t) => {
  const { app, settings, ask, standIn } = await serve(t)
  const found = await ask()
  t.equal(found.healthy, true)
  const { out } = await cli(['doctor', '--json'], settings, { fetch: fetchWith(app) })
  t.same(seenOf(found), seenOf({ findings: JSON.parse(out) }))
  t.ok(seenOf(found).includes(`number ${M1}: rented, takes calls, attached`))
  t.ok(seenOf(found).includes('an unsigned call: refused'))
  t.same(standIn.violations, [])
})

test('what is not well is told with what to do', async (t) => {
  const { ask, standIn } = await serve(t)
  Object.assign(standIn.numbers.get(String(M2)) ?? {}, { is_blocked: true })
  const { healthy, findings } = await ask()
  t.equal(healthy, false)
  t.same(
    findings.filter(({ ok }) => !ok),
    [{ check: `number ${M2}`, ok: false, seen: 'is blocked', remedy: 'ask Vobiz why' }],
  )
})

test('without an account, or a file of its secret, the finding says what is missing', async (t) => {
  const without = await serve(t, { VOBIZ_AUTH_ID: '', VOBIZ_AUTH_TOKEN: '', WEBHOOK_AUTH: 'optional' })
  t.match(await without.ask(), {
    healthy: false,
    findings: [{ check: 'configuration', ok: false, seen: /^VOBIZ_AUTH_ID and VOBIZ_AUTH_TOKEN are needed/ }],
  })
  t.same(without.asked, [])

  const dir = t.testdir({ token: 'stand-in-token' })
  const inFile = await serve(t, { VOBIZ_AUTH_TOKEN: '', VOBIZ_AUTH_TOKEN_FILE: `${dir}/token` })
  t.ok(seenOf(await inFile.ask()).includes('credentials: accepted'))
})

test('what the carrier says is told without tokens and numbers', async (t) => {
  const said = 'the token stand-in-token of 918888800001 is not known'
  const { ask } = await serve(t, {}, async () => Response.json({ error: said }, { status: 401 }))
  const { findings } = await ask()
  t.match(
    findings.find(({ check }) => check === 'credentials'),
    { ok: false, seen: /the token … of …01 is not known/ },
  )
})

test('it asks for a second attempt while the carrier fails, as somebody who waits for a reply does', async (t) => {
  const { ask, clock, asked, standIn } = await serve(t)
  standIn.fault = () => ({ status: 503 })
  const reply = ask()
  await until('the attempts are made', () => clock.runOut(500) > 0 && asked.length > 3)
  let isDone = false
  const done = reply.then((found) => {
    isDone = true
    return found
  })
  await until('it is done', () => {
    clock.runOut(500)
    return isDone
  })
  t.match((await done).findings[1], { check: 'credentials', ok: false, seen: /a problem of its own/ })
  const lists = asked.filter((url) => url.includes('/numbers?'))
  t.equal(lists.length, 2)
})

test('one check-up goes on at a time, and ends when its time is over', async (t) => {
  const hangs: typeof fetch = (_, init) =>
    new Promise((_, reject) => init?.signal?.addEventListener('abort', () => reject(init.signal?.reason)))
  const { ask, app, clock, asked } = await serve(t, {}, hangs)
  const both = Promise.all([ask(), ask()])
  await until('it waits for the account', () => asked.filter((url) => !url.startsWith(PUBLIC)).length === 3)
  await until('its time is over', () => clock.runOut(CHECKUP_LIMIT_MS) > 0)
  const [one, other] = await both
  t.same(one, other)
  t.equal(asked.filter((url) => url.includes('/numbers?')).length, 1)
  t.match(
    one.findings.filter(({ ok }) => !ok),
    [
      { check: 'account', seen: 'was not examined to its end in time', remedy: 'run `npx callmask doctor`' },
      { check: 'recent calls' },
    ],
    'what was found until then is told',
  )

  const last = ask()
  await until('another one waits', () => asked.filter((url) => url.includes('/numbers?')).length === 2)
  await app.close()
  t.match(
    (await last).findings[1],
    { check: 'account', seen: /^was not examined/ },
    'nobody waits for it at the end',
  )
})

test('a key is sent to no address that only the file of settings names', async (t) => {
  const { runCheckup } = await import('../../src/checkup/run-checkup.js')
  const { settings, app, clock } = await serve(t)
  const findings = await runCheckup({
    environment: settings,
    fileEnvironment: { PUBLIC_BASE_URL: PUBLIC },
    fetch: (input, init) => {
      if (String(input).includes('/v1/numbers') && !String(input).includes('/Account/'))
        t.fail('the key was sent')
      return String(input).startsWith(PUBLIC) ? fetchWith(app)(input, init) : fetch(input, init)
    },
    clock,
    ending: new AbortController().signal,
  })
  t.match(findings.at(-1), { check: 'management API', ok: false, seen: 'not asked' })
})

test('what fails in a way that nobody thought of is a finding too', async (t) => {
  const { runCheckup } = await import('../../src/checkup/run-checkup.js')
  const { settings, clock } = await serve(t)
  const findings = await runCheckup({
    environment: settings,
    fileEnvironment: {},
    fetch: () => {
      throw new Error('+918888800001')
    },
    clock,
    ending: new AbortController().signal,
  })
  t.match(
    findings.find(({ check }) => check === 'service'),
    { ok: false, seen: 'could not be examined' },
  )
  t.notMatch(JSON.stringify(findings), REAL_NUMBERS)
})
