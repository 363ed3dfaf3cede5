import { request as httpRequest } from 'node:http'
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify'
import { type Test, test } from 'tap'
import type { CallFacts } from '../../src/calls/call-facts.js'
import { mp3, wav } from '../audio-files.js'
import { testClock } from '../clocks.js'
import { documentCheckOnce } from '../documented.js'
import { API, build as buildService } from '../helper.js'
import { type StandIn, standInRecording, startStandIn } from '../vobiz-stand-in.js'

const CALL = '6d0f4d2e-1c3b-4a59-8e7f-90a1b2c3d4e5'
const RECORDING = 'bbbbbbbb-1c3b-4a59-8e7f-90a1b2c3d4e5'
const SESSION = 's_VGhpcyBpcyBhbiBpZCEhIQ'
const URL_OF_IT = `/v1/calls/${CALL}/recording`
const REAL_NUMBERS = /8888800001|8888800002/

const checkOf = documentCheckOnce()

interface World {
  readonly app: FastifyInstance
  readonly standIn: StandIn
  readonly logged: () => string
  readonly audited: () => string[]
  readonly ask: (options?: InjectOptions) => Promise<LightMyRequestResponse>
  readonly note: (facts: CallFacts) => Promise<unknown>
}

/** The service with an account, and a call that was recorded. */
async function build(
  t: Test,
  { audio = wav(), environment = {} as Record<string, string>, outside = fetch } = {},
): Promise<World> {
  const standIn = await startStandIn()
  t.teardown(() => standIn.close())
  standIn.recordings.set(RECORDING, standInRecording(RECORDING, CALL, audio))
  const account = {
    VOBIZ_API_BASE: standIn.base,
    VOBIZ_AUTH_ID: standIn.authId,
    VOBIZ_AUTH_TOKEN: standIn.authToken,
    PUBLIC_BASE_URL: 'https://mask.example.com',
  }
  const clock = testClock()
  const settings = { ...API.environment, ...account, ...environment }
  const { app, logged, audited } = await buildService(t, settings, clock, outside)
  const undocumented = await checkOf(app)
  await app.calls.note(CALL, {
    begun: { at: clock.time, sessionId: SESSION, side: 0 },
    recordings: { [RECORDING]: { ready: true, ms: 1_000 } },
    dialled: 'talked',
  })
  return {
    app,
    standIn,
    logged,
    audited,
    note: (facts) => app.calls.note(CALL, facts),
    async ask(options = {}) {
      const request = { url: URL_OF_IT, ...options, headers: { ...API.headers, ...options.headers } }
      const reply = await app.inject(request)
      t.notMatch(reply.body + JSON.stringify(reply.headers), REAL_NUMBERS)
      t.notMatch(reply.body + JSON.stringify(reply.headers), /vobiz|media|127\.0\.0\.1/, 'no address')
      if (/json/.test(String(reply.headers['content-type'])))
        t.equal(undocumented(request as InjectOptions, reply), undefined)
      return reply
    },
  }
}

