import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import type { FastifyInstance, InjectOptions } from 'fastify'
import { type Test, test } from 'tap'
import { type Clock, systemClock } from '../../src/clock.js'
import { HEARTBEAT_MS } from '../../src/stores/redis/instances.js'
import type { Link } from '../../src/stores/redis/link.js'
import { signature, signatureHeaders } from '../../src/vobiz/signature.js'
import { patientClock, testClock } from '../clocks.js'
import { APOLOGY, FE_REACHES_CUSTOMER, lines, PAIR, REFUSAL, webhook } from '../fixtures.js'
import { API, build, hasStore } from '../helper.js'
import { startServer, type TestServer, until, withServer } from '../redis-server.js'
import { OTHER_KEY, PREFIX, STORE_KEY } from '../redis-store.js'

const [RIDER, DRIVER, OTHER] = ['919812300001', '919812300002', '919812300003'] as const

/** The whole service on a store that may be down. */
async function serve(t: Test, { url }: TestServer, more = {}, clock: Clock = patientClock) {
  const built = await build(t, { ...API.environment, STORE_URL: url, STORE_KEY, ...more }, clock)
  const { app } = built
  const ask = (method: 'GET' | 'POST' | 'PATCH', path: string, payload?: object) =>
    app.inject({ method, url: `/v1${path}`, headers: API.headers, ...(payload && { payload }) })
  const isUp = () => hasStore(app)
  const hears = async (from: string, to: string) => (await app.inject(callFrom(from, to))).body
  return { ...built, ask, isUp, hears, told: () => lines(built.startLog + built.logged()) }
}

/** Asks again when a busy machine made the store answer too late. */
async function patiently<Reply>(question: () => Promise<Reply>): Promise<Reply> {
  let reply: Reply
  await until('the store answers in time', async () => {
    reply = await question()
    return reply !== APOLOGY && (reply as { statusCode?: number }).statusCode !== 503
  })
  // biome-ignore lint/style/noNonNullAssertion: it was asked
  return reply!
}

function callFrom(from: string, to: string): InjectOptions {
  return webhook({ From: from, To: `0${to.slice(2)}` })
}

const AWAY = 'the store does not answer: calls of sessions get an apology'
const BASE = 'https://mask.example.com'
const SIGNED = { VOBIZ_AUTH_TOKEN: 'token', PUBLIC_BASE_URL: BASE }

const pairOf = (...numbers: string[]) => ({
  participants: numbers.map((number) => ({ number: `+${number}` })),
})

const maskOf = (view: { participants: { masking_number: string }[] }, side: 0 | 1) =>
  String(view.participants[side]?.masking_number).replace(/\D/g, '')

/** The forms in which a number could leak, whole or national: plain, hashed, or inside base64 text. */
function spellings(number: string): string[] {
  return [number, number.slice(2)].flatMap((digits) => [
    digits,
    ...['sha256', 'md5'].flatMap((kind) =>
      (['hex', 'base64', 'base64url'] as const).map((form) => createHash(kind).update(digits).digest(form)),
    ),
    ...[0, 1, 2].map((offset) => {
      const text = Buffer.from(' '.repeat(offset) + digits).toString('base64')
      return text.slice(offset === 0 ? 0 : 4).replace(/.?.?=*$/, '')
    }),
  ])
}

/** A sealed text with another byte in it. */
function altered(sealed: string): string {
  const at = sealed.indexOf('.') + 1
  return sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1)
}

test('an instance with a pool but without a shared store logs that it must be the only one', async (t) => {
  const said = async (environment: Record<string, string>) =>
    lines((await build(t, environment)).startLog).filter(({ store }) => store)
  t.match(await said(API.environment), [{ store: 'memory', level: 'info', msg: /run one instance/ }])
  t.same(await said({}), [])
})

