import { type Test, test } from 'tap'
import { examineApi } from '../../../src/checkup/examine-api.js'
import type { Io } from '../../../src/cli/io.js'
import { readConfig } from '../../../src/config/validation.js'
import { cli, fetchWith, PUBLIC } from '../../cli-helper.js'
import { testClock } from '../../clocks.js'
import { PAIR } from '../../fixtures.js'
import { build } from '../../helper.js'

const KEY = 'a-key-of-more-than-128-bits'
const PAIR_ONLY = { ...PAIR, PUBLIC_BASE_URL: PUBLIC }
const WITH_POOL = { ...PAIR_ONLY, MASKING_NUMBERS: '+919000000003' }
const WITH_API = { ...WITH_POOL, API_KEYS: KEY }

/** A service with these settings, as its public address shows it. It counts its numbers when it is asked, and not in between. */
async function serviceWith(t: Test, settings: Record<string, string>): Promise<typeof fetch> {
  const { app } = await build(t, settings, testClock())
  return fetchWith(app)
}

/** What doctor finds with these settings, when this answers. */
async function finding(...asked: Parameters<typeof findings>) {
  const [found, ...more] = await findings(...asked)
  if (more.length > 0) throw new Error('there is more than one finding')
  return found
}

async function findings(
  settings: Record<string, string>,
  fetch: typeof globalThis.fetch,
  fileEnvironment: Record<string, string> = {},
) {
  const io = { environment: settings, fileEnvironment, fetch } as unknown as Io
  return examineApi(io, readConfig(settings))
}

test('where there are only hashes of keys, there is none to ask with', async (t) => {
  const unasked = async () => t.fail('asked') as never
  const line = `support/admin/never/${'0'.repeat(16)}.${'A'.repeat(43)}`
  t.match(await finding({ ...WITH_POOL, API_KEY_HASHES: line }, unasked), { ok: true, seen: /^not asked: / })
  const people = {
    OIDC_ISSUER: 'https://id.shop.example',
    OIDC_CLIENT_ID: 'callmask',
    OIDC_ROLES: 'admin=admins',
    CONSOLE_URL: 'https://desk.example',
  }
  t.match(await finding({ ...WITH_POOL, ...people }, unasked), { ok: true, seen: 'not asked: no API_KEYS' })
})

test('without API_KEYS the API is reported as off, which is a fault when there is a pool', async (t) => {
  const unasked = async () => t.fail('asked') as never
  t.same(await finding(PAIR_ONLY, unasked), {
    check: 'management API',
    ok: true,
    seen: 'off: no API_KEYS',
  })
  t.match(await finding(WITH_POOL, unasked), {
    check: 'management API',
    ok: false,
    seen: 'off: no API_KEYS',
    remedy: /^set API_KEYS: .* can be given to nobody$/,
  })
})

test('doctor sends no key of the environment to a public address of .env', async (t) => {
  const unasked = async () => t.fail('asked') as never
  t.match(await finding(WITH_API, unasked, { PUBLIC_BASE_URL: PUBLIC }), {
    ok: false,
    seen: 'not asked',
    remedy: /^PUBLIC_BASE_URL comes from the file \.env, but API_KEYS does not/,
  })
  const asked: string[] = []
  const local = async (url: unknown) => {
    asked.push(String(url))
    throw new TypeError('nothing answers')
  }
  const [separation] = await findings({ ...WITH_API, ADMIN_PORT: '1' }, local, { PUBLIC_BASE_URL: PUBLIC })
  t.match(separation, { check: 'API on the public address', ok: false, seen: 'not asked' })
  t.same(asked, ['http://127.0.0.1:1/v1/numbers'])
  const service = await serviceWith(t, WITH_API)
  t.match(await finding(WITH_API, service, { PUBLIC_BASE_URL: PUBLIC, API_KEYS: KEY }), {
    seen: '1 numbers, head-room 1',
  })
})

