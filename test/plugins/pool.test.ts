import type { FastifyInstance } from 'fastify'
import { type Test, test } from 'tap'
import { POOL_INTERVAL_MS } from '../../plugins/pool.js'
import { DRAIN_MS } from '../../src/masking/pool.js'
import { StoreUnavailableError } from '../../src/masking/storage.js'
import { testClock } from '../clocks.js'
import { APOLOGY, lines, PAIR, REFUSAL, webhook } from '../fixtures.js'
import { API, build, hasStore } from '../helper.js'
import { startServer, until, withServer } from '../redis-server.js'
import { STORE_KEY } from '../redis-store.js'

const NO_PAIR = { M1: '', M2: '', FE: '', CUSTOMER: '' }
const OLD = '919000000011'
const NEW = '919000000021'

async function ask(
  app: FastifyInstance,
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  payload?: object,
) {
  return app.inject({ method, url: `/v1${path}`, headers: API.headers, ...(payload && { payload }) })
}

const call = (app: FastifyInstance, From: string, To: string) =>
  app.inject(webhook({ Event: 'StartApp', From, To, CallUUID: `${From} ${To}` }))

/** Instances that share a store, with a clock each that stands still. */
async function instances(t: Test, ...environments: Record<string, string>[]) {
  const server = await startServer(t)
  const clock = testClock(Date.now())
  const built = []
  for (const environment of environments) {
    const shared = { API_KEYS: API.environment.API_KEYS, STORE_URL: server.url, STORE_KEY }
    const one = await build(t, { ...NO_PAIR, ...shared, ...environment }, clock)
    await until('the store is there', () => hasStore(one.app))
    await one.app.pool.look()
    built.push(one)
  }
  return { server, built, apps: built.map(({ app }) => app) as [FastifyInstance, FastifyInstance], clock }
}

test(
  'an instance without numbers of its own answers calls to a number that another one just added',
  withServer,
  async (t) => {
    const { apps, built } = await instances(t, { MASKING_NUMBERS: OLD }, {})
    const [first, second] = apps
    t.equal(second.pool.seen.has(OLD), true)
    const added = await ask(first, 'POST', '/numbers', { numbers: [{ number: NEW }] })
    t.equal(added.statusCode, 201, added.body)
    await ask(first, 'POST', '/sessions', {
      participants: [{ number: '9800000001' }, { number: '9800000002' }],
    })
    for (const [caller, other] of [
      ['919800000001', '919800000002'],
      ['919800000002', '919800000001'],
    ] as const) {
      const answers = await Promise.all([OLD, NEW].map((number) => call(second, caller, number)))
      t.ok(
        answers.some(({ body }) => body.includes(`<Number>+${other}</Number>`)),
        `${caller} reaches the other one at once`,
      )
    }
    t.equal(second.pool.seen.has(NEW), true)
    t.equal((await call(second, '919800000001', '919000000099')).body, REFUSAL)

    const { body } = await ask(second, 'GET', '/numbers')
    t.match(JSON.parse(body), { numbers: [{ number: `+${OLD}` }, { number: `+${NEW}` }], head_room: 1 })
    const masked = { participants: [{ number: `+${NEW}` }, { number: '9800000002' }] }
    t.match((await ask(second, 'POST', '/sessions', masked)).json(), {
      code: 'masking_number_as_participant',
    })
    t.notMatch(built.map(({ logged }) => logged()).join(''), /9800000001/)
  },
)

test('an instance follows within two seconds', withServer, async (t) => {
  const { apps, clock } = await instances(t, { MASKING_NUMBERS: OLD }, {})
  const [first, second] = apps
  await ask(first, 'POST', '/numbers', { numbers: [{ number: NEW }] })
  t.equal(second.pool.seen.has(NEW), false)
  t.ok(POOL_INTERVAL_MS <= 2_000)
  await clock.tick(POOL_INTERVAL_MS)
  t.equal(second.pool.seen.has(NEW), true)
})

