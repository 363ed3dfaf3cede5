import { test } from 'tap'
import { createCarrierApi, FOR_REPLIES } from '../../../src/vobiz/carrier-api.js'
import { testClock } from '../../clocks.js'

const FILE = 'https://media.vobiz.ai/recordings/1.mp3'

/** An API that takes one token, and all tokens that it was asked with. */
function world(tokens: readonly string[], right: string, status = 401) {
  const clock = testClock()
  const asked: string[] = []
  const fetch: typeof globalThis.fetch = async (_, init) => {
    const token = String(new Headers(init?.headers).get('x-auth-token'))
    asked.push(token)
    return token === right ? new Response('{}') : new Response('{}', { status })
  }
  const api = createCarrierApi({
    base: 'https://api.vobiz.ai/api/v1',
    authId: 'MA_1',
    tokens,
    secrets: tokens,
    fetch,
    after: clock.after,
  })
  return { api, asked, clock }
}

const media = { range: undefined, signal: new AbortController().signal }

test('the first token is used, and the second one while the first is not taken', async (t) => {
  const first = world(['new', 'old'], 'new')
  t.equal(await first.api.now.hangUp('a call'), true)
  t.match(await first.api.fetchMedia(FILE, media), { status: 200 })
  t.same(first.asked, ['new', 'new'])

  const second = world(['new', 'old'], 'old')
  t.equal(await second.api.later.hangUp('a call'), true)
  t.match(await second.api.fetchMedia(FILE, media), { status: 200 })
  t.same(second.asked, ['new', 'old', 'new', 'old'])

  const neither = world(['new', 'old'], 'other')
  t.equal(await neither.api.now.hangUp('a call').catch(({ status }) => status), 401)
  t.equal(await neither.api.fetchMedia(FILE, media).catch(({ reason }) => reason), 'refused')
  t.same(neither.asked, ['new', 'old', 'new', 'old'])

  const broken = world(['new', 'old'], 'old', 403)
  t.equal(await broken.api.now.hangUp('a call').catch(({ status }) => status), 403)
  t.same(broken.asked, ['new'], 'any other failure is none of the token')
  const foreign = broken.api.fetchMedia('https://example.com', media)
  t.equal(await foreign.catch(({ reason }) => reason), 'foreign-host')
})

test('somebody who waits gets a second attempt, and the background none', async (t) => {
  const { api, asked, clock } = world(['token'], 'other', 500)
  const asking = api.now.charge('a leg').catch(({ status }) => status)
  await new Promise(setImmediate)
  t.equal(clock.runOut(500), 1)
  t.equal(await asking, 500)
  t.equal(asked.length, FOR_REPLIES.attempts)
  t.equal(await api.later.charge('a leg').catch(({ status }) => status), 500)
  t.equal(asked.length, FOR_REPLIES.attempts + 1)
})
