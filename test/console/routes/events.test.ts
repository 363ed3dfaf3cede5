import { type Test, test } from 'tap'
import type { Posted } from '../../../src/events/post.js'
import { testClock } from '../../clocks.js'
import { API, build } from '../../helper.js'
import { narrowKey } from '../narrow-key.js'
import { answering } from '../replies.js'
import { signIn } from '../signed-in.js'

const KEY = API.environment.API_KEYS
const HOSTILE = '"><script>alert(1)</script>'
const DELIVERIES = '/console/events/deliveries'

/** Something that was not delivered, as the API shows it. */
const delivery = (more: object) => ({
  id: 'wh_1.evt_1',
  webhook_id: 'wh_1',
  event_id: 'evt_1',
  state: 'failed',
  attempts: 9,
  last_attempt_at: '2100-01-01T00:00:00.000Z',
  status: null,
  why: null,
  next_attempt_at: null,
  ...more,
})

/** A service whose endpoints answer like this. */
async function service(t: Test, answer: () => Posted = () => ({ status: 500 })) {
  const clock = testClock()
  const sent: string[] = []
  const built = await build(t, API.environment, clock, undefined, async (url) => {
    sent.push(url)
    return answer()
  })
  const ask = async (path: string, payload: object) => {
    const request = { method: 'POST', url: `/v1${path}`, headers: API.headers, payload } as const
    return (await built.app.inject(request)).json()
  }
  return {
    ...built,
    clock,
    sent,
    staff: await signIn(built.app, KEY),
    ask,
    open: (more: object = {}) =>
      ask('/sessions', {
        participants: [{ number: '918888800011' }, { number: '918888800012' }],
        ...more,
      }),
    async later() {
      await told()
      clock.time += 2_000
      await clock.tick(1_000)
      await clock.tick(1_000)
    },
  }
}

test('events are listed with what they hold, by type, session and time', async (t) => {
  const { staff, ask, open, clock, logged, audited } = await service(t)
  t.match((await staff.get('/console/events')).text, /No event matches\. Open a session/)
  const { id } = await open({ external_id: HOSTILE })
  const other = await open()
  clock.time += 1_000
  await ask(`/sessions/${id}/close`, {})
  await told()

  const all = await staff.get('/console/events')
  t.match(all.text, /session\.closed Closed .* Show .*session\.opened Opened/)
  t.match(all.html, `href="/console/sessions/${id}"`)
  t.match(
    all.html,
    /data-live="session call recording pin number carrier store webhook" hx-get="\/console\/events"/,
  )
  t.match(all.html, /<details id="data-evt_[\w-]+" hx-preserve>/)
  t.match(all.text, /"external_id": "\\"><script>alert\(1\)<\/script>"/)
  t.notMatch(all.html, /<script>alert/)

  const rows = async (query: string) => {
    const { html } = await staff.get(`/console/events?${query}`)
    return html.match(/<details id/g)?.length
  }
  t.equal(await rows('type=session.opened'), 2)
  t.equal(await rows(`session_id=${id}`), 2)
  t.equal(await rows(`type=session.opened&session_id=${other.id}`), 1)
  t.equal(await rows('from=2100-01-01T00:00&to=2100-01-01T00:01'), 3)
  t.equal(await rows('to=2100-01-01T00:00'), undefined)
  const filtered = await staff.get('/console/events?type=session.opened')
  t.match(filtered.html, /data-live="session" hx-get="\/console\/events\?type=session.opened"/)
  t.match(filtered.html, /<option value="session.opened" selected>/)
  const hostile = await staff.get(`/console/events?session_id=${encodeURIComponent(HOSTILE)}&type=x`)
  t.same([hostile.status, /type must be one of/.test(hostile.text)], [400, true])
  t.notMatch(hostile.html, /<script>alert/)
  t.notMatch(JSON.stringify([all, filtered]) + logged() + audited().join(), /88888000/)
})

test('of very many events there is a next page, which does not change', async (t) => {
  const { app, staff } = await service(t)
  const event = {
    id: 'evt_1',
    type: 'store.up',
    timestamp: '2100-01-01T00:00:00.000Z',
    session_id: null,
    data: {},
  }
  answering(app, { '/v1/events': [200, { events: [event], next_cursor: '1.evt_1' }] })
  const first = await staff.get('/console/events?type=store.up')
  t.match(first.html, 'href="/console/events?type=store.up&amp;cursor=1.evt_1"')
  t.notMatch((await staff.get('/console/events?cursor=1.evt_1')).html, /data-live=/)
})

test('what was not delivered is listed with why, and sent again', async (t) => {
  let answer: Posted = { status: 500 }
  const { staff, ask, open, later, sent } = await service(t, () => answer)
  t.match((await staff.get(DELIVERIES)).text, /Everything was delivered, or nothing matches/)
  const { id } = await ask('/webhooks', { url: 'https://shop.example.com/hooks' })
  await open()
  await later()
  const failed = await staff.get(DELIVERIES)
  t.match(
    failed.text,
    /https:\/\/shop.example.com\/hooks tried again It answered with 500 instead of 2xx\. once, at 2100/,
  )
  t.match(failed.html, `href="/console/webhooks/${id}"`)
  t.match((await staff.get(`${DELIVERIES}?state=failed&webhook_id=${id}`)).text, /or nothing matches/)

  const [, again = ''] = /action="(\/console\/events\/deliveries\/[^"]*)"/.exec(failed.html) ?? []
  const redirect = await staff.post(again)
  t.equal(redirect.status, 303)
  const waiting = await staff.get(String(redirect.headers.location))
  t.match(waiting.text, /It is sent again soon\..*tried again/)
  answer = { status: 204 }
  await later()
  t.equal(sent.length, 2)
  t.match((await staff.get(DELIVERIES)).text, /Everything was delivered/)

  const gone = await staff.post(`${DELIVERIES}/wh_x.evt_x/again`)
  t.same([gone.status, /It is not there any more/.test(gone.text)], [404, true])
})

