import { setImmediate as turn } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { type Test, test } from 'tap'
import { SAMPLE_MS } from '../../src/sampler.js'
import { signatureHeaders } from '../../src/vobiz/signature.js'
import { patientClock, testClock } from '../clocks.js'
import { APOLOGY, FE_REACHES_CUSTOMER, lines, PAIR, webhook } from '../fixtures.js'
import { API, build, hasStore } from '../helper.js'
import { startServer, until, withServer } from '../redis-server.js'
import { PREFIX, STORE_KEY } from '../redis-store.js'
import { startStub } from '../store-stub.js'

const BASE = 'https://mask.example.com'
const SIGNED = { VOBIZ_AUTH_TOKEN: 'token', PUBLIC_BASE_URL: BASE, WEBHOOK_AUTH: 'required' }
const RIDER = '919812300001'
const [OURS] = API.environment.MASKING_NUMBERS.split(',') as [string]

/** Words that a store could say, and nobody may read. */
const SECRET = `holds-${RIDER}`

const isUp = ({ sharedStore }: FastifyInstance) => sharedStore?.isUp === true

/** The whole service on a store, with all that rejects and nobody looks after. */
async function serve(
  t: Test,
  url: string,
  isThere: (app: FastifyInstance) => Promise<boolean> | boolean,
  clock = patientClock,
) {
  const orphans: unknown[] = []
  const note = (error: unknown) => orphans.push(error)
  process.on('unhandledRejection', note)
  t.teardown(() => process.off('unhandledRejection', note))
  const built = await build(t, { ...API.environment, ...SIGNED, STORE_URL: url, STORE_KEY }, clock)
  const { app } = built
  await until('the store is there', async () => {
    if (clock !== patientClock) await (clock as ReturnType<typeof testClock>).tick(100)
    return isThere(app)
  })
  const call = (from: string, to: string) => {
    const request = webhook({ From: from, To: `0${to.slice(2)}` })
    return { ...request, headers: { ...request.headers, ...signatureHeaders(`${BASE}/answer`, 'token') } }
  }
  const ask = (method: 'GET' | 'POST' | 'PATCH', path: string, payload?: object) =>
    app.inject({ method, url: `/v1${path}`, headers: API.headers, ...(payload && { payload }) })
  const refusals = () => lines(built.startLog + built.logged()).filter(({ reply }) => reply)
  return { ...built, call, ask, refusals, orphans }
}

/** The same on a server that answers all that matters with this reply. All three connections have seen that it is there. */
async function onStub(t: Test, reply: string, clock = patientClock) {
  const { url, seenBy } = await startStub(t, reply)
  return serve(t, url, (app) => isUp(app) && seenBy() >= 3, clock)
}

type Served = Awaited<ReturnType<typeof serve>>

/** Calls of sessions get an apology and those of the static pair are connected; the API answers 503; nothing is quoted. */
async function holds(t: Test, { app, call, ask, orphans, startLog, logged }: Served) {
  for (let i = 0; i < 3; i++) {
    t.match(await app.inject(call(RIDER, OURS)), { statusCode: 200, body: APOLOGY })
    t.match(await app.inject(call(PAIR.FE, PAIR.M1)), { statusCode: 200, body: FE_REACHES_CUSTOMER })
  }
  const id = 's_0000000000000000000000'
  const replies = [
    await ask('POST', '/sessions', { participants: [{ number: `+${RIDER}` }, { number: '+919812300002' }] }),
    await ask('GET', '/sessions'),
    await ask('GET', '/numbers'),
    await ask('GET', `/sessions/${id}`),
    await ask('PATCH', `/sessions/${id}`, { expires_in: 60 }),
    await ask('POST', `/sessions/${id}/close`),
    await ask('POST', '/explain', { from: `+${RIDER}`, to: `+${OURS}` }),
    await ask('POST', '/simulations', { from: `+${RIDER}`, to: `+${OURS}` }),
  ]
  for (const [i, reply] of replies.entries()) {
    t.match(reply.json(), { status: 503, code: 'store_unavailable' }, `question ${i}`)
    t.notMatch(reply.body, RIDER)
  }
  await turn()
  t.same(orphans, [], 'nothing rejects without an owner')
  t.notMatch(startLog + logged(), RIDER)
}