test('the audio of a call is that of the carrier, with the type that it really has', async (t) => {
  for (const [audio, type, name] of [
    [wav(), 'audio/wav', 'wav'],
    [mp3(), 'audio/mpeg', 'mp3'],
    [Buffer.from('neither of the two'), 'application/octet-stream', 'bin'],
  ] as const) {
    const { ask, standIn, audited, logged } = await build(t, { audio })
    const reply = await ask()
    t.equal(reply.statusCode, 200)
    t.ok(audio.equals(reply.rawPayload))
    t.match(reply.headers, {
      'content-type': type,
      'content-length': String(audio.length),
      'content-disposition': `attachment; filename="call-${CALL}.${name}"`,
      'accept-ranges': 'bytes',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
    t.same(standIn.violations, [])
    // Its connection has closed by then, too.
    await new Promise((resolve) => setImmediate(resolve))
    const [line, ...more] = audited().filter((line) => line.includes('getRecording'))
    t.match(line, new RegExp(`"operation":"getRecording","session":"${SESSION}","status":200`))
    t.same(more, [])
    t.notMatch(logged(), REAL_NUMBERS)
  }
})

test('a part can be asked for, whether the carrier sends parts or not', async (t) => {
  const audio = wav()
  const { ask, standIn } = await build(t, { audio })
  for (const sendsParts of [true, false]) {
    standIn.sendsParts = sendsParts
    for (const [range, first, last] of [
      ['bytes=0-1', 0, 1],
      ['bytes=100-', 100, audio.length - 1],
      ['bytes=-10', audio.length - 10, audio.length - 1],
    ] as const) {
      const reply = await ask({ headers: { range } })
      t.equal(reply.statusCode, 206, range)
      t.ok(audio.subarray(first, last + 1).equals(reply.rawPayload), range)
      t.match(reply.headers, {
        'content-type': 'audio/wav',
        'content-range': `bytes ${first}-${last}/${audio.length}`,
        'content-length': String(last - first + 1),
      })
    }
    const none = await ask({ headers: { range: `bytes=${audio.length}-` } })
    t.match(none.json(), { status: 416, code: 'range_not_satisfiable' })
    t.equal(none.headers['content-range'], `bytes */${audio.length}`)
    for (const headers of [{ range: 'bytes=0-1,4-5' }, { range: 'bytes=0-1', 'if-range': '"a"' }])
      t.equal((await ask({ headers })).statusCode, 200)
  }
})

test('HEAD tells what there would be, and fetches no audio', async (t) => {
  const audio = wav()
  const { ask } = await build(t, { audio })
  const reply = await ask({ method: 'HEAD' })
  t.equal(reply.statusCode, 200)
  t.equal(reply.rawPayload.length, 0)
  t.match(reply.headers, { 'content-type': 'audio/wav', 'content-length': String(audio.length) })
})

test('a client may take audio alone, and then gets it', async (t) => {
  const { ask } = await build(t)
  for (const accept of ['audio/*', 'audio/mpeg, audio/wav', '*/*'])
    t.equal((await ask({ headers: { accept } })).statusCode, 200, accept)
  t.equal((await ask({ headers: { accept: 'image/png' } })).json().code, 'not_acceptable')
  const elsewhere = await ask({ url: '/v1/status', headers: { accept: 'audio/*' } })
  t.equal(elsewhere.json().code, 'not_acceptable')
})

test('where there is no audio the reply says why', async (t) => {
  const { app, ask, standIn, note } = await build(t)
  const reason = async (method: 'GET' | 'DELETE' = 'GET') => {
    const reply = await ask({ method })
    return `${reply.statusCode} ${reply.json().code} ${reply.json().reason}`
  }
  t.equal((await ask({ url: '/v1/calls/other/recording' })).json().code, 'call_not_found')
  t.equal((await ask({ url: '/v1/calls/other/recording', method: 'DELETE' })).json().code, 'call_not_found')
  standIn.recordings.clear()
  t.equal(await reason(), '404 recording_not_found lost')
  await note({ recordings: { [RECORDING]: { deletedAt: 1 } } })
  t.equal(await reason(), '404 recording_not_found deleted')

  const other = CALL.replace('6', '7')
  await app.calls.note(other, { begun: { at: 1 } })
  const url = `/v1/calls/${other}/recording`
  for (const method of ['GET', 'DELETE'] as const)
    t.match((await ask({ url, method })).json(), { status: 404, reason: 'not_recorded' })
  await app.calls.note(other, { recordings: { [RECORDING]: {} } })
  t.match((await ask({ url })).json(), { status: 404, reason: 'not_ready' })
})

test('a file that is gone while its record is there is lost', async (t) => {
  const { ask, standIn } = await build(t)
  const recording = standIn.recordings.get(RECORDING)
  if (recording) recording.recording_url = new URL('/media/other.mp3', standIn.base).href
  t.match((await ask()).json(), { status: 404, reason: 'lost' })
})

test('DELETE removes it at the carrier, and the record says when', async (t) => {
  const { app, ask, standIn, audited } = await build(t)
  const reply = await ask({ method: 'DELETE' })
  t.equal(reply.statusCode, 200)
  t.same(reply.json(), { call_id: CALL, deleted_at: '2100-01-01T00:00:00.000Z' })
  t.equal(standIn.recordings.size, 0)
  t.same((await app.calls.find(CALL))?.recordings?.[RECORDING]?.deletedAt, app.clock.now())
  t.same((await ask({ method: 'DELETE' })).json(), reply.json(), 'again changes nothing')
  t.same(standIn.violations, [])
  t.match(audited().at(-1), new RegExp(`"operation":"deleteRecording","session":"${SESSION}","status":200`))
})

test('each needs its scope', async (t) => {
  const { ask } = await build(t)
  t.equal((await ask({ headers: { authorization: '' } })).statusCode, 401)
  const { app } = await build(t, { environment: { STORE_URL: '' } })
  const { paths } = (await app.inject({ url: '/openapi.json', headers: API.headers })).json()
  const { get, delete: remove } = paths['/v1/calls/{id}/recording']
  t.same([get.security, remove.security], [[{ key: ['calls:read'] }], [{ key: ['people:erase'] }]])
})

test('without an account nothing can be asked of the carrier', async (t) => {
  const { ask } = await build(t, { environment: { VOBIZ_AUTH_ID: '' } })
  for (const method of ['GET', 'DELETE'] as const)
    t.match((await ask({ method })).json(), { status: 409, code: 'no_carrier_api' })
})

test('what the carrier refuses is no fault of the client, and the log says what', async (t) => {
  const { ask, standIn, logged } = await build(t)
  standIn.fault = () => ({ status: 403, body: { error: 'no access to +918888800001' } })
  for (const method of ['GET', 'DELETE'] as const)
    t.match((await ask({ method })).json(), { status: 502, code: 'carrier_unavailable' })
  t.match(logged(), /"http.response.status_code":403.*the carrier does not give a recording/)
  t.notMatch(logged(), REAL_NUMBERS)
})

test('an address elsewhere is not asked, and not told', async (t) => {
  const { ask, standIn, logged } = await build(t)
  const recording = standIn.recordings.get(RECORDING)
  if (recording) recording.recording_url = 'https://example.com/918888800001.mp3'
  t.match((await ask()).json(), { status: 502, code: 'carrier_unavailable' })
  t.match(logged(), /"reason":"foreign-host"/)
  t.notMatch(logged(), /8888800001|example\.com/)
})

test('an error of ours is none of the carrier', async (t) => {
  const { app, ask } = await build(t)
  app.storages.storage.read = () => {
    throw new TypeError('a bug')
  }
  t.match((await ask()).json(), { status: 500, code: 'internal_error' })
})

test('nothing is fetched for a client that has gone, and what it heard stands in the audit trail', async (t) => {
  let cancel: () => void = () => undefined
  const cancelled = new Promise((resolve) => {
    cancel = () => resolve(true)
  })
  const endless: typeof fetch = async (input, init) => {
    if (!String(input).includes('/media/')) return fetch(input, init)
    const body = new ReadableStream({ start: (controller) => controller.enqueue(wav()), cancel })
    return new Response(body)
  }
  const { app, audited } = await build(t, { outside: endless })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const asking = httpRequest(`${url}${URL_OF_IT}`, { headers: API.headers }, (reply) => {
    reply.once('data', () => reply.destroy())
    reply.on('error', () => undefined)
  })
  asking.on('error', () => undefined)
  asking.end()
  t.equal(await cancelled, true)
  const lines = audited().filter((line) => line.includes('getRecording'))
  t.match(lines, [new RegExp(`"session":"${SESSION}","status":200`)])
  t.equal(lines.length, 1)
})

test('a carrier that sends less than it said breaks the reply off', async (t) => {
  const short: typeof fetch = async (input, init) => {
    if (!String(input).includes('/media/')) return fetch(input, init)
    return new Response(wav(), { headers: { 'content-length': '1000000' } })
  }
  const { app } = await build(t, { outside: short })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const outcome = await new Promise((resolve) => {
    const asking = httpRequest(`${url}${URL_OF_IT}`, { headers: API.headers }, (reply) => {
      reply.resume()
      reply.on('error', () => resolve('broken off'))
      reply.on('end', () => resolve('whole'))
    })
    asking.end()
  })
  t.equal(outcome, 'broken off')
})