test('an endpoint that does not answer is told in words, and one that was removed by its id', async (t) => {
  const { app, staff } = await service(t)
  const deliveries = [
    delivery({ why: 'dns' }),
    delivery({
      state: 'retrying',
      attempts: 0,
      last_attempt_at: null,
      next_attempt_at: '2100-01-01T00:00:02.000Z',
    }),
  ]
  answering(app, { '/v1/deliveries': [200, { deliveries, next_cursor: '1.wh_1.evt_1' }] })
  const { text, html } = await staff.get(`${DELIVERIES}?state=failed`)
  t.match(text, /evt_1 wh_1 given up Its name is not known\. Is it spelled right\? 9 times, last at 2100/)
  t.match(text, /evt_1 wh_1 tried again It is sent soon\. 2100-01-01 00:00 UTC Send again/)
  t.match(html, `href="${DELIVERIES}?state=failed&amp;cursor=1.wh_1.evt_1"`)
})

test('who may only read events sees no endpoint, no session behind a link, and sends nothing', async (t) => {
  const { text: key, environment } = narrowKey('events:read')
  const { app } = await build(t, { ...API.environment, ...environment }, testClock())
  const staff = await signIn(app, key)
  await app.inject({
    method: 'POST',
    url: '/v1/sessions',
    headers: API.headers,
    payload: { participants: [{ number: '918888800011' }, { number: '918888800012' }] },
  })
  await told()
  answering(app, {
    '/v1/deliveries': [200, { deliveries: [delivery({ why: 'timeout' })], next_cursor: null }],
  })
  const [events, deliveries] = [await staff.get('/console/events'), await staff.get(DELIVERIES)]
  t.match(events.html, /<code>s_[\w-]+<\/code>/)
  t.match(deliveries.text, /evt_1 wh_1 given up It did not answer in time/)
  t.notMatch(events.html + deliveries.html, /\/console\/(sessions|webhooks)|name="webhook_id"|Send again/)
  t.equal((await staff.post(`${DELIVERIES}/wh_x.evt_x/again`)).status, 403)
})

/** An event comes into the outbox right after the reply about its change. */
async function told(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}
