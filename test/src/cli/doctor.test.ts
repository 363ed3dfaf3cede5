import type { FastifyInstance } from 'fastify'
import { type Test, test } from 'tap'
import type { Finding } from '../../../src/checkup/finding.js'
import type { Io } from '../../../src/cli/io.js'
import { VERSION } from '../../../src/package-file.js'
import { cli, environmentOf, fetchWith, PUBLIC } from '../../cli-helper.js'
import { build } from '../../helper.js'
import { legRecord, rentedNumber, type StandIn, startStandIn } from '../../vobiz-stand-in.js'

const [M1, M2, M3] = ['+919000000001', '+919000000002', '+919000000003'] as const
const KEY = 'a-key-of-more-than-128-bits'
const NO_PAIR = { M1: '', M2: '', FE: '', CUSTOMER: '' }

/** Everything that a finding can be about, all well. */
interface World {
  readonly standIn: StandIn
  readonly app: FastifyInstance
  environment: Record<string, string>
  io: Partial<Io>
}

async function allWell(t: Test, settings: Record<string, string> = {}): Promise<World> {
  const standIn = await startStandIn([M1, M2, M3].map((e164) => rentedNumber(e164)))
  t.teardown(() => standIn.close())
  const environment = { ...environmentOf(standIn), WEBHOOK_AUTH: 'required', ...settings }
  const { app } = await build(t, environment)
  await cli(['setup'], environment)
  return { standIn, app, environment, io: { fetch: fetchWith(app) } }
}

async function findings({ environment, io }: World): Promise<{ code: number; all: Finding[] }> {
  const { code, out } = await cli(['doctor', '--json'], environment, io)
  return { code, all: JSON.parse(out) }
}

/** Answers the webhook with something else than callmask does. */
function answering(
  world: World,
  reply: (body: URLSearchParams, headers: Headers) => Response | undefined,
): void {
  const { fetch } = { fetch: fetchWith(world.app) }
  world.io = {
    ...world.io,
    fetch: async (input, init) => {
      const own = String(input).endsWith('/answer')
        ? reply(new URLSearchParams(String(init?.body)), new Headers(init?.headers))
        : undefined
      return own ?? fetch(input, init)
    },
  }
}

/** Answers everything at the public address with something else. */
function atPublic(world: World, reply: () => Response): void {
  const { fetch } = { fetch: fetchWith(world.app) }
  world.io = {
    fetch: async (input, init) => (String(input).startsWith(PUBLIC) ? reply() : fetch(input, init)),
  }
}

const xml = (content: string, status = 200) =>
  new Response(`<Response>${content}</Response>`, { status, headers: { 'content-type': 'application/xml' } })

test('doctor finds that everything is well', async (t) => {
  const world = await allWell(t)
  const { code, out } = await cli(['doctor'], world.environment, world.io)
  t.equal(code, 0)
  t.equal(
    out.replace(/\d+ ms/, 'N ms'),
    `✓ configuration: complete
✓ credentials: accepted
✓ application: callmask asks the Answer URL with POST
✓ number ${M1}: rented, takes calls, attached
✓ number ${M2}: rented, takes calls, attached
✓ concurrent calls: 0 of 10
✓ clock: at most 30 s off
✓ recent calls: none within a day
✓ public address: reached over https, answered by callmask ${VERSION}
✓ test call: ${M1} bridges, answered in N ms
✓ a stranger's call: refused
✓ an unsigned call: refused
✓ management API: off: no API_KEYS
`,
  )
  t.same(world.standIn.violations, [])
  t.notMatch(out, '8888800001', 'no real number')
})

test('doctor finds how recent calls of the account died', async (t) => {
  const world = await allWell(t)
  const end_time = new Date().toISOString()
  world.standIn.cdrs.set('a', legRecord('a', { hangup_cause_code: 8011, end_time }))
  const { code, out } = await cli(['doctor'], world.environment, world.io)
  t.equal(code, 1)
  t.match(out, '✗ recent calls: 1 of 1 ended at once')
  t.match(out, 'set ANSWER_FIRST=wait')
  t.notMatch(out, /8888800001|8888800002/, 'no real number')
  t.same(world.standIn.violations, [])
})

