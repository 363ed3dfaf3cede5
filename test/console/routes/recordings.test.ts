import { request as httpRequest, type IncomingMessage } from 'node:http'
import { type Test, test } from 'tap'
import { wav } from '../../audio-files.js'
import { testClock } from '../../clocks.js'
import { API, build as buildService } from '../../helper.js'
import { standInRecording, startStandIn } from '../../vobiz-stand-in.js'
import { signIn } from '../signed-in.js'

const CALL = '6d0f4d2e-1c3b-4a59-8e7f-90a1b2c3d4e5'
const RECORDING = 'bbbbbbbb-1c3b-4a59-8e7f-90a1b2c3d4e5'
const SESSION = 's_VGhpcyBpcyBhbiBpZCEhIQ'
const URL_OF_IT = `/console/calls/${CALL}/recording`
const REAL_NUMBERS = /8888800001|8888800002/
/** Pieces of audio that are more than fits on any way. */
const ENDLESS = 1_000

/** The service with an account and a call that was recorded, and whoever listens. */
async function build(t: Test, outside: typeof fetch = fetch) {
  const standIn = await startStandIn()
  t.teardown(() => standIn.close())
  standIn.recordings.set(RECORDING, standInRecording(RECORDING, CALL, wav()))
  const account = {
    VOBIZ_API_BASE: standIn.base,
    VOBIZ_AUTH_ID: standIn.authId,
    VOBIZ_AUTH_TOKEN: standIn.authToken,
    PUBLIC_BASE_URL: 'https://mask.example.com',
  }
  const clock = testClock()
  const built = await buildService(t, { ...API.environment, ...account }, clock, outside)
  const { app } = built
  await app.calls.note(CALL, {
    begun: { at: clock.time, sessionId: SESSION, side: 0 },
    recordings: { [RECORDING]: { ready: true, ms: 1_000 } },
    dialled: 'talked',
  })
  const { cookie } = await signIn(app, API.environment.API_KEYS)
  const listen = (headers = {}) => app.inject({ url: URL_OF_IT, headers: { cookie, ...headers } })
  return { ...built, standIn, cookie, listen }
}

/** The carrier, whose audio is of the test. */
function withAudio(respond: (init: RequestInit | undefined) => Response | Promise<Response>): typeof fetch {
  return async (input, init) => (String(input).includes('/media/') ? respond(init) : fetch(input, init))
}