test('Sentinel without TLS or a password is warned of at the start', async (t) => {
  const said = async (url: string) => {
    const built = await build(t, { ...API.environment, STORE_URL: url, STORE_KEY }, testClock())
    return lines(built.startLog).flatMap(({ level, msg }) =>
      level === 'warn' && /^the store/.test(String(msg)) ? [msg] : [],
    )
  }
  const at = '127.0.0.1:1?sentinel=main'
  t.match(await said(`redis://${at}`), [/^the store: Sentinel is used without TLS and a password/])
  t.same(await said('redis://127.0.0.1:1'), [])
})

test(
  'an instance whose store is down answers without sessions, and recovers by itself',
  withServer,
  async (t) => {
    const server = await startServer(t)
    await server.kill('SIGTERM')
    const { app, ask, isUp, hears, startLog, logged } = await serve(t, server, {}, systemClock)
    t.match(lines(startLog), [{ store: 'standalone', msg: /shared store/ }])

    t.match(await app.inject('/health/ready'), { statusCode: 200 })
    t.match((await ask('GET', '/status')).json(), { store: { kind: 'standalone', state: 'down' } })
    t.equal(await hears(PAIR.FE, PAIR.M1), FE_REACHES_CUSTOMER, 'the static pair is connected')
    t.equal(await hears(RIDER, '919000000011'), APOLOGY)
    t.equal(
      await hears(RIDER, '919999999999'),
      APOLOGY,
      'of a number that is not known here, only the store says whether it is ours',
    )
    for (const reply of [
      await ask('POST', '/sessions', pairOf(RIDER, DRIVER)),
      await ask('GET', '/sessions'),
      await ask('GET', '/sessions/s_0000000000000000000000'),
      await ask('PATCH', '/sessions/s_0000000000000000000000', { expires_in: 60 }),
      await ask('POST', '/sessions/s_0000000000000000000000/close'),
    ]) {
      t.match(reply.headers, { 'retry-after': '1', 'content-type': /^application\/problem\+json/ })
      t.match(reply.json(), { status: 503, code: 'store_unavailable' })
    }

    await server.restart()
    await until('it connects by itself', isUp)
    await until('the status says so', async () => (await ask('GET', '/status')).json().store.state === 'up')
    const created = await patiently(() => ask('POST', '/sessions', pairOf(RIDER, DRIVER)))
    t.equal(created.statusCode, 201)
    const dialled = maskOf(created.json(), 0)
    t.match(await patiently(() => hears(RIDER, dialled)), `<Number>+${DRIVER}</Number>`)

    await server.kill('SIGSTOP')
    t.equal(await hears(RIDER, dialled), APOLOGY)
    t.equal(await hears(PAIR.FE, PAIR.M1), FE_REACHES_CUSTOMER)
    t.match(await ask('GET', '/sessions'), { statusCode: 503 })
    await server.kill('SIGCONT')
    await until('up again', isUp)
    t.match(await patiently(() => hears(RIDER, dialled)), `<Number>+${DRIVER}</Number>`)

    const turns = lines(logged()).flatMap(({ store, level }) => (store ? [level] : []))
    t.ok(turns.length >= 3)
    t.ok(
      turns.every((level, i) => level === (i % 2 === 0 ? 'info' : 'error')),
      'each change is logged once',
    )
    for (const number of [RIDER, DRIVER])
      for (const spelling of spellings(number)) t.notOk((startLog + logged()).includes(spelling), spelling)
  },
)

test('a store with risky settings is used, with a warning for each of them', withServer, async (t) => {
  const server = await startServer(t, '--maxmemory-policy', 'allkeys-lru')
  const { ask, isUp, told } = await serve(t, server, { ...SIGNED, WEBHOOK_AUTH: 'required' })
  await until('up', isUp)
  const warnings = () => told().filter(({ level }) => level === 'warn')
  await until('the warnings are logged', () => warnings().length >= 2)
  t.match(warnings(), [
    { msg: /^the store: maxmemory-policy is allkeys-lru/, remedy: 'set it to noeviction' },
    { msg: /^the store: nothing is written to disk/, remedy: 'set appendonly to yes' },
  ])
  t.match(await ask('POST', '/sessions', pairOf(RIDER, DRIVER)), { statusCode: 201 })
})

