import { test } from 'tap'
import { CALL_WORK_INTERVAL_MS } from '../../plugins/call-work.js'
import { CALL_PATHS, type CallPath, TOKEN_LIFE_MS } from '../../src/calls/call-tokens.js'
import { RECORDING_LIMIT_MS } from '../../src/calls/work-lists.js'
import { UnreadableSessionError } from '../../src/masking/session-store.js'
import { StoreUnavailableError } from '../../src/masking/storage.js'
import { signatureHeaders } from '../../src/vobiz/signature.js'
import { BASE, callService, ID, OTHER_ID, RIDER, tellsNumber, urlsIn } from '../call-service.js'
import { LEG, RECORDING } from '../call-stories.js'
import { APOLOGY, DECLARATION, lines } from '../fixtures.js'
import { judge } from '../vobiz-verbs.js'

const EMPTY = `${DECLARATION}<Response/>`
const GOODBYE = `${DECLARATION}<Response><Hangup/></Response>`
const ALL = {
  whisper: 'A call for you.',
  record: { announcement: 'This call is recorded.' },
  language: 'en-IN',
} as const

const spoken = (...words: string[]) =>
  `${DECLARATION}<Response>${words.map((text) => `<Speak language="en-IN">${text}</Speak>`).join('')}</Response>`

test('each URL of a document is told something, and says what to do', async (t) => {
  const { send, dial, open, find } = await callService(t)
  const { id: sessionId, dialled, shown } = await open(ALL)
  const urls = urlsIn((await dial(RIDER, dialled)).body)
  t.same(Object.keys(urls).sort(), ['dialled', 'leg', 'recorded', 'recording', 'whisper'])
  const told = async (purpose: string, fields: Record<string, string>) => {
    const reply = await send(String(urls[purpose]), fields)
    t.equal(reply.statusCode, 200)
    t.equal(reply.headers['content-type'], 'application/xml; charset=utf-8')
    return reply.body
  }
  t.equal(await told('recording', { Event: 'Record', RecordingID: RECORDING }), EMPTY)
  t.equal(await told('leg', { Event: 'DialAnswer', DialBLegUUID: LEG }), EMPTY)
  t.equal(await told('whisper', {}), spoken('This call is recorded.', 'A call for you.'))
  t.equal(await told('leg', { Event: 'DialConnected', DialBLegUUID: LEG }), EMPTY)
  t.equal(await told('dialled', { Event: 'DialAction', DialStatus: 'completed' }), GOODBYE)
  t.equal(await told('recorded', { Event: 'RecordStop', RecordingID: RECORDING }), EMPTY)
  t.same(await find(), {
    begun: { at: (await find())?.begun?.at, sessionId, side: 0, maskingNumber: dialled, shown },
    legs: { [LEG]: { answered: true, connected: true } },
    dialled: 'talked',
    recordings: { [RECORDING]: { ready: true } },
    recordingAsked: true,
  })
})

test('where no recording comes of a call that was to be recorded, the business is told', async (t) => {
  const { app, clock, send, dial, open, find } = await callService(t)
  const { id: sessionId, dialled } = await open(ALL)
  const urls = urlsIn((await dial(RIDER, dialled)).body)
  await send(String(urls.leg), { Event: 'DialConnected', DialBLegUUID: LEG })
  await send(String(urls.dialled), { Event: 'DialAction', DialStatus: 'completed' })
  t.match(await find(), { recordingAsked: true, dialled: 'talked' })
  clock.time += RECORDING_LIMIT_MS
  await clock.tick(CALL_WORK_INTERVAL_MS)
  await find()
  const { events } = await app.events.outbox.list({
    type: 'recording.failed',
    order: 'newest first',
    limit: 9,
  })
  t.match(events, [{ sessionId, data: { call_id: ID, caller: 0 } }])
  t.equal(events.length, 1)
  t.notOk(tellsNumber(JSON.stringify(events)))
})

test('a caller who was not connected hears why', async (t) => {
  const { send, dial, open, find } = await callService(t)
  const { dialled } = await open({ language: 'en-IN' })
  const { dialled: url } = urlsIn((await dial(RIDER, dialled)).body)
  const hears = async (fields: Record<string, string>) => (await send(String(url), fields)).body
  t.match(
    await hears({ DialStatus: 'busy' }),
    '<Speak language="en-IN">The person whom you are calling is busy.',
  )
  t.match(await hears({ DialStatus: 'timeout' }), 'does not answer. Please try again later.</Speak><Hangup/>')
  for (const fields of [{ DialStatus: 'failed' }, { DialStatus: 'constructor' }, {}])
    t.match(await hears(fields as Record<string, string>), 'Your call could not be connected.')
  t.equal((await find())?.dialled, 'no_answer')
})