test('every error reply of the store counts as a store that is unavailable', async (t) => {
  for (const [reply, told] of [
    [`-MOVED 1234 ${SECRET}:6379`, 'MOVED'],
    [`-WRONGTYPE ${SECRET}`, 'WRONGTYPE'],
    [`-ERR unknown command ${SECRET}`, 'ERR'],
    [`-NOSCRIPT ${SECRET}`, 'NOSCRIPT'],
    [`-${SECRET}`, 'other'],
    ['-', 'other'],
    ['-HELLOTHERE', 'other'],
  ] as const) {
    t.test(reply.replace(SECRET, '…'), async (t) => {
      const served = await onStub(t, `${reply}\r\n`)
      await holds(t, served)
      t.ok(served.app.sharedStore?.isUp, 'the store is there')
      t.ok(served.refusals().length > 0)
      for (const line of served.refusals()) t.match(line, { level: 'error', reply: told })
    })
  }
})

test('error replies of the store are logged once a second, with a count', async (t) => {
  const clock = testClock()
  const { app, call, refusals } = await onStub(t, '-NOPERM something\r\n', clock)
  const callTwice = async () => {
    for (let i = 0; i < 2; i++) await app.inject(call(RIDER, OURS))
  }
  clock.time += 1_000
  await callTwice()
  const before = refusals().length
  t.match(refusals().at(-1), {
    level: 'error',
    store: 'standalone',
    reply: 'NOPERM',
    msg: 'the store refuses what it is asked',
  })
  await callTwice()
  t.equal(refusals().length, before)
  clock.runOut(SAMPLE_MS)
  t.equal(refusals().length, before + 1)
  t.ok(Number(refusals().at(-1)?.count) >= 4)
})

test('a key of another type costs an apology', withServer, async (t) => {
  const server = await startServer(t)
  const served = await serve(t, server.url, hasStore)
  const { app, call, ask } = served
  const participants = [{ number: `+${RIDER}` }, { number: '+919812300002' }]
  t.equal((await ask('POST', '/sessions', { participants })).statusCode, 201)
  for (const key of await server.client.keys(`${PREFIX}book:*`)) {
    await server.client.del(key)
    await server.client.lpush(key, SECRET)
  }
  t.match(await app.inject(call(RIDER, OURS)), { statusCode: 200, body: APOLOGY })
  t.match((await ask('POST', '/sessions', { participants })).json(), { code: 'store_unavailable' })

  const genuine = call(PAIR.FE, PAIR.M1)
  await app.inject(genuine)
  for (const key of await server.client.keys(`${PREFIX}nonce:*`)) {
    await server.client.del(key)
    await server.client.lpush(key, SECRET)
  }
  t.match(await app.inject(genuine), { statusCode: 200, body: FE_REACHES_CUSTOMER }, 'a retry')
  const payload = new URLSearchParams({ From: PAIR.CUSTOMER, To: '09000000002' }).toString()
  t.match(await app.inject({ ...genuine, payload }), { statusCode: 403, body: '' }, 'by the memory here')
  await turn()
  t.same(served.orphans, [])
})

test('a server without the commands that we need', withServer, async (t) => {
  for (const missing of [
    ['EVALSHA', 'EVAL', 'GET', 'MGET', 'ZRANGE', 'ZCOUNT', 'ZREM', 'ZADD', 'SCAN'],
    ['EVALSHA', 'EVAL'],
    ['GET'],
    ['TIME'],
  ]) {
    t.test(missing.join(' '), async (t) => {
      const server = await startServer(t, ...missing.flatMap((name) => ['--rename-command', name, '']))
      const served = await serve(t, server.url, isUp)
      await holds(t, served)
      t.ok(isUp(served.app), 'the store is there')
    })
  }
})

test('a server that takes no writes counts as one that is away', withServer, async (t) => {
  const server = await startServer(t, '--rename-command', 'SET', '')
  const served = await serve(t, server.url, () => true)
  await until('it was asked', async () => /cmdstat_info:/.test(await server.client.info('commandstats')))
  await holds(t, served)
  t.notOk(isUp(served.app))
})

test('a mistake of ours in the memory of nonces costs an apology, and no process', async (t) => {
  const { app, call, orphans, logged } = await onStub(t, '-ERR\r\n')
  const mistakes = [
    () => Promise.reject(new TypeError(SECRET)),
    () => {
      throw new TypeError(SECRET)
    },
  ]
  for (const mistake of mistakes) {
    app.nonces.use = mistake
    t.match(await app.inject(call(RIDER, OURS)), { statusCode: 200, body: APOLOGY })
    t.match(await app.inject(call(PAIR.FE, PAIR.M1)), { statusCode: 200, body: APOLOGY })
    t.match(await app.inject({ ...call(PAIR.FE, PAIR.M1), payload: 'From=1' }), { statusCode: 400 })
  }
  await turn()
  t.same(orphans, [])
  t.match(
    lines(logged()).filter((line) => 'exception.type' in line),
    [{ 'exception.type': 'TypeError' }],
  )
  t.notMatch(logged(), RIDER)
})
