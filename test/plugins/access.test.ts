import { spawnSync } from 'node:child_process'
import { closeSync, constants, openSync, readFileSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Test, test } from 'tap'
import { FIRST_LOOK_INTERVAL_MS, KEYS_INTERVAL_MS } from '../../plugins/access.js'
import { EXPLAIN_BURST } from '../../plugins/api-gate.js'
import { buildApp } from '../../src/app.js'
import { ConfigError } from '../../src/config/validation.js'
import { createLogger } from '../../src/logger.js'
import { RETRY_MS } from '../../src/logging/bounded-stream.js'
import { testClock } from '../clocks.js'
import { captured, lines, PAIR } from '../fixtures.js'
import { API, build, hasStore } from '../helper.js'
import { valuesOf } from '../meters.js'
import { startServer, until, withServer } from '../redis-server.js'
import { OTHER_KEY, PREFIX, STORE_KEY } from '../redis-store.js'

test('the audit trail goes to the log, to a file, or nowhere', async (t) => {
  const ask = async (environment: Record<string, string>) => {
    const { app, audited } = await build(t, { ...API.environment, ...environment })
    await app.inject({ url: '/v1/status', headers: API.headers })
    await app.close()
    return audited()
  }
  const events = (text: string) => lines(text).map(({ event }) => event)
  t.same(events((await ask({})).join('\n')), ['start', 'request', 'end'])
  t.same(events((await ask({ LOG_LEVEL: 'silent' })).join('\n')), ['start', 'request', 'end'])
  t.same(await ask({ AUDIT_LOG: 'off' }), [])
  t.same(await ask({ API_KEYS: '' }), [], 'without an API there is nothing to tell')

  const file = join(t.testdir(), 'audit.log')
  for (const _ of [1, 2]) t.same(await ask({ AUDIT_LOG: file }), [])
  t.same(events(readFileSync(file, 'utf8')), ['start', 'request', 'end', 'start', 'request', 'end'])
  t.equal(statSync(file).mode & 0o777, 0o600)
})

test('an audit file that cannot be opened stops the start', async (t) => {
  const file = join(t.testdir(), 'missing', 'audit.log')
  const app = buildApp({
    environment: { ...PAIR, ...API.environment, AUDIT_LOG: file },
    logger: createLogger(captured().stream),
  })
  t.teardown(() => app.close())
  const error = await Promise.resolve(app.ready()).catch((error) => error)
  t.type(error, ConfigError)
  t.match(error.message, /AUDIT_LOG cannot be written \(ENOENT\)/)
})

test('a full disk under the audit file stops neither requests nor the shutdown', async (t) => {
  const { app } = await build(t, { ...API.environment, AUDIT_LOG: '/dev/full' })
  for (let i = 0; i < 5; i++)
    t.equal((await app.inject({ url: '/v1/status', headers: API.headers })).statusCode, 200)
  await app.close()
})

test('dropped audit lines are logged once the file takes lines again', async (t) => {
  const pipe = join(t.testdir(), 'pipe')
  spawnSync('mkfifo', [pipe])
  const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK)
  t.teardown(() => closeSync(reader))
  const clock = testClock()
  const { app, logged } = await build(t, { ...API.environment, AUDIT_LOG: pipe }, clock)
  for (let i = 0; i < 8_000; i++) app.access.audit.add('request', { status: 200 })
  const buffer = Buffer.alloc(1024 * 1024)
  await until('the log tells of it', () => {
    clock.runOut(RETRY_MS)
    // An empty pipe has nothing to read.
    try {
      readSync(reader, buffer)
    } catch {}
    return logged() !== ''
  })
  const [told] = lines(logged())
  t.match(told, { level: 'error', msg: /^lines of the audit trail were dropped/ })
  t.ok(Number(told?.dropped) > 0)
  const counted = valuesOf(app.meter.families(), 'callmask_audit_lines_dropped_total')
  t.same(counted, { '': told?.dropped })
})

/** An instance on this store whose time moves when a test says so. */
async function serve(t: Test, url: string, more = {}) {
  const clock = testClock()
  const built = await build(t, { ...API.environment, STORE_URL: url, STORE_KEY, ...more }, clock)
  const { app } = built
  const headersOf = (key: string) => ({ authorization: `Bearer ${key}` })
  return {
    ...built,
    clock,
    /** What happens each second. */
    look: () => clock.tick(KEYS_INTERVAL_MS),
    isUp: () =>
      until('the store is there', async () => {
        await clock.tick(PROBE_MS)
        return hasStore(app)
      }),
    statusWith: async (key: string) =>
      (await app.inject({ url: '/v1/numbers', headers: headersOf(key) })).statusCode,
    make: async (name: string, more = {}): Promise<string> => {
      const payload = { name, scopes: ['sessions:read'], ...more }
      const reply = await app.inject({ method: 'POST', url: '/v1/keys', headers: API.headers, payload })
      return reply.json().key
    },
    revoke: (name: string) => app.inject({ method: 'DELETE', url: `/v1/keys/${name}`, headers: API.headers }),
  }
}

/** How often a store that does not answer is tried. */
const PROBE_MS = 100