test('a token that is not for this is refused like a stranger', async (t) => {
  const { app, send, dial, open, find, clock, logged } = await callService(t)
  const { dialled } = await open(ALL)
  const urls = urlsIn((await dial(RIDER, dialled)).body)
  const before = await find()
  const refused = async (url: string, fields: Record<string, string> = {}) => {
    const reply = await send(url, { DialStatus: 'busy', Event: 'DialAnswer', DialBLegUUID: LEG, ...fields })
    t.match(reply, { statusCode: 403, body: '' }, url)
  }
  const isForAnother = (path: string, other: string) =>
    CALL_PATHS[path as CallPath] !== CALL_PATHS[other as CallPath]
  for (const purpose of Object.keys(urls)) {
    const url = String(urls[purpose])
    const token = url.slice(url.lastIndexOf('/') + 1)
    for (const other of Object.keys(urls).filter((other) => isForAnother(purpose, other)))
      await refused(`/answer/${other}/${token}`)
    await refused(url, { CallUUID: OTHER_ID })
    await refused(url, { CallUUID: '' })
    await refused(url, { CallUUID: RIDER })
    for (const altered of [token.slice(1), `${token}A`, token.toLowerCase(), 'A', 'A'.repeat(9_000)])
      await refused(`/answer/${purpose}/${altered}`)
  }
  const foreign = await callService(t, { STORE_KEY: Buffer.alloc(32, 1).toString('base64') })
  const call = { callId: ID, at: clock.time }
  await refused(`/answer/leg/${foreign.app.callTokens.mint('dial', call)}`)
  t.equal((await send(`/answer/leg/${app.callTokens.mint('dial', call)}`, {})).statusCode, 200)

  clock.time += TOKEN_LIFE_MS
  for (const url of Object.values(urls)) await refused(url)
  t.same(await app.calls.find(ID), before, 'nothing was noted')
  t.match(
    lines(logged()).find(({ refusal }) => refusal),
    { level: 'warn', refusal: 'wrong-token', count: 1 },
  )
  t.equal((await send('/answer/leg', {})).statusCode, 404)
})

test('what was captured and is sent again with something else in it is not noted', async (t) => {
  const { app, dial, send, open, find } = await callService(t, {
    VOBIZ_AUTH_TOKEN: 'token',
    WEBHOOK_AUTH: 'required',
  })
  const { dialled } = await open()
  const signedFor = (path: string) => signatureHeaders(`${BASE}${path}`, 'token')
  t.equal((await dial(RIDER, dialled)).statusCode, 403, 'nothing is let in unsigned')
  const answered = await send(
    '/answer',
    { From: RIDER, To: `0${dialled.slice(2)}`, Event: 'StartApp' },
    signedFor('/answer'),
  )
  const { leg = '' } = urlsIn(answered.body)
  t.equal((await send(leg, {})).statusCode, 403)

  const captured = signedFor(leg)
  const answer = { Event: 'DialAnswer', DialBLegUUID: LEG }
  for (let i = 0; i < 2; i += 1) t.equal((await send(leg, answer, captured)).statusCode, 200, 'or its retry')
  const connect = { Event: 'DialConnected', DialBLegUUID: LEG }
  t.match(await send(leg, connect, captured), { statusCode: 403, body: '' })
  t.same((await find())?.legs, { [LEG]: { answered: true } })

  const end = signedFor('/answer')
  const hangup = { Event: 'Hangup', HangupCauseCode: '4000' }
  t.equal((await send('/answer', { Event: 'CallInitiated' }, end)).statusCode, 200)
  t.match(await send('/answer', hangup, end), { statusCode: 403, body: '' })
  t.equal((await find())?.ended, undefined)
  t.equal((await send('/answer', hangup, signedFor('/answer'))).statusCode, 200)
  t.match((await find())?.ended, { code: '4000' })

  app.nonces.use = () => Promise.reject(new StoreUnavailableError())
  t.equal((await send(leg, connect, signedFor(leg))).statusCode, 200, 'a nonce that nobody can look up')
  t.match((await find())?.legs, { [LEG]: { connected: true } }, 'does not lose an event')
})