test('doctor covers a pool without a static pair, which has no known caller for a test call', async (t) => {
  const world = await allWell(t, { ...NO_PAIR, API_KEYS: KEY, MASKING_NUMBERS: `${M3},${M1}` })
  const called: (string | null)[] = []
  answering(world, (body) => {
    called.push(body.get('To'))
    return undefined
  })
  const { code, all } = await findings(world)
  t.equal(code, 0)
  t.same(
    all.slice(3).map(({ check, seen }) => `${check}: ${seen}`),
    [
      `number ${M3}: rented, takes calls, attached`,
      `number ${M1}: rented, takes calls, attached`,
      'concurrent calls: 0 of 10',
      'clock: at most 30 s off',
      'recent calls: none within a day',
      'store: in memory: sessions end with the process; run one instance',
      `public address: reached over https, answered by callmask ${VERSION}`,
      "a stranger's call: refused",
      'an unsigned call: refused',
      'management API: 2 numbers, head-room 2',
    ],
  )
  t.same(called, ['09000000003', '09000000003'], 'the first number of the pool is dialled')
})

test('doctor covers the static pair and the pool, each number once', async (t) => {
  const world = await allWell(t, { API_KEYS: KEY, MASKING_NUMBERS: `${M3},${M2}` })
  const { code, all } = await findings(world)
  t.equal(code, 0)
  const checks = all.map(({ check }) => check)
  t.same(
    checks.filter((check) => check.startsWith('number')),
    [`number ${M1}`, `number ${M2}`, `number ${M3}`],
  )
  t.ok(checks.includes('test call'))
  // CUSTOMER has M2 for ever, and could be given the other one.
  t.match(all.at(-1), { check: 'management API', ok: true, seen: '2 numbers, head-room 1' })

  Object.assign(world.standIn.numbers.get(M3) ?? {}, { is_blocked: true })
  t.match(
    (await findings(world)).all.find(({ check }) => check === `number ${M3}`),
    { ok: false, seen: 'is blocked' },
  )
})

