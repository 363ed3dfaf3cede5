import { test } from 'tap'
import {
  createMediaFetcher,
  MAX_REDIRECTS,
  MEDIA_PATIENCE_MS,
  type Media,
  MediaError,
} from '../../../src/vobiz/media.js'
import { testClock } from '../../clocks.js'

const BASE = 'https://api.example.com:8443/api/v1'
const FILE = 'https://media.vobiz.ai/recordings/1.mp3'

interface Sent {
  readonly url: string
  readonly headers: Headers
}

/** Files by their URLs, and all requests. */
function world(replies: Readonly<Record<string, () => Response>>) {
  const clock = testClock()
  const sent: Sent[] = []
  const fetch: typeof globalThis.fetch = async (input, init) => {
    sent.push({ url: String(input), headers: new Headers(init?.headers) })
    init?.signal?.throwIfAborted()
    const reply = replies[String(input)]
    if (!reply) throw new TypeError('fetch failed')
    return reply()
  }
  const access = { base: BASE, authId: 'MA_1', authToken: 'token' }
  return { clock, sent, fetchMedia: createMediaFetcher({ access, fetch, after: clock.after }) }
}

const ask = (range?: string) => ({ range, signal: new AbortController().signal })

async function read({ body }: Media): Promise<string> {
  let text = ''
  for await (const piece of body) text += Buffer.from(piece).toString()
  return text
}

const movedTo = (location: string) => () => new Response(null, { status: 302, headers: { location } })
const reasonOf = (reason: string) => ({ name: 'MediaError', reason })

test('a file is fetched with the credentials, whole or in part', async (t) => {
  const { fetchMedia, sent } = world({ [FILE]: () => new Response('sound') })
  const whole = await fetchMedia(FILE, ask())
  t.match(whole, { status: 200 })
  t.equal(whole && (await read(whole)), 'sound')
  await fetchMedia(FILE, ask('bytes=0-1'))
  const [first, second] = sent.map(({ headers }) => Object.fromEntries(headers))
  t.same(first, { 'accept-encoding': 'identity', 'x-auth-id': 'MA_1', 'x-auth-token': 'token' })
  t.equal(second?.range, 'bytes=0-1')
})

test('the credentials go to hosts of the platform alone', async (t) => {
  const hosts = [
    'http://media.vobiz.ai/1.mp3',
    'https://vobiz.ai.example.com/1.mp3',
    'https://notvobiz.ai/1.mp3',
    'https://user:password@media.vobiz.ai/1.mp3',
    'https://user@media.vobiz.ai/1.mp3',
    'https://169.254.169.254/latest',
    'http://api.example.com:8443/1.mp3',
    'file:///etc/passwd',
    '/other/1.mp3',
    '',
  ]
  for (const url of hosts) {
    const { fetchMedia, sent } = world({ [url]: () => new Response('sound') })
    await t.rejects(fetchMedia(url, ask()), reasonOf('foreign-host'), url)
    t.same(sent, [])
    const moved = world({ [FILE]: movedTo(url === '' ? 'https://' : url) })
    const followed = await moved.fetchMedia(FILE, ask()).catch(({ reason }) => reason)
    // A path alone leads to the same host.
    t.equal(followed, url.startsWith('/') ? 'no-answer' : 'foreign-host', url)
    t.equal(moved.sent.length, url.startsWith('/') ? 2 : 1, 'is not followed')
  }
  for (const url of [
    'https://vobiz.ai/1.mp3',
    'https://api.example.com:8443/1.mp3',
    'https://api.example.com/1.mp3',
  ]) {
    const { fetchMedia } = world({ [url]: () => new Response('sound') })
    t.match(await fetchMedia(url, ask()), { status: 200 }, url)
  }
})

test('an error quotes nothing of an address', async (t) => {
  const { fetchMedia } = world({})
  for (const url of ['https://example.com/918888800001', `${FILE}?to=918888800001`]) {
    const error = await fetchMedia(url, ask()).catch((error) => error)
    t.type(error, MediaError)
    t.notMatch(JSON.stringify([error.message, error.stack]), '8888800001')
  }
})

test('the platform may send to another of its addresses, so many times', async (t) => {
  const other = 'https://storage.vobiz.ai/1.mp3'
  const { fetchMedia } = world({ [FILE]: movedTo(other), [other]: () => new Response('sound') })
  t.match(await fetchMedia(FILE, ask()), { status: 200 })
  const round = world({ [FILE]: movedTo(FILE) })
  await t.rejects(round.fetchMedia(FILE, ask()), reasonOf('too-many-redirects'))
  t.equal(round.sent.length, MAX_REDIRECTS + 1)
})

test('what comes in place of a file is told apart', async (t) => {
  const answered = (status: number, headers = {}) =>
    world({ [FILE]: () => new Response(null, { status, headers }) }).fetchMedia(FILE, ask())
  t.equal(await answered(404), undefined)
  t.equal(await answered(410), undefined)
  const none = await answered(416, { 'content-range': 'bytes */10' })
  t.match(none, { status: 416 })
  t.equal(none && (await read(none)), '')
  for (const status of [301, 401, 403, 500])
    await t.rejects(answered(status), reasonOf('refused'), String(status))
  await t.rejects(world({}).fetchMedia(FILE, ask()), reasonOf('no-answer'))
})

test('a file without a body is empty', async (t) => {
  const { fetchMedia } = world({ [FILE]: () => new Response(null) })
  const media = await fetchMedia(FILE, ask())
  t.equal(media && (await read(media)), '')
})

test('who does not begin to answer is given up', async (t) => {
  const clock = testClock()
  const fetch: typeof globalThis.fetch = (_, init) =>
    new Promise((_, reject) => init?.signal?.addEventListener('abort', () => reject(new Error('aborted'))))
  const access = { base: BASE, authId: 'MA_1', authToken: 'token' }
  const fetching = createMediaFetcher({ access, fetch, after: clock.after })(FILE, ask())
  t.equal(clock.runOut(MEDIA_PATIENCE_MS), 1)
  await t.rejects(fetching, reasonOf('no-answer'))
})

/** A body that sends one piece, and then nothing, until it is cancelled. */
function stalling(onCancel: () => void) {
  return () =>
    new Response(
      new ReadableStream({
        start: (controller) => controller.enqueue(Buffer.from('so')),
        cancel: onCancel,
      }),
    )
}

test('who stops in the middle is given up, and so is who goes away', async (t) => {
  let cancelled = 0
  const { fetchMedia, clock } = world({ [FILE]: stalling(() => (cancelled += 1)) })
  const ending = new AbortController()
  for (const stop of [() => clock.runOut(MEDIA_PATIENCE_MS), () => ending.abort()]) {
    const media = await fetchMedia(FILE, { range: undefined, signal: ending.signal })
    const pieces = media?.body[Symbol.asyncIterator]()
    t.match(await pieces?.next(), { done: false })
    const next = pieces?.next()
    // Once it waits for more.
    await new Promise(setImmediate)
    stop()
    await t.rejects(async () => void (await next), reasonOf('no-answer'))
  }
  t.equal(cancelled, 2)
  t.equal(clock.runOut(MEDIA_PATIENCE_MS), 0, 'no timer is left')
})

test('a connection that breaks is an error', async (t) => {
  const broken = () =>
    new Response(new ReadableStream({ pull: (controller) => controller.error(new Error('reset')) }))
  const { fetchMedia } = world({ [FILE]: broken })
  const media = await fetchMedia(FILE, ask())
  await t.rejects(async () => void (media && (await read(media))), reasonOf('no-answer'))
})