test('events while the store is down are answered, and noted later', async (t) => {
  const { app, dial, send, open, find, clock, logged } = await callService(t)
  const { dialled } = await open({ whisper: 'For one.' })
  const urls = urlsIn((await dial(RIDER, dialled)).body)
  await find()
  const { storage } = app.storages
  const { read, swap } = storage
  storage.read = () => Promise.reject(new StoreUnavailableError())
  storage.swap = () => Promise.reject(new StoreUnavailableError())
  const told = async (purpose: string, fields: Record<string, string>) =>
    send(purpose === 'answer' ? '/answer' : String(urls[purpose]), fields)
  const whisper = await told('whisper', {})
  t.match(whisper, { statusCode: 200, body: PERHAPS }, 'whoever is called may be recorded')
  t.same(judge(whisper.body, 'whisper'), [])
  t.match(await told('leg', { Event: 'DialAnswer', DialBLegUUID: LEG }), { statusCode: 200, body: EMPTY })
  t.match(await told('dialled', { DialStatus: 'completed' }), { statusCode: 200, body: GOODBYE })
  t.match(await told('answer', { Event: 'Hangup', HangupSource: 'Caller' }), { statusCode: 200, body: EMPTY })
  t.equal((await dial(RIDER, dialled, { CallUUID: OTHER_ID })).body, APOLOGY, 'only a call is not answered')

  Object.assign(storage, { read, swap })
  t.equal((await app.calls.find(ID))?.dialled, undefined)
  clock.time += 60_000
  await clock.tick(1_000)
  t.match(await app.calls.find(ID), { dialled: 'talked', ended: { by: 'caller' }, legs: { [LEG]: {} } })
  t.match(lines(logged()).at(-1), { msg: 'call ended', callUuid: ID, outcome: 'talked' })
  t.notOk(tellsNumber(logged()))
})

const PERHAPS = `${DECLARATION}<Response><Speak>This call may be recorded.</Speak></Response>`

test('a session that cannot be read does not silence a call that is under way', async (t) => {
  const { app, dial, send, open } = await callService(t)
  const { dialled } = await open(ALL)
  const { whisper = '', dialled: ended = '' } = urlsIn((await dial(RIDER, dialled)).body)
  app.lookup.findSession = () => {
    throw new UnreadableSessionError('altered')
  }
  t.match(await send(whisper, {}), { statusCode: 200, body: PERHAPS })
  t.match(await send(ended, { DialStatus: 'busy' }), { statusCode: 200, body: /is busy/ })
  app.lookup.findSession = () => {
    throw new TypeError('a mistake of ours')
  }
  t.match(await send(whisper, {}), { statusCode: 200, body: APOLOGY })
})

test('what a session says about its calls may change while one is under way', async (t) => {
  const { app, dial, send, open } = await callService(t)
  const { id, dialled } = await open(ALL)
  const { whisper = '' } = urlsIn((await dial(RIDER, dialled)).body)
  await app.sessions.change(id, { call: { whisper: 'Another one.' }, allowShortRest: false })
  t.match((await send(whisper, {})).body, '<Speak>Another one.</Speak>')
  await app.sessions.close(id)
  t.match((await send(whisper, {})).body, '<Speak>Another one.</Speak>', 'also when it is over')
})

test('calls of the static pair have URLs where more is to be done than to bridge them', async (t) => {
  const { dial, send, find } = await callService(t, { CALL_WHISPER: 'For you.', CALL_LANGUAGE: 'en-IN' })
  const urls = urlsIn((await dial('918888800001', '919000000001')).body)
  t.same(Object.keys(urls).sort(), ['dialled', 'leg', 'whisper'])
  t.equal((await send(String(urls.whisper), {})).body, spoken('For you.'))
  t.equal((await send(String(urls.dialled), { DialStatus: 'completed' })).body, GOODBYE)
  t.match(await find(), { begun: { side: 0, maskingNumber: '919000000001' }, dialled: 'talked' })
  const { dialled: bare = '' } = urlsIn(
    (await (await callService(t)).dial('918888800001', '919000000001')).body,
  )
  t.equal(bare, '', 'and none otherwise')
})

test('a URL has the path secret of the day, and tells nothing', async (t) => {
  const secret = 'a-secret-of-more-than-128-bits'
  const { dial, send, open } = await callService(t, { WEBHOOK_PATH_SECRET: secret })
  const { id, dialled } = await open(ALL)
  const { body } = await send(`/${secret}/answer`, { From: RIDER, To: dialled, Event: 'StartApp' })
  const urls = Object.entries(urlsIn(body))
  t.equal(urls.length, 5)
  for (const [purpose, url] of urls) {
    t.ok(url.startsWith(`/${secret}/answer/${purpose}/`))
    t.notOk(tellsNumber(url) || url.includes(id) || url.includes(ID) || url.includes(dialled))
    t.equal((await send(url, {})).statusCode, 200)
    t.equal((await send(url.slice(secret.length + 1), {})).statusCode, 404, 'without the secret')
  }
  t.equal((await dial(RIDER, dialled)).statusCode, 404)
})