test('a store that hides its settings is used without a warning', withServer, async (t) => {
  const server = await startServer(t, '--rename-command', 'CONFIG', '')
  const { isUp, told } = await serve(t, server, { ...SIGNED, WEBHOOK_AUTH: 'required' })
  await until('up', isUp)
  await until(
    'the first heartbeat is there',
    async () => (await server.client.zcard(`${PREFIX}instances`)) === 1,
  )
  t.notOk(told().some(({ level, msg }) => level === 'warn' || msg === 'background work failed'))
})

test('a session that cannot be read is told of, hides no other, and can be closed', withServer, async (t) => {
  const server = await startServer(t)
  const { ask, isUp, hears, told } = await serve(t, server)
  await until('up', isUp)
  const bad = (await ask('POST', '/sessions', pairOf(RIDER, DRIVER))).json()
  const good = (await ask('POST', '/sessions', pairOf(RIDER, OTHER))).json()
  const key = `${PREFIX}session:${bad.id}`
  await server.client.set(key, altered(String(await server.client.get(key))))
  for (let i = 0; i < 3; i++) t.match((await ask('GET', '/sessions')).json(), { sessions: [{ id: good.id }] })
  const warnings = () => told().filter(({ msg }) => msg === 'a record that cannot be read is passed over')
  t.match(warnings()[0], { level: 'warn', reason: 'altered', count: 1 })
  t.equal(await hears(RIDER, maskOf(bad, 0)), APOLOGY)
  t.match((await ask('GET', `/sessions/${bad.id}`)).json(), { status: 500, code: 'internal_error' })
  for (let i = 0; i < 2; i++)
    t.match((await ask('POST', `/sessions/${bad.id}/close`)).json(), {
      status: 410,
      code: 'unreadable_session_closed',
    })
  t.match(await ask('GET', `/sessions/${bad.id}`), { statusCode: 404 })
  t.equal(await patiently(() => hears(RIDER, maskOf(bad, 0))), REFUSAL)
})

test('an instance sends heartbeats until it ends', withServer, async (t) => {
  const server = await startServer(t, '--appendonly', 'yes')
  const clock = testClock()
  const environment = { ...API.environment, STORE_URL: server.url, STORE_KEY: `${OTHER_KEY},${STORE_KEY}` }
  const { app, logged } = await build(t, environment, clock)
  await until('up', () => {
    clock.tick()
    return app.sharedStore?.link.isUp === true
  })
  const [key] = [`${PREFIX}instances`]
  const beat = async () => Number((await server.client.zrange(key, '0', '-1', 'WITHSCORES'))[1])
  await until('the first heartbeat is there', async () => (await beat()) === clock.time)
  clock.time += HEARTBEAT_MS
  clock.tick(HEARTBEAT_MS)
  await until('the next heartbeat is there', async () => (await beat()) === clock.time)

  await server.client.set(key, 'something else')
  clock.tick(HEARTBEAT_MS)
  const failures = () => lines(logged()).filter(({ level, msg }) => level === 'error' && msg !== AWAY)
  await until('what goes wrong is told', () => failures().length > 0)
  t.match(failures(), [{ reply: 'WRONGTYPE', count: 1 }])

  const link = app.sharedStore?.link as { ask: Link['ask'] }
  const { ask } = link
  link.ask = () => Promise.reject(new TypeError('a mistake of ours'))
  clock.tick(HEARTBEAT_MS)
  await turn()
  link.ask = ask
  t.match(failures()[1], { msg: 'background work failed', 'exception.type': 'TypeError' })

  await server.kill('SIGKILL')
  await until('down', () => app.sharedStore?.link.isUp === false)
  const before = failures().length
  clock.tick(HEARTBEAT_MS)
  await turn()
  t.equal(failures().length, before, 'an outage is logged only as a change of state')
  await app.close()
  t.same(clock.intervals(), [])
})

