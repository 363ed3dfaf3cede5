import { Webhook as Receiver } from 'standardwebhooks'
import { type Test, test } from 'tap'
import { MAX_REDELIVERED } from '../../routes/webhooks.js'
import type { WebhookView } from '../../src/api/webhook-schemas.js'
import type { Post, Posted } from '../../src/events/post.js'
import { MAX_WEBHOOKS } from '../../src/events/webhooks.js'
import { testClock } from '../clocks.js'
import { documentCheck } from '../documented.js'
import { API, build } from '../helper.js'

const URL_A = 'https://shop.example.com/hooks'

interface Sent {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** The whole service, whose endpoints answer like this. Its clock is the machine's time, as receivers see it. */
async function service(t: Test, answer: (url: string) => Posted = () => ({ status: 204 })) {
  const clock = testClock(Date.now())
  const sent: Sent[] = []
  const post: Post = async (url, headers, body) => {
    sent.push({ url, headers, body })
    return answer(url)
  }
  const built = await build(t, API.environment, clock, undefined, post)
  const { app } = built
  const undocumented = await documentCheck(app)
  const ask = async (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, payload?: object) => {
    const request = { method, url: `/v1${path}`, headers: API.headers, ...(payload && { payload }) }
    const reply = await app.inject(request)
    t.equal(undocumented(request, reply), undefined)
    return reply
  }
  return {
    ...built,
    clock,
    sent,
    ask,
    add: async (more: object = {}) => (await ask('POST', '/webhooks', { url: URL_A, ...more })).json(),
    async open() {
      await ask('POST', '/sessions', {
        participants: [{ number: '918888800011' }, { number: '918888800012' }],
      })
    },
    async later(ms = 2_000) {
      await new Promise((resolve) => setImmediate(resolve))
      clock.time += ms
      await clock.tick(1_000)
      await clock.tick(1_000)
    },
  }
}

test('an endpoint gets what happens, signed, and the library of the standard takes it', async (t) => {
  const { add, open, later, sent, ask } = await service(t)
  const { id, secret } = await add({ events: ['session.*'], description: 'the shop' })
  await open()
  await later()
  t.equal(sent.length, 1)
  const [{ url, headers, body }] = sent as [Sent]
  t.equal(url, URL_A)
  t.match(new Receiver(secret).verify(body, { ...headers }), {
    type: 'session.opened',
    data: { version: 1, sequence: 1 },
  })
  t.notMatch(body, /88888000/)
  const shown = (await ask('GET', `/webhooks/${id}`)).json()
  t.match(shown, { id, url: URL_A, events: ['session.*'], description: 'the shop', state: 'on' })
  t.notOk('secret' in shown)
  t.same((await ask('GET', '/webhooks')).json(), { webhooks: [shown] })
})

test('while a secret is rotated, both sign', async (t) => {
  const { add, ask, sent, clock } = await service(t)
  const { id, secret } = await add()
  const rotate = async (payload?: object) =>
    (await ask('POST', `/webhooks/${id}/rotate-secret`, payload)).json()
  const verified = async (by: string) => {
    t.same((await ask('POST', `/webhooks/${id}/test`)).json(), { delivered: true, status: 204, why: null })
    const { body, headers } = sent.at(-1) as Sent
    t.equal(JSON.parse(body).type, 'webhook.test')
    try {
      return Boolean(new Receiver(by).verify(body, { ...headers }))
    } catch {
      return false
    }
  }
  const second = await rotate({ keep_old_for: 60 })
  t.equal(second.old_secret_until, new Date(clock.time + 60_000).toISOString())
  t.same([await verified(secret), await verified(second.secret)], [true, true])
  clock.time += 60_000
  t.same([await verified(secret), await verified(second.secret)], [false, true])
  const third = await rotate({ keep_old_for: 0 })
  t.same([await verified(second.secret), await verified(third.secret)], [false, true])
  const fourth = await rotate()
  t.equal(fourth.old_secret_until, new Date(clock.time + 86_400_000).toISOString())
})

test('a test says what came of it, also where nothing answers', async (t) => {
  const { add, ask } = await service(t, () => ({ why: 'forbidden_address' }))
  const { id } = await add()
  t.same((await ask('POST', `/webhooks/${id}/test`)).json(), {
    delivered: false,
    status: null,
    why: 'forbidden_address',
  })
})

test('an endpoint is changed, switched off and on, and removed, and the audit trail says so', async (t) => {
  const { add, ask, open, later, sent, audited } = await service(t)
  const { id } = await add({ fallback_url: 'https://second.example.com/' })
  const change = async (payload: object) => (await ask('PATCH', `/webhooks/${id}`, payload)).json()
  t.match(await change({ url: 'https://b.example.com/x', fallback_url: null, events: ['call.*'] }), {
    url: 'https://b.example.com/x',
    fallback_url: null,
    events: ['call.*'],
  })
  for (const number of ['98000 00001', '९८०००००००१'])
    t.match(await change({ description: `of ${number}` }), { code: 'invalid_request' })
  t.match(await change({ description: 'mine', fallback_url: 'https://c.example.com/' }), {
    description: 'mine',
    fallback_url: 'https://c.example.com/',
  })
  t.match(await change({ state: 'off', events: ['*'] }), { state: 'off', off_because: 'request' })
  t.match(await change({ state: 'off' }), { state: 'off' })
  await open()
  await later()
  t.equal(sent.length, 0)
  t.equal(
    (await ask('POST', `/webhooks/${id}/redeliver`, { since: '2020-01-01T00:00:00Z' })).json().code,
    'webhook_off',
  )
  t.match(await change({ state: 'on' }), { state: 'on', off_because: null, off_since: null })
  t.same((await ask('POST', `/webhooks/${id}/redeliver`, { since: '2020-01-01T00:00:00Z' })).json(), {
    events: 1,
    more_since: null,
  })
  await later()
  t.equal(sent.length, 1)
  t.match((await ask('DELETE', `/webhooks/${id}`)).json(), { id })
  t.same((await ask('GET', '/webhooks')).json(), { webhooks: [] })
  const events = audited()
    .map((line) => JSON.parse(line))
    .filter(({ target }) => target === id)
  t.same(
    [...new Set(events.map(({ event }) => event))],
    ['webhook_created', 'webhook_changed', 'webhook_removed'],
  )
})

test('what cannot be an endpoint is a problem', async (t) => {
  const { ask, add } = await service(t)
  for (const url of [
    'http://shop.example.com/',
    'https://user:word@shop.example.com/',
    'https://a/#b',
    'no url',
  ])
    t.match((await ask('POST', '/webhooks', { url })).json(), { code: 'invalid_webhook_url', field: 'url' })
  const wrong = { url: URL_A, fallback_url: 'ftp://a/' }
  t.match((await ask('POST', '/webhooks', wrong)).json(), {
    code: 'invalid_webhook_url',
    field: 'fallback_url',
  })
  t.equal(
    (await ask('POST', '/webhooks', { url: URL_A, events: ['nothing.*'] })).json().code,
    'invalid_request',
  )
  for (let i = 0; i < MAX_WEBHOOKS; i += 1) await add()
  t.equal((await add()).code, 'too_many_webhooks')
  const calls = [
    ['GET', ''],
    ['PATCH', '', { state: 'on' }],
    ['DELETE', ''],
    ['POST', '/rotate-secret'],
    ['POST', '/test'],
    ['POST', '/redeliver', { since: '2020-01-01T00:00:00Z' }],
  ] as const
  for (const [method, path, payload] of calls)
    t.equal((await ask(method, `/webhooks/wh_none${path}`, payload)).json().code, 'webhook_not_found')
})

test('what is not taken is listed, and sent again by hand', async (t) => {
  let status = 500
  const { add, ask, open, later, sent } = await service(t, () => ({ status }))
  const { id } = await add()
  await open()
  await later()
  const { deliveries } = (await ask('GET', `/deliveries?state=retrying&webhook_id=${id}`)).json()
  t.match(deliveries, [{ webhook_id: id, state: 'retrying', attempts: 1, status: 500, why: null }])
  t.match((await ask('GET', '/webhooks')).json().webhooks, [{ failing_since: String }])
  t.same((await ask('GET', '/deliveries?state=failed')).json(), { deliveries: [], next_cursor: null })
  status = 200
  const again = await ask('POST', `/deliveries/${deliveries[0].id}/redeliver`)
  t.match(again.json(), { id: deliveries[0].id, state: 'retrying', attempts: 0, last_attempt_at: null })
  await later()
  t.equal(sent.length, 2)
  t.same((await ask('GET', '/deliveries')).json(), { deliveries: [], next_cursor: null })
  await ask('PATCH', `/webhooks/${id}`, { state: 'off' })
  t.equal((await ask('POST', `/deliveries/${deliveries[0].id}/redeliver`)).json().code, 'webhook_off')
  for (const none of ['wh_none.evt_none', `${id}.evt_none`, 'x'])
    t.equal((await ask('POST', `/deliveries/${none}/redeliver`)).json().code, 'delivery_not_found')
})

test('deliveries come in pages', async (t) => {
  const { add, ask, open, later } = await service(t, () => ({ status: 500 }))
  for (const _ of [1, 2, 3]) await add()
  await open()
  await later()
  const seen: string[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: { deliveries: { id: string }[]; next_cursor: string | null } = (
      await ask('GET', `/deliveries?limit=1${cursor && `&cursor=${encodeURIComponent(cursor)}`}`)
    ).json()
    seen.push(...page.deliveries.map(({ id }) => id))
    cursor = page.next_cursor
  }
  t.equal(new Set(seen).size, 3)
})

test('an endpoint that is gone is switched off, and the others hear of it', async (t) => {
  const { add, ask, open, later, sent, logged } = await service(t, (url) => ({
    status: url === URL_A ? 410 : 200,
  }))
  const { id } = await add()
  await add({ url: 'https://other.example.com/', events: ['webhook.disabled'] })
  await open()
  for (const _ of [1, 2, 3]) await later()
  const { webhooks } = (await ask('GET', '/webhooks')).json()
  t.match(
    webhooks.find((one: WebhookView) => one.id === id),
    { state: 'off', off_because: 'gone' },
  )
  const told = sent.find(({ url }) => url === 'https://other.example.com/')
  t.match(JSON.parse(told?.body ?? ''), { type: 'webhook.disabled', data: { webhook_id: id, why: 'gone' } })
  t.match(logged(), 'an endpoint of events is switched off')
})

test('more events than one request sends again are asked for in turn', async (t) => {
  const { add, app, ask, clock } = await service(t)
  const { id } = await add({ events: ['call.ended'] })
  const events = Array.from({ length: MAX_REDELIVERED + 1 }, (_, i) => ({
    id: `evt_${i}`,
    type: 'session.opened' as const,
    at: clock.time,
    data: { version: 1 as const },
  }))
  await app.events.outbox.add(events)
  const since = new Date(clock.time).toISOString()
  t.same((await ask('POST', `/webhooks/${id}/redeliver`, { since })).json(), { events: 0, more_since: since })
})