test('doctor finds what is not well, and says what to do', async (t) => {
  const cases: {
    check: string
    seen: string | RegExp
    remedy: string | RegExp
    spoil: (world: World) => unknown
  }[] = [
    {
      check: 'configuration',
      seen: /M1 is missing/,
      remedy: 'correct the settings named here',
      spoil: ({ environment }) => (environment.M1 = ''),
    },
    {
      check: 'configuration',
      seen: /VOBIZ_AUTH_ID and VOBIZ_AUTH_TOKEN are needed/,
      remedy: /set it/,
      spoil: ({ environment }) => (environment.VOBIZ_AUTH_ID = ''),
    },
    {
      check: 'configuration',
      seen: /PUBLIC_BASE_URL is needed/,
      remedy: /set it/,
      spoil: ({ environment }) =>
        Object.assign(environment, { PUBLIC_BASE_URL: '', VOBIZ_AUTH_TOKEN: '', WEBHOOK_AUTH: 'optional' }),
    },
    {
      check: 'credentials',
      seen: /VOBIZ_AUTH_ID or VOBIZ_AUTH_TOKEN is wrong/,
      remedy: /nothing of the account/,
      spoil: ({ environment }) => (environment.VOBIZ_AUTH_TOKEN = 'wrong'),
    },
    {
      check: 'application',
      seen: 'there is none with the name other',
      remedy: 'run `npx callmask setup`',
      spoil: ({ environment }) => (environment.VOBIZ_APP_NAME = 'other'),
    },
    {
      check: 'application',
      seen: 'its method is GET',
      remedy: 'run `npx callmask setup`',
      spoil: ({ standIn }) => {
        for (const application of standIn.applications.values()) application.answer_method = 'GET'
      },
    },
    {
      check: 'application',
      seen: /its Answer URL is not/,
      remedy: 'run `npx callmask setup`',
      spoil: ({ standIn }) => {
        for (const application of standIn.applications.values())
          application.answer_url = 'https://x.example.com'
      },
    },
    ...(
      [
        [{ is_trial_number: true }, 'is a trial number, which gets no incoming calls', /rent a number/],
        [{ is_blocked: true }, 'is blocked', /ask Vobiz/],
        [{ voice_enabled: false }, 'takes no voice calls', /rent a number/],
        [{ trunk_group_id: 'trunk' }, /is on a SIP trunk/, /remove it/],
        [{ application_id: null }, 'is attached to no application', 'run `npx callmask setup`'],
        [{ application_id: '12345678901234567' }, 'is attached to another application', /--take-over/],
      ] as const
    ).map(([change, seen, remedy]) => ({
      check: `number ${M2}`,
      seen,
      remedy,
      spoil: ({ standIn }: World) => Object.assign(standIn.numbers.get(M2) ?? {}, change),
    })),
    {
      check: `number ${M2}`,
      seen: 'is not in the account',
      remedy: /rent it/,
      spoil: ({ standIn }) => standIn.numbers.delete(M2),
    },
    {
      check: 'concurrent calls',
      seen: '10 of 10',
      remedy: /5030/,
      spoil: ({ standIn }) => (standIn.concurrency = { concurrent_calls: 10, max_concurrent: 10 }),
    },
    {
      check: 'clock',
      seen: /^\d+ s off$/,
      remedy: /NTP/,
      spoil: ({ standIn }) => (standIn.date = new Date(Date.now() - 60_000)),
    },
    {
      check: 'public address',
      seen: 'is not https',
      remedy: /tunnel/,
      spoil: ({ environment }) => (environment.PUBLIC_BASE_URL = 'http://127.0.0.1:1'),
    },
    ...(
      [
        ['CERT_HAS_EXPIRED', /certificate/],
        ['ECONNREFUSED', /^nothing listens there: start the tunnel/],
        ['ENOTFOUND', /^there is no such host: correct PUBLIC_BASE_URL$/],
      ] as const
    ).map(([code, remedy]) => ({
      check: 'public address',
      seen: `no answer (${code})`,
      remedy,
      spoil: (world: World) =>
        atPublic(world, () => {
          throw Object.assign(new Error('fetch failed'), { cause: { code } })
        }),
    })),
    ...(
      [
        [() => new Response('hello'), 'something else answers there (status 200)', /PUBLIC_BASE_URL/],
        [() => Response.json(null), 'something else answers there (status 200)', /PUBLIC_BASE_URL/],
        [
          () => Response.json({ status: 'ok', strategy: 'other' }, { status: 404 }),
          'something else answers there (status 404)',
          /PUBLIC_BASE_URL/,
        ],
        [
          () => new Response('<html>Bad Gateway', { status: 502 }),
          'something on the way answers with 502',
          /npx callmask serve/,
        ],
      ] as const
    ).map(([reply, seen, remedy]) => ({
      check: 'public address',
      seen,
      remedy,
      spoil: (world: World) => atPublic(world, reply),
    })),
    {
      check: 'test call',
      seen: 'no answer in time',
      remedy: /log/,
      spoil: (world) =>
        answering(world, () => {
          throw 'gone'
        }),
    },
    {
      check: 'test call',
      seen: 'refused (403)',
      remedy: /VOBIZ_AUTH_TOKEN/,
      spoil: (world) => answering(world, () => new Response('', { status: 403 })),
    },
    {
      check: 'test call',
      seen: 'no document (status 502)',
      remedy: /proxy/,
      spoil: (world) => answering(world, () => new Response('<html>', { status: 502 })),
    },
    {
      check: 'test call',
      seen: 'no document (status 200)',
      remedy: /proxy/,
      spoil: (world) =>
        answering(world, () => new Response('<a/>', { headers: { 'content-type': 'application/xml' } })),
    },
    {
      check: 'test call',
      seen: 'it shows no masking number of this configuration',
      remedy: /other numbers/,
      spoil: (world) =>
        answering(world, () => xml('<Dial callerId="918888800001"><Number>1</Number></Dial>')),
    },
    {
      check: 'test call',
      seen: /^answered after \d+ ms$/,
      remedy: /nearer/,
      spoil: (world) => {
        let now = Date.now()
        world.io = { ...world.io, now: () => (now += 1_000) }
      },
    },
    {
      check: "a stranger's call",
      seen: 'connected to somebody',
      remedy: /take the service down/,
      spoil: (world) =>
        answering(world, () => xml('<Dial callerId="919000000002"><Number>918888800002</Number></Dial>')),
    },
    {
      check: 'an unsigned call',
      seen: 'no answer in time',
      remedy: /log/,
      spoil: (world) =>
        answering(world, () => {
          throw 'gone'
        }),
    },
    {
      check: 'an unsigned call',
      seen: 'no document (status 502)',
      remedy: /proxy/,
      spoil: (world) => answering(world, () => new Response('<html>', { status: 502 })),
    },
    {
      check: 'an unsigned call',
      seen: 'let in',
      remedy: /WEBHOOK_AUTH=required/,
      spoil: (world) =>
        answering(world, (_body, headers) => (headers.has('x-vobiz-signature-v3') ? undefined : xml(''))),
    },
  ]
  for (const { check, spoil, ...expected } of cases) {
    const world = await allWell(t)
    spoil(world)
    const { code, all } = await findings(world)
    t.equal(code, 1)
    t.match(
      all.find((finding) => finding.check === check),
      { ok: false, ...expected },
      `${check}: ${expected.seen}`,
    )
  }
})

