import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Test, test } from 'tap'
import { BEAT_EVERY_MS, LOOK_EVERY_MS, MAX_STREAMS, STREAM_LIMIT_MS } from '../../../console/routes/live.js'
import { keyLine } from '../../../src/access/api-key.js'
import { createSecret } from '../../../src/access/key-secret.js'
import { StoreUnavailableError } from '../../../src/masking/storage.js'
import { testClock } from '../../clocks.js'
import { lines } from '../../fixtures.js'
import { API, build } from '../../helper.js'
import { signIn } from '../signed-in.js'

const KEY = API.environment.API_KEYS

async function started(t: Test, environment: Record<string, string> = {}, key: string = KEY) {
  const clock = testClock()
  const built = await build(t, { ...API.environment, ...environment }, clock)
  const { app } = built
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const staff = await signIn(app, key)
  const open = async (cookie = staff.cookie) => {
    const asked = get({ host: '127.0.0.1', port, path: '/console/live', headers: { cookie }, agent: false })
    const [reply] = (await once(asked, 'response')) as [IncomingMessage]
    return { reply, ...heard(reply), leave: () => asked.destroy() }
  }
  const openSession = () =>
    app.inject({
      method: 'POST',
      url: '/v1/sessions',
      headers: API.headers,
      payload: { participants: [{ number: '+918888800011' }, { number: '+918888800012' }] },
    })
  return { ...built, clock, staff, open, openSession }
}

/** What came over a stream so far. */
function heard(reply: IncomingMessage) {
  let text = ''
  let wake = () => {}
  reply.setEncoding('utf8').on('data', (chunk) => {
    text += chunk
    wake()
  })
  return {
    text: () => text,
    /** Waits until this was heard. */
    async until(what: string) {
      while (!text.includes(what))
        await new Promise<void>((resolve) => {
          wake = resolve
        })
    },
    ended: new Promise((resolve) => reply.once('close', resolve).on('error', () => undefined)),
  }
}

test('a page is told within one look that something has changed, and nothing of what', async (t) => {
  const { clock, open, openSession } = await started(t)
  t.notOk(clock.intervals().includes(LOOK_EVERY_MS), 'nobody looks while nobody listens')
  const [one, other] = [await open(), await open()]
  t.match(one.reply, {
    statusCode: 200,
    headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' },
  })
  t.equal(clock.intervals().filter((ms) => ms === LOOK_EVERY_MS).length, 1, 'one look for all of them')
  await clock.tick(LOOK_EVERY_MS)
  t.equal((await openSession()).statusCode, 201)
  await clock.tick(1_000)
  await clock.tick(LOOK_EVERY_MS)
  await Promise.all([one.until('data: '), other.until('data: ')])
  t.equal(one.text(), 'retry: 1000\n\nevent: change\ndata: ["session"]\n\n')
  t.equal(other.text(), one.text())

  await clock.tick(BEAT_EVERY_MS)
  await one.until(': still here\n\n')
  one.leave()
  t.equal(clock.runOut(STREAM_LIMIT_MS) > 0, true)
  await other.ended
})

test('nobody looks any more once nobody listens', async (t) => {
  const { clock, open, app } = await started(t)
  const one = await open()
  one.leave()
  while (clock.intervals().includes(LOOK_EVERY_MS)) await new Promise(setImmediate)
  t.ok(app.server.listening)
})

test('a stream ends when the drain begins, so that closing need not wait for it', async (t) => {
  const { app, clock, open, staff } = await started(t)
  const one = await open()
  app.drain.begin()
  await clock.tick(LOOK_EVERY_MS)
  await one.ended
  t.equal((await staff.get('/console/live')).status, 503, 'and none begins')
})

test('a stream ends when the service closes', async (t) => {
  const { app, open } = await started(t)
  const one = await open()
  await Promise.all([app.close(), one.ended])
  t.pass('it did not wait')
})

test('a stream ends with the sign-in, and is no use of it', async (t) => {
  const signedOut = await started(t)
  const one = await signedOut.open()
  await signedOut.clock.tick(BEAT_EVERY_MS)
  await one.until(': still here')
  await signedOut.staff.post('/console/sign-out')
  await signedOut.clock.tick(BEAT_EVERY_MS)
  await one.ended

  const idle = await started(t, { CONSOLE_IDLE: '60' })
  const left = await idle.open()
  for (let i = 0; i < 4; i += 1) {
    idle.clock.time += BEAT_EVERY_MS
    await idle.clock.tick(BEAT_EVERY_MS)
  }
  await left.ended

  const secret = createSecret()
  const expiresAt = Date.UTC(2100, 0, 1) + 60_000
  const line = keyLine({
    name: 'desk',
    scopes: ['sessions:read'],
    origin: 'configuration',
    expiresAt,
    ...secret,
  })
  const keyed = await started(t, { API_KEY_HASHES: line }, secret.text)
  const expired = await keyed.open()
  keyed.clock.time = expiresAt
  await keyed.clock.tick(BEAT_EVERY_MS)
  await expired.ended
  t.pass('all of them ended')
})

test('a store that is down ends no stream, and what nobody expected is told of without its text', async (t) => {
  const { app, clock, open, logged } = await started(t)
  const one = await open()
  const { storage } = app.storages
  const { read, entries } = storage
  const fail = (error: Error) => {
    storage.read = () => Promise.reject(error)
    storage.entries = () => Promise.reject(error)
  }
  fail(new StoreUnavailableError())
  await clock.tick(BEAT_EVERY_MS)
  await clock.tick(LOOK_EVERY_MS)
  const isTold = ({ msg }: Record<string, unknown>) => /open pages/.test(String(msg))
  t.equal(lines(logged()).filter(isTold).length, 0)
  fail(new Error('+918888800001'))
  await clock.tick(BEAT_EVERY_MS)
  await clock.tick(LOOK_EVERY_MS)
  t.equal(lines(logged()).filter(isTold).length, 2)
  t.notMatch(logged(), /8888800001/)
  Object.assign(storage, { read, entries })
  await clock.tick(BEAT_EVERY_MS)
  await one.until(': still here')
})

test('who has not signed in hears nothing, and there is a bound', async (t) => {
  const { app, open, staff } = await started(t)
  t.equal((await open('callmask=x')).reply.statusCode, 303)
  const headers = { cookie: staff.cookie }
  t.equal((await app.inject({ method: 'HEAD', url: '/console/live', headers })).statusCode, 404)
  const all = []
  for (let i = 0; i < MAX_STREAMS; i += 1) all.push(await open())
  t.equal((await open()).reply.statusCode, 503)
  for (const { leave } of all) leave()
})