test('a key of the store is valid on every instance until one of them revokes it', withServer, async (t) => {
  const { url } = await startServer(t)
  const [one, other] = [await serve(t, url), await serve(t, url)]
  await Promise.all([one.isUp(), other.isUp()])
  await Promise.all([one.look(), other.look()])
  const key = await one.make('support')
  t.equal(await one.statusWith(key), 200, 'at once')
  t.equal(await other.statusWith(key), 401)
  await other.look()
  t.equal(await other.statusWith(key), 200)

  t.equal((await one.revoke('support')).statusCode, 200)
  t.equal(await one.statusWith(key), 401)
  t.equal(await other.statusWith(key), 200, 'it has not looked yet')
  await other.look()
  t.equal(await other.statusWith(key), 401)
  t.ok(2 * KEYS_INTERVAL_MS <= 2_000, 'so within two seconds, however long the store takes')

  const told = lines([...one.audited(), ...other.audited()].join('\n'))
  t.match(
    told.filter(({ event }) => /^key_|revoked/.test(String(event))),
    [
      { event: 'key_created', key: 'environment-1', target: 'support' },
      { event: 'key_revoked', key: 'environment-1', target: 'support' },
      { event: 'revoked_key', key: 'support', count: 1 },
      { event: 'revoked_key', key: 'support', count: 1 },
    ],
  )
})

test('a new instance reads the keys within a second', withServer, async (t) => {
  const { url } = await startServer(t)
  const first = await serve(t, url)
  await first.isUp()
  const key = await first.make('support')
  const late = await serve(t, url)
  const work = late.clock.intervals().length
  await late.isUp()
  await late.clock.tick(FIRST_LOOK_INTERVAL_MS)
  t.equal(await late.statusWith(key), 200)
  await late.clock.tick(FIRST_LOOK_INTERVAL_MS)
  t.equal(late.clock.intervals().length, work - 1, 'only until then')
})

test('while the store is down, the keys that were read last stay valid', withServer, async (t) => {
  const server = await startServer(t)
  const first = await serve(t, server.url)
  await first.isUp()
  const key = await first.make('support')
  await server.kill('SIGKILL')
  await until('it is noticed', () => first.app.sharedStore?.isUp === false)
  await first.look()
  t.equal(
    (await first.app.inject({ url: '/v1/status', headers: { authorization: `Bearer ${key}` } })).statusCode,
    200,
  )
  t.match(await first.revoke('support'), { statusCode: 503 })
  t.notMatch(first.logged(), /reading the keys failed/)

  const late = await serve(t, server.url)
  t.equal(await late.statusWith(key), 503, 'whether it is valid cannot be known yet')
  t.equal(await late.statusWith('x'.repeat(30)), 401, 'which is no key of a store')
})

test('another error while reading keys is logged, and the next read still happens', withServer, async (t) => {
  const { url } = await startServer(t)
  const { app, isUp, look, logged } = await serve(t, url)
  await isUp()
  const load = app.access.records?.load
  Object.assign(app.access.records ?? {}, {
    load: async () => {
      throw new TypeError('a mistake')
    },
  })
  await look()
  t.match(lines(logged()).at(-1), { level: 'error', msg: 'reading the keys failed' })
  Object.assign(app.access.records ?? {}, { load })
})

test('keys that this instance cannot open are logged and skipped', withServer, async (t) => {
  const { url, client } = await startServer(t)
  const one = await serve(t, url)
  await one.isUp()
  const key = await one.make('support')
  const at = `${PREFIX}api-keys:all`
  await client.set(
    at,
    String(await client.get(at)).replace(/.(?=.{30}$)/, (c) => (c === 'A' ? 'B' : 'A')),
  )
  const other = await serve(t, url)
  await other.isUp()
  await other.look()
  t.equal(await other.statusWith(key), 401)
  const warnings = lines(other.logged()).filter(({ level }) => level === 'warn')
  t.ok(warnings.some(({ msg }) => /same STORE_KEY/.test(String(msg))))
  await one.look()
  t.equal(await one.statusWith(key), 200, 'who has read them before goes on with them')
})

test(
  'an instance with another STORE_KEY cannot know whether a key is valid, and says why',
  withServer,
  async (t) => {
    const { url } = await startServer(t)
    const one = await serve(t, url)
    await one.isUp()
    const key = await one.make('support')
    const other = await serve(t, url, { STORE_KEY: OTHER_KEY })
    await until('it is told', async () => {
      await other.clock.tick(PROBE_MS)
      await other.look()
      return lines(other.logged()).some(({ level }) => level === 'fatal')
    })
    await other.look()
    t.equal(await other.statusWith(key), 503)
    t.match(
      lines(other.logged()).find(({ level }) => level === 'fatal'),
      { msg: /^The store was written with another key/ },
    )
  },
)

test('the limit of a key holds across all instances', withServer, async (t) => {
  const { url } = await startServer(t)
  // So slow that nothing comes back while a busy machine asks.
  const limits = { EXPLAIN_RATE: '1' }
  const both = [await serve(t, url, limits), await serve(t, url, limits)]
  await Promise.all(both.map(({ isUp }) => isUp()))
  const explain = ({ app }: (typeof both)[number]) =>
    app.inject({ method: 'POST', url: '/v1/explain', headers: API.headers, payload: { from: '1', to: '2' } })
  const began = Date.now()
  let allowed = 0
  for (let i = 0; i < EXPLAIN_BURST; i++)
    for (const instance of both) if ((await explain(instance)).statusCode === 200) allowed += 1
  const elapsed = (Date.now() - began) / 1_000
  t.ok(
    allowed >= EXPLAIN_BURST && allowed <= EXPLAIN_BURST + Math.ceil(elapsed) + 1,
    `${allowed} in ${elapsed} s`,
  )
})