test('doctor prints the remedy below a finding', async (t) => {
  const world = await allWell(t)
  world.environment.VOBIZ_APP_NAME = 'other'
  const { out } = await cli(['doctor'], world.environment, world.io)
  t.match(out, '✗ application: there is none with the name other\n    run `npx callmask setup`\n')
})

test('doctor accepts an API that does not tell limits or time, and unsigned calls where they are allowed', async (t) => {
  const world = await allWell(t)
  world.standIn.concurrency = undefined
  const { app } = await build(t, { ...world.environment, WEBHOOK_AUTH: 'optional' })
  world.environment.WEBHOOK_AUTH = 'optional'
  const fetchApp = fetchWith(app)
  world.io = {
    fetch: async (input, init) => {
      const reply = await fetchApp(input, init)
      if (!String(input).endsWith('limit=1&offset=0')) return reply
      return new Response(await reply.text(), { status: reply.status })
    },
  }
  const { code, all } = await findings(world)
  t.equal(code, 0)
  const seen = (name: string) => all.find(({ check }) => check === name)?.seen
  t.equal(seen('concurrent calls'), 'the API does not tell')
  t.equal(seen('clock'), 'the API does not tell its time')
  t.equal(seen('an unsigned call'), 'let in, as WEBHOOK_AUTH=optional says')
})

test('doctor blames a difference in settings, not the service, when its calls are refused', async (t) => {
  const world = await allWell(t)
  const { app } = await build(t, { ...world.environment, VOBIZ_AUTH_TOKEN: 'another-token' })
  world.io = { fetch: fetchWith(app) }
  const { code, all } = await findings(world)
  t.equal(code, 1)
  const remedy = /^the service has other VOBIZ_AUTH_TOKEN, PUBLIC_BASE_URL or WEBHOOK_ALLOWED_IPS than you/
  t.match(
    all.filter(({ ok }) => !ok),
    [
      { check: 'test call', seen: 'refused (403)', remedy },
      { check: "a stranger's call", seen: 'refused (403)', remedy },
    ],
  )
  t.notMatch(JSON.stringify(all), 'take the service down')
})

test('doctor recognises callmask with every strategy', async (t) => {
  const pool = { API_KEYS: KEY, MASKING_NUMBERS: M3 }
  for (const settings of [{}, pool, { ...NO_PAIR, ...pool }]) {
    const world = await allWell(t, settings)
    t.match(
      (await findings(world)).all.find(({ check }) => check === 'public address'),
      { ok: true, seen: `answered by callmask ${VERSION}` },
    )
  }
})