test('a recording is played in the page: the audio of the carrier, whole or in parts', async (t) => {
  const { listen, audited, logged } = await build(t)
  const whole = await listen()
  t.equal(whole.statusCode, 200)
  t.ok(wav().equals(whole.rawPayload))
  t.match(whole.headers, {
    'content-type': 'audio/wav',
    'content-length': String(wav().length),
    'accept-ranges': 'bytes',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  t.notOk('content-disposition' in whole.headers, 'it is not to be saved')

  const part = await listen({ range: 'bytes=100-199' })
  t.equal(part.statusCode, 206)
  t.ok(wav().subarray(100, 200).equals(part.rawPayload))
  t.match(part.headers, { 'content-range': `bytes 100-199/${wav().length}`, 'content-length': '100' })
  t.equal((await listen({ range: 'bytes=100-199', 'if-range': '"another"' })).statusCode, 200)

  const none = await listen({ range: `bytes=${wav().length}-` })
  t.equal(none.statusCode, 416)
  t.equal(none.headers['content-range'], `bytes */${wav().length}`)

  t.match(audited().at(-1), new RegExp(`"operation":"getRecording","session":"${SESSION}","status":416`))
  t.notMatch(JSON.stringify(whole.headers) + logged() + audited().join(), REAL_NUMBERS)
})

test('where there is nothing to hear a page says why', async (t) => {
  const { app, standIn, cookie, listen, logged } = await build(t)
  standIn.recordings.clear()
  const lost = await listen()
  t.equal(lost.statusCode, 404)
  t.match(lost.headers['content-type'], 'text/html')
  t.match(lost.body, 'There is no recording of this call')
  const other = await app.inject({ url: '/console/calls/other/recording', headers: { cookie } })
  t.match(other.body, 'There is no such call')
  standIn.fault = () => ({ status: 403, body: { error: 'no access to +918888800001' } })
  const refused = await listen()
  t.equal(refused.statusCode, 502)
  t.notMatch(refused.body + logged(), REAL_NUMBERS)
  t.equal((await app.inject({ method: 'HEAD', url: URL_OF_IT, headers: { cookie } })).statusCode, 404)
})

test('it comes at the pace of whoever listens, and ends at the carrier when they leave', async (t) => {
  let sent = 0
  const cancelled = deferred<boolean>()
  const body = () =>
    new ReadableStream({
      pull(controller) {
        if (sent === ENDLESS) return
        sent += 1
        controller.enqueue(sent === 1 ? wav() : new Uint8Array(64 * 1024))
      },
      cancel: () => cancelled.resolve(true),
    })
  const { app, cookie, audited, logged } = await build(
    t,
    withAudio(() => new Response(body())),
  )
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const reply = await new Promise<IncomingMessage>((resolve) => {
    const asking = httpRequest(`${url}${URL_OF_IT}`, { headers: { cookie } }, resolve)
    asking.on('error', () => undefined)
    asking.end()
  })
  reply.on('error', () => undefined)
  await new Promise((resolve) => reply.once('readable', resolve))
  // It stands still once everything on the way is full.
  for (let [before, quiet] = [-1, 0]; quiet < 100; quiet = sent === before ? quiet + 1 : 0) {
    before = sent
    await new Promise((resolve) => setImmediate(resolve))
  }
  t.ok(sent < ENDLESS, 'all of it is not taken before somebody hears it')
  reply.destroy()
  t.equal(await cancelled.promise, true)
  t.match(audited().at(-1), new RegExp(`"operation":"getRecording","session":"${SESSION}","status":200`))
  t.notMatch(logged(), /request failed/)
})

test('whoever leaves before the carrier answers hears nothing, and the carrier sends nothing', async (t) => {
  const [asked, answer, cancelled] = [deferred<void>(), deferred<Response>(), deferred<boolean>()]
  const slow = withAudio(() => {
    asked.resolve()
    return answer.promise
  })
  const { app, cookie, logged } = await build(t, slow)
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const asking = httpRequest(`${url}${URL_OF_IT}`, { headers: { cookie } })
  asking.on('error', () => undefined)
  asking.end()
  await asked.promise
  const gone = new Promise((resolve) => asking.once('close', resolve))
  asking.destroy()
  await gone
  const start = (controller: ReadableStreamDefaultController) => controller.enqueue(wav())
  answer.resolve(new Response(new ReadableStream({ start, cancel: () => cancelled.resolve(true) })))
  t.equal(await cancelled.promise, true)
  t.notMatch(logged(), /request failed/)
})

test('a carrier that sends less than it said breaks the reply off', async (t) => {
  let fail: () => void = () => undefined
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(wav())
      fail = () => controller.close()
    },
  })
  const short = withAudio(() => new Response(body, { headers: { 'content-length': '1000000' } }))
  const { app, cookie, logged } = await build(t, short)
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const outcome = await new Promise((resolve) => {
    const asking = httpRequest(`${url}${URL_OF_IT}`, { headers: { cookie } }, (reply) => {
      reply.once('data', () => fail())
      reply.on('error', () => resolve('broken off'))
      reply.on('end', () => resolve('whole'))
    })
    asking.end()
  })
  t.equal(outcome, 'broken off')
  t.notMatch(logged(), /request failed/)
})

function deferred<Value>() {
  let resolve: (value: Value) => void = () => undefined
  const promise = new Promise<Value>((done) => {
    resolve = done
  })
  return { promise, resolve }
}