test('doctor reads the pool through the public address', async (t) => {
  const settings = { ...WITH_API, MASKING_NUMBERS: '+919000000003,+919000000004' }
  const service = await serviceWith(t, settings)
  t.same(await finding(settings, service), {
    check: 'management API',
    ok: true,
    seen: '2 numbers, head-room 2',
  })
})

test('doctor says when the use of the pool was not counted yet', async (t) => {
  const uncounted = async () => Response.json({ numbers: [{}, {}], head_room: null })
  t.match(await finding(WITH_API, uncounted), { ok: true, seen: '2 numbers, head-room not counted yet' })
})

test('doctor finds a service with other settings, and a pool that is used up', async (t) => {
  const withoutApi = await serviceWith(t, WITH_POOL)
  t.match(await finding(WITH_API, withoutApi), {
    ok: false,
    seen: 'is not there (404)',
    remedy: 'start the service with API_KEYS',
  })

  const service = await serviceWith(t, WITH_API)
  t.match(await finding({ ...WITH_API, API_KEYS: `other-${KEY}` }, service), {
    ok: false,
    seen: 'refused (401)',
    remedy: /other API_KEYS/,
  })

  const people = ['--first', '918888800011', '--second', '918888800012']
  const opened = await cli(['sessions', 'create', '--url', PUBLIC, ...people], WITH_API, { fetch: service })
  t.equal(opened.code, 0)
  t.match(await finding(WITH_API, service), {
    ok: false,
    seen: '1 numbers, head-room 0',
    remedy: /numbers add/,
  })
})

test('doctor finds a service that fails', async (t) => {
  const { app } = await build(t, WITH_API)
  app.pool.look = async () => {
    throw new Error('no store')
  }
  t.match(await finding(WITH_API, fetchWith(app)), { ok: false, seen: 'failed (500)', remedy: /log/ })
})

test('doctor finds that nothing answers, or something else than callmask', async (t) => {
  t.match(await finding(WITH_API, () => Promise.reject(new Error('gone'))), {
    ok: false,
    seen: 'no answer in time',
    remedy: /log/,
  })
  const replies: [Response, string][] = [
    [Response.json({ numbers: [], head_room: 1 }, { status: 502 }), 'no pool (status 502)'],
    [new Response('<html>'), 'no pool (status 200)'],
    [Response.json({}), 'no pool (status 200)'],
  ]
  for (const [reply, seen] of replies) {
    t.match(await finding(WITH_API, async () => reply), { ok: false, seen, remedy: /proxy/ })
  }
})

test('with ADMIN_PORT the API is asked there, and should not be at the public address', async (t) => {
  const settings = { ...WITH_API, ADMIN_PORT: '9001' }
  const asked: string[] = []
  const world =
    (atPublic: () => Promise<Response>, atAdmin: () => Promise<Response>) => async (url: unknown) => {
      asked.push(String(url))
      return String(url).startsWith(PUBLIC) ? atPublic() : atAdmin()
    }
  const pool = async () => Response.json({ numbers: [{}], head_room: 1 })
  const notFound = async () => Response.json({ error: 'not found' }, { status: 404 })
  const gone = () => Promise.reject(new Error('gone'))
  t.match(await findings(settings, world(notFound, pool)), [
    { check: 'API on the public address', ok: true, seen: 'is not there (404), as it should be' },
    { check: 'management API', ok: true, seen: '1 numbers, head-room 1' },
  ])
  t.same(asked, [`${PUBLIC}/v1/status`, 'http://127.0.0.1:9001/v1/numbers'])
  t.match(await findings(settings, world(gone, gone)), [
    { ok: true, seen: 'no answer' },
    { ok: true, seen: /^nothing answers at ADMIN_PORT of this machine/ },
  ])

  const one = await serviceWith(t, WITH_API)
  for (const key of [KEY, `other-${KEY}`]) {
    t.match((await findings({ ...settings, API_KEYS: key }, one))[0], {
      ok: false,
      seen: /^answers \((200|401)\), although ADMIN_PORT is set/,
      remedy: /same ADMIN_PORT/,
    })
  }
})