test(
  'with the store down, calls to numbers of the pool and to unknown ones get an apology, and the static pair is connected',
  withServer,
  async (t) => {
    const { server, built, clock } = await instances(t, { ...PAIR, MASKING_NUMBERS: OLD })
    const [{ app }] = built as [(typeof built)[0]]
    await server.kill('SIGKILL')
    await until('the store is gone', () => app.sharedStore?.isUp === false)
    t.match((await call(app, PAIR.FE, PAIR.M1)).body, PAIR.CUSTOMER)
    t.equal((await call(app, '919800000001', OLD)).body, APOLOGY)
    t.equal((await call(app, '919800000001', NEW)).body, APOLOGY, 'it may have been added since')
    await clock.tick(POOL_INTERVAL_MS)
    t.equal(app.pool.seen.has(OLD), true)
    t.match((await ask(app, 'POST', '/numbers', { numbers: [{ number: NEW }] })).json(), {
      code: 'store_unavailable',
    })
  },
)

test(
  'an instance whose MASKING_NUMBERS differ from the pool says so once, without a number',
  withServer,
  async (t) => {
    const { built } = await instances(t, { MASKING_NUMBERS: OLD }, { MASKING_NUMBERS: `${NEW},919000000022` })
    const [first, second] = built.map(({ logged }) => lines(logged())) as [object[], object[]]
    const isWarning = ({ msg }: { msg?: unknown }) => String(msg).startsWith('MASKING_NUMBERS differs')
    t.same(first.filter(isWarning), [])
    const [warning, ...more] = second.filter(isWarning)
    t.match(warning, { level: 'warn', onlyConfigured: 2, onlyInPool: 1 })
    t.same(more, [])
    t.notMatch(JSON.stringify(warning), /90000000/)
  },
)

test('a number leaves the pool of all instances once nobody needs it', withServer, async (t) => {
  const pool = { MASKING_NUMBERS: `${OLD},${NEW}`, NUMBER_REST: '0' }
  const { apps, clock } = await instances(t, pool, pool)
  const [first, second] = apps
  const participants = [{ number: '9800000001' }, { number: '9800000002' }]
  const { id } = (await ask(first, 'POST', '/sessions', { participants })).json()
  await ask(second, 'PUT', `/numbers/+${OLD}`, { state: 'draining' })
  clock.time += DRAIN_MS
  const refused = await ask(second, 'DELETE', `/numbers/+${OLD}`)
  t.match(refused.json(), { code: 'number_in_use', reason: 'open_legs' })
  await ask(first, 'POST', `/sessions/${id}/close`)
  t.equal((await ask(second, 'DELETE', `/numbers/+${OLD}`)).statusCode, 200)
  await clock.tick(POOL_INTERVAL_MS)
  t.same([first.pool.seen.active, second.pool.seen.active], [[NEW], [NEW]])
})

test('errors of the background work are logged, but for a store that does not answer', async (t) => {
  const clock = testClock()
  const { app, logged } = await build(t, API.environment, clock)
  t.equal(clock.intervals().includes(POOL_INTERVAL_MS), true)
  const fail = (error: Error) => {
    app.pool.upkeep = () => Promise.reject(error)
    app.poolCounter.upkeep = () => Promise.reject(error)
  }
  fail(new StoreUnavailableError())
  await clock.tick(POOL_INTERVAL_MS)
  t.equal(logged(), '')
  fail(new TypeError('x'))
  await clock.tick(POOL_INTERVAL_MS)
  t.match(
    lines(logged())
      .map(({ msg }) => msg)
      .sort(),
    ['counting the use of the pool failed', 'reading the pool failed'],
  )
})

test('without an API nobody counts', async (t) => {
  const clock = testClock()
  const { app } = await build(t, { MASKING_NUMBERS: OLD }, clock)
  t.notOk(app.hasDecorator('poolCounter'))
  await clock.tick(POOL_INTERVAL_MS)
  t.ok(app.pool.seen.has(OLD))
})