/** Sends questions in waves, as if each round trip took long: a wave is all that is asked before work stops to wait. */
function countRoundTrips(app: FastifyInstance) {
  const link = app.sharedStore?.link as Link & { ask: Link['ask'] }
  const { ask } = link
  const counted = { waves: 0, questions: 0 }
  let waiting: (() => void)[] = []
  link.ask = async (question) => {
    counted.questions += 1
    if (waiting.length === 0) {
      const next: (() => void)[] = []
      waiting = next
      // Whatever else is asked at the same time is asked within a few turns of the event loop.
      void (async () => {
        for (let i = 0; i < 20; i++) await turn()
        counted.waves += 1
        waiting = []
        for (const go of next) go()
      })()
    }
    await new Promise<void>((resolve) => waiting.push(resolve))
    return ask(question)
  }
  return counted
}

test('a call costs two round trips at most', withServer, async (t) => {
  const server = await startServer(t)
  const { app, ask, isUp } = await serve(t, server, { ...SIGNED, STORE_KEY: `${OTHER_KEY},${STORE_KEY}` })
  await until('up', isUp)
  const created = await ask('POST', '/sessions', pairOf(RIDER, DRIVER))
  const dialled = maskOf(created.json(), 0)
  const counted = countRoundTrips(app)
  const cost = async (request: InjectOptions) => {
    Object.assign(counted, { waves: 0, questions: 0 })
    const { body } = await app.inject(request)
    return { body, ...counted }
  }
  const call = callFrom(RIDER, dialled)
  const connected = `<Number>+${DRIVER}</Number>`
  t.match(await cost(call), { body: connected, waves: 2 })
  const v3 = signatureHeaders(`${BASE}/answer`, 'token')
  t.match(await cost({ ...call, headers: { ...call.headers, ...v3 } }), { body: connected, waves: 2 })
  const nonce = '12345678901234567890'
  const both = {
    ...signatureHeaders(`${BASE}/answer`, 'token'),
    'x-vobiz-signature-v2': signature('v2', `${BASE}/answer`, 'token', nonce),
    'x-vobiz-signature-v2-nonce': nonce,
  }
  t.match(await cost({ ...call, headers: { ...call.headers, ...both } }), { body: connected, waves: 2 })
  t.match(await cost(callFrom(OTHER, dialled)), { body: REFUSAL, waves: 1 }, 'a stranger')
  t.match(
    await cost(callFrom(PAIR.FE, PAIR.M1)),
    { body: FE_REACHES_CUSTOMER, questions: 0 },
    'the static pair',
  )
})

test('no real number can be read at rest, on the wire or in the log', withServer, async (t) => {
  const server = await startServer(t, '--appendonly', 'yes', '--rdbcompression', 'no')
  const monitor = await server.client.duplicate().monitor()
  t.teardown(() => monitor.disconnect())
  const seen: string[] = []
  monitor.on('monitor', (_time: string, args: string[]) => seen.push(args.join(' ')))

  const { app, ask, hears, isUp, startLog, logged } = await serve(t, server, SIGNED)
  await until('up', isUp)
  const first = (
    await ask('POST', '/sessions', {
      ...pairOf(RIDER, DRIVER),
      external_id: 'order-1',
      metadata: { order: '1' },
    })
  ).json()
  t.match(await hears(RIDER, maskOf(first, 0)), `<Number>+${DRIVER}</Number>`)
  const call = callFrom(RIDER, maskOf(first, 0))
  const headers = { ...call.headers, ...signatureHeaders(`${BASE}/answer`, 'token') }
  t.match(await app.inject({ ...call, headers }), { statusCode: 200 })
  t.match(await ask('PATCH', `/sessions/${first.id}`, { participants: [{}, { number: `+${OTHER}` }] }), {
    statusCode: 200,
  })
  t.match(await hears(OTHER, maskOf(first, 1)), `<Number>+${RIDER}</Number>`)
  for (let i = 0; i < 4; i++) await ask('POST', '/sessions', pairOf(RIDER, `91981230001${i}`))
  await ask('GET', '/sessions')
  await ask('GET', '/numbers')
  t.match(await ask('POST', `/sessions/${first.id}/close`), { statusCode: 200 })
  await hears(RIDER, maskOf(first, 0))
  await server.client.save()
  await server.client.get('the end')
  await until('the monitor has seen everything', () => seen.includes('get the end'))

  const files = readdirSync(server.dir, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  )
  const atRest = files
    .map((file) => readFileSync(join(file.parentPath ?? file.path, file.name), 'latin1'))
    .join('\n')
  const inSight = seen.join('\n')
  t.match(atRest, first.id, 'the sessions are there')
  t.ok(files.some(({ name }) => name.endsWith('.rdb')) && files.some(({ name }) => name.endsWith('.aof')))
  t.match(inSight, new RegExp(`session:${first.id}`))
  const people = [RIDER, DRIVER, OTHER, ...[0, 1, 2, 3].map((i) => `91981230001${i}`)]
  for (const number of people)
    for (const spelling of spellings(number))
      for (const [where, text] of Object.entries({ atRest, inSight, logs: startLog + logged() }))
        if (text.includes(spelling)) t.fail(`${number} as ${spelling} ${where}`)
})

