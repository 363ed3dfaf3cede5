import { fastify } from 'fastify'
import fp from 'fastify-plugin'
import { test } from 'tap'
import clockPlugin from '../../plugins/clock.js'
import nonceMemory from '../../plugins/nonce-memory.js'
import { createLogger } from '../../src/logger.js'
import { StoreUnavailableError } from '../../src/masking/storage.js'
import { createVault } from '../../src/stores/vault.js'
import { signatureHeaders } from '../../src/vobiz/signature.js'
import { patientClock, testClock } from '../clocks.js'
import { captured, FE_REACHES_CUSTOMER, lines, PAIR, webhook } from '../fixtures.js'
import { build } from '../helper.js'
import { meterPlugin } from '../meters.js'
import { startServer, until, withServer } from '../redis-server.js'
import { OTHER_KEY, PREFIX, STORE_KEY } from '../redis-store.js'

const URL = 'https://mask.example.com'
const TOKEN = 'test_auth_token'
const REQUIRED = { VOBIZ_AUTH_TOKEN: TOKEN, PUBLIC_BASE_URL: URL, WEBHOOK_AUTH: 'required' }

/** A signed call, and the same headers with the body of another call. */
function capture() {
  const call = webhook({ From: PAIR.FE, To: '09000000001' })
  const genuine = { ...call, headers: { ...call.headers, ...signatureHeaders(`${URL}/answer`, TOKEN) } }
  const payload = new URLSearchParams({ From: PAIR.CUSTOMER, To: '09000000002' }).toString()
  return { genuine, altered: { ...genuine, payload } }
}

/** The nonces of the plugin alone, on a store that answers like this. */
async function alone(set?: () => Promise<string | null>) {
  const app = fastify()
  const store = { vault: createVault([OTHER_KEY, STORE_KEY]), prefix: PREFIX, link: { ask: () => set?.() } }
  await app.register(
    fp(
      async () => {
        app.decorate('sharedStore', (set ? store : undefined) as never)
      },
      { name: 'shared-store' },
    ),
  )
  await app.register(clockPlugin, { clock: testClock() })
  await app.register(meterPlugin())
  await app.register(nonceMemory)
  return app.nonces
}

test('without a shared store an instance remembers nonces itself', async (t) => {
  const nonces = await alone()
  const uses = [await nonces.use(['n'], 'a'), await nonces.use(['n'], 'a'), await nonces.use(['n'], 'b')]
  t.same(
    uses.map(({ kind }) => kind),
    ['new', 'retry', 'altered'],
  )
})

test('a nonce that another instance has seen counts, also under the previous key', async (t) => {
  const [mark] = createVault([STORE_KEY]).marksOf('a')
  const known = await alone(async () => `${mark}|1234`)
  t.same(await known.use(['n'], 'a'), { kind: 'retry', at: 1234 }, 'with the time of the other')
  t.same(await known.use(['n'], 'b'), { kind: 'altered', at: 1234 })
  t.match(await (await alone(async () => null)).use(['n'], 'a'), { kind: 'new' })
  const odd = await (await alone(async () => mark)).use(['n'], 'a')
  t.same(odd, { kind: 'retry', at: Number.NaN }, 'without a time it is not known to be recent')
})

test('an instance remembers nonces itself while the store is down, and passes any other error on', async (t) => {
  const down = await alone(() => Promise.reject(new StoreUnavailableError()))
  t.match(await down.use(['n'], 'a'), { kind: 'new' }, 'down: by itself')
  t.match(await down.use(['n'], 'b'), { kind: 'altered' })
  const error = new Error('WRONGTYPE')
  const failing = await alone(() => Promise.reject(error))
  await t.rejects(async () => failing.use(['n'], 'a'), error)
})

test('two instances on one store recognise each other’s replays', withServer, async (t) => {
  const server = await startServer(t)
  const environment = { ...REQUIRED, STORE_URL: server.url, STORE_KEY }
  const [a, b] = [await build(t, environment, patientClock), await build(t, environment, patientClock)]
  const areUp = () => [a, b].every(({ app }) => app.sharedStore?.link.isUp)
  await until('the store is there', areUp)

  const { genuine, altered } = capture()
  t.match(await a.app.inject(genuine), { statusCode: 200, body: FE_REACHES_CUSTOMER })
  t.equal((await server.client.keys(`${PREFIX}nonce:*`)).length, 1)
  t.equal((await b.app.inject(altered)).statusCode, 403)
  t.equal((await b.app.inject(genuine)).body, FE_REACHES_CUSTOMER)
  t.equal((await a.app.inject(genuine)).body, FE_REACHES_CUSTOMER)
  t.match(
    lines(b.logged()).filter(({ refusal }) => refusal),
    [{ refusal: 'altered-replay', count: 1 }],
  )

  await server.kill('SIGKILL')
  await until('the store is gone', () => [a, b].every(({ app }) => !app.sharedStore?.link.isUp))
  const later = capture()
  for (const { app } of [a, b]) {
    t.match(await app.inject(later.genuine), { statusCode: 200, body: FE_REACHES_CUSTOMER })
    t.match(
      await app.inject(later.altered),
      { statusCode: 403, body: '' },
      'each remembers what it has seen itself',
    )
  }
  await server.restart()
  await until('the store is there', areUp)
  t.equal((await a.app.inject(later.genuine)).statusCode, 200)
  t.equal((await b.app.inject(later.altered)).statusCode, 403)
  for (const { logged } of [a, b])
    t.notOk(
      lines(logged()).some(({ err }) => err),
      'nothing failed',
    )
})

test('an instance warns when it forgets replays before their time', async (t) => {
  const { stream, written } = captured()
  const clock = testClock()
  const app = fastify({ loggerInstance: createLogger(stream) })
  t.teardown(() => app.close())
  const noStore = fp(async () => void app.decorate('sharedStore', undefined as never), {
    name: 'shared-store',
  })
  await app.register(noStore)
  await app.register(clockPlugin, { clock })
  await app.register(meterPlugin())
  await app.register(nonceMemory, { capacity: 2 })
  for (const nonce of ['1', '2', '3']) {
    await app.nonces.use([nonce], 'a')
    clock.time += 60_000
  }
  t.match(lines(written()), [{ level: 'warn', rememberedMinutes: 1, msg: /memory for replays is full/ }])
})