test('a new key and a new password of the store are followed', withServer, async (t) => {
  const server = await startServer(t)
  const acl = (...words: string[]) => server.client.call('ACL', 'SETUSER', 'callmask', ...words)
  await acl('on', '>old', '~*', '&*', '+@all')
  const url = (password: string, host = '127.0.0.1') => `redis://callmask:${password}@${host}:${server.port}`
  const dir = t.testdir({ url: url('old'), key: STORE_KEY })
  const files = { STORE_URL_FILE: join(dir, 'url'), STORE_KEY_FILE: join(dir, 'key') }
  const { app, isUp, ask, hears, told } = await serve(t, server, { STORE_URL: '', STORE_KEY: '', ...files })
  await until('the store is up', isUp)
  const opened = (await ask('POST', '/sessions', pairOf(RIDER, DRIVER))).json()
  const keyIds = app.sharedStore?.vault.keyIds

  writeFileSync(files.STORE_KEY_FILE, `${OTHER_KEY},${STORE_KEY}`)
  app.secrets.reload()
  t.same(app.sharedStore?.vault.keyIds[1], keyIds?.[0])
  t.match(
    await patiently(() => hears(RIDER, maskOf(opened, 0))),
    `+${DRIVER}`,
    'what the old one wrote is read',
  )
  const other = (await ask('POST', '/sessions', pairOf(RIDER, OTHER))).json()
  t.match(await patiently(() => hears(OTHER, maskOf(other, 1))), `+${RIDER}`)
  const record = String(await server.client.get(`${PREFIX}session:${other.id}`))
  t.match(record, `${app.sharedStore?.vault.keyIds[0]}.`, 'and the new one writes')

  writeFileSync(files.STORE_URL_FILE, url('new'))
  app.secrets.reload()
  t.ok(isUp(), 'a connection that is there stays')
  await acl('resetpass', '>new')
  await server.client.call('CLIENT', 'KILL', 'USER', 'callmask')
  await until('it has noticed', () =>
    told().some(({ msg }) => String(msg).startsWith('the store does not answer')),
  )
  await until('it is up again', isUp)
  t.match(await patiently(() => hears(RIDER, maskOf(opened, 0))), `+${DRIVER}`)
  t.same(
    told().filter(({ msg }) => String(msg).includes('restart to use it')),
    [],
  )

  writeFileSync(files.STORE_URL_FILE, url('new', 'localhost'))
  app.secrets.reload()
  t.match(told().at(-2), {
    level: 'warn',
    msg: 'STORE_URL has another place, or is a cluster: restart to use it',
  })
  t.notMatch(JSON.stringify(told()), /old-|new@|redis:\/\//)
})
