import { type Test, test } from 'tap'
import type { Posted } from '../../../src/events/post.js'
import { testClock } from '../../clocks.js'
import { API, build } from '../../helper.js'
import { narrowKey } from '../narrow-key.js'
import { answering } from '../replies.js'
import { type SignedIn, signIn } from '../signed-in.js'

const KEY = API.environment.API_KEYS
const WEBHOOKS = '/console/webhooks'
const URL_A = 'https://shop.example.com/hooks'
const HOSTILE = '"><script>alert(1)</script>'

/** A service whose endpoints answer like this. */
async function service(t: Test, answer: () => Posted = () => ({ status: 204 })) {
  const clock = testClock()
  const sent: string[] = []
  const post = async (url: string, _headers: unknown, body: string) => {
    sent.push(`${url} ${JSON.parse(body).type}`)
    return answer()
  }
  const built = await build(t, API.environment, clock, undefined, post)
  const staff = await signIn(built.app, KEY)
  return {
    ...built,
    sent,
    staff,
    /** Adds an endpoint by the form. Returns its page. */
    async add(fields: Record<string, string> = {}) {
      const { html } = await staff.post(`${WEBHOOKS}/new`, { url: URL_A, events: '*', ...fields })
      const [, id] = /<code>(wh_[\w-]+)<\/code>/.exec(html) ?? []
      return `${WEBHOOKS}/${id}`
    },
    async follow(reply: Awaited<ReturnType<typeof staff.post>>) {
      t.equal(reply.status, 303, reply.text)
      return staff.get(String(reply.headers.location))
    },
    open: () =>
      built.app.inject({
        method: 'POST',
        url: '/v1/sessions',
        headers: API.headers,
        payload: { participants: [{ number: '918888800011' }, { number: '918888800012' }] },
      }),
    async later() {
      await new Promise((resolve) => setImmediate(resolve))
      clock.time += 2_000
      await clock.tick(1_000)
      await clock.tick(1_000)
    },
  }
}

/** The secret that a page shows. */
function secretIn(html: string): string {
  return /data-copy="(whsec_[^"]*)"/.exec(html)?.[1] ?? 'none'
}

function ticked(html: string): string[] {
  return [...html.matchAll(/name="events" value="([^"]*)" checked/g)].map(([, name]) => name as string)
}

test('an endpoint is added, changed, switched off and on, and removed by forms', async (t) => {
  const { staff, follow, audited } = await service(t)
  t.match((await staff.get(WEBHOOKS)).text, /There are no endpoints yet\. Add one/)
  const form = await staff.get(`${WEBHOOKS}/new`)
  t.same(ticked(form.html), ['*'])
  t.notMatch(form.html, /<details open/)

  const fields = { url: URL_A, events: '*', description: HOSTILE }
  const added = await staff.post(`${WEBHOOKS}/new`, fields)
  t.equal(added.status, 200)
  t.match(added.text, /The endpoint is there.*Put this secret where.*State on Events All, also those/)
  t.match(secretIn(added.html), /^whsec_/)
  t.equal(added.headers['cache-control'], 'no-store')
  const [, id = ''] = /<code>(wh_[\w-]+)<\/code>/.exec(added.html) ?? []
  const page = `${WEBHOOKS}/${id}`
  const shown = await staff.get(page)
  t.match(shown.text, /"><script>alert\(1\)<\/script>/)
  t.notMatch(shown.html, /<script>alert|whsec_/)

  const changed = await follow(
    await tickAndPost(staff, `${page}/change`, ['session.*', 'call.ended'], {
      url: 'https://b.example.com/x',
      fallback_url: 'https://c.example.com/y',
      description: 'the desk',
    }),
  )
  t.match(changed.text, /It is changed.*URL https:\/\/b.example.com\/x Second URL https:\/\/c.example.com\/y/)
  t.match(changed.text, /Events session\.\* call\.ended Description the desk/)
  t.same(ticked(changed.html), ['session.*', 'call.ended'])
  t.match(changed.html, /<details open/)

  const off = await follow(await staff.post(`${page}/state`, { state: 'off' }))
  t.match(off.text, /It is off.*State off Somebody switched it off\. Off since 2100.*Switch it on/)
  t.notMatch(off.text, /Send past events again/)
  t.match((await staff.get(WEBHOOKS)).text, /https:\/\/b.example.com\/x off Somebody switched it off/)
  const on = await follow(await staff.post(`${page}/state`, { state: 'on' }))
  t.match(on.text, /It is on.*State on.*Switch it off/)

  t.match(
    (await staff.get(`${page}/remove`)).text,
    /Remove this endpoint\? https:\/\/b.example.com\/x the desk/,
  )
  const removed = await follow(await staff.post(`${page}/remove`))
  t.match(removed.text, /The endpoint is removed.*There are no endpoints yet/)
  const gone = await staff.get(page)
  t.same([gone.status, /There is no such endpoint Perhaps/.test(gone.text.replace('h1', ''))], [404, true])

  const events = audited().flatMap((line) => JSON.parse(line).event ?? [])
  for (const event of ['webhook_created', 'webhook_changed', 'webhook_removed'])
    t.ok(events.includes(event), `${event} is in the audit trail`)
})

test('what cannot be is told, and what was typed stays', async (t) => {
  const { staff, add } = await service(t)
  const page = await add()
  const refused = [
    await staff.post(`${WEBHOOKS}/new`, { url: 'http://shop.example.com', events: '*', description: 'mine' }),
    await staff.post(`${page}/change`, { url: 'http://shop.example.com', events: '*', description: 'mine' }),
  ]
  for (const { status, text, html } of refused) {
    t.equal(status, 422)
    t.match(text, /url is no URL that events are sent to/)
    t.match(html, /value="http:\/\/shop.example.com"/)
    t.match(html, /value="mine"/)
  }
  const none = await staff.post(`${page}/change`, { url: URL_A })
  t.same([none.status, /events must NOT have fewer than 1 items/.test(none.text)], [400, true])
  t.equal((await staff.post(`${page}/state`, { state: HOSTILE })).status, 400)
  t.match((await staff.get(page)).text, /State on/, 'nothing was changed')
  t.equal((await staff.post(`${WEBHOOKS}/wh_none/remove`)).status, 404)
})

test('a new secret is shown once, and the old one signs for a while', async (t) => {
  const { staff, add } = await service(t)
  const page = await add()
  const rotated = await staff.post(`${page}/rotate`, { minutes: '60' })
  t.match(rotated.text, /The new secret signs from now on.*The old secret signs until 2100-01-01 01:00 UTC/)
  t.match(secretIn(rotated.html), /^whsec_/)
  t.notMatch((await staff.get(page)).html, /whsec_/)
  const byDefault = await staff.post(`${page}/rotate`)
  t.match(byDefault.text, /The old secret signs until 2100-01-02 00:00 UTC/)
  const wrong = await staff.post(`${page}/rotate`, { minutes: 'long' })
  t.equal(wrong.status, 400)
  t.equal(secretIn(wrong.html), 'none')
})

test('a test is sent, and the page says what came of it', async (t) => {
  let answer: Posted = { status: 204 }
  const { staff, add, sent } = await service(t, () => answer)
  const page = await add()
  const test = async () => (await staff.post(`${page}/test`)).text
  t.match(await test(), /The test was taken: it answered with 204/)
  t.same(sent, [`${URL_A} webhook.test`])
  answer = { status: 401 }
  t.match(await test(), /The test was not taken\. It answered with 401 instead of 2xx/)
  answer = { why: 'tls' }
  t.match(await test(), /The test was not taken\. Its certificate was not accepted/)
})

test('past events are sent again, and what is not taken stands on the page', async (t) => {
  let answer: Posted = { status: 204 }
  const { app, staff, add, open, later, sent, follow } = await service(t, () => answer)
  const page = await add()
  await open()
  await later()
  answer = { status: 503 }
  const again = () => staff.post(`${page}/redeliver`, { since: '2100-01-01T00:00' })
  t.match((await again()).text, /One event is sent again soon/)
  await later()
  t.equal(sent.length, 2)
  const failing = await staff.get(page)
  t.match(failing.text, /State fails Took nothing since 2100.*What it did not take.*It answered with 503/)
  const [, form = ''] = /action="(\/console\/events\/deliveries\/[^"]*)"/.exec(failing.html) ?? []
  t.match((await follow(await staff.post(form))).text, /It is sent again soon/)

  await staff.post(`${page}/state`, { state: 'off' })
  const off = await again()
  t.same([off.status, /The endpoint is switched off Switch it on first/.test(off.text)], [409, true])
  t.equal((await staff.post(`${page}/redeliver`)).status, 400)

  const many = { events: 1_000, more_since: '2100-01-01T00:00:01.000Z' }
  answering(app, { [`${page.replace('/console', '/v1')}/redeliver`]: [200, many] })
  t.match((await again()).text, /1000 events are sent again soon\. There are more\. Send again since: 2100/)
})

test('who may only read endpoints sees no button, no deliveries, and changes nothing', async (t) => {
  const { text: key, environment } = narrowKey('webhooks:read')
  const { app } = await build(t, { ...API.environment, ...environment }, testClock())
  const [admin, staff] = [await signIn(app, KEY), await signIn(app, key)]
  t.match((await staff.get(WEBHOOKS)).text, /There are no endpoints yet\. Times/)
  await admin.post(`${WEBHOOKS}/new`, { url: URL_A, events: '*' })
  const list = await staff.get(WEBHOOKS)
  const [, page = ''] = /href="(\/console\/webhooks\/wh_[^"]*)"/.exec(list.html) ?? []
  const one = await staff.get(page)
  t.match(one.text, /URL https:\/\/shop.example.com\/hooks/)
  t.notMatch(list.text + one.text, /Add an endpoint|Change it|Send|What it did not take/)
  for (const action of ['change', 'state', 'rotate', 'test', 'redeliver', 'remove'])
    t.equal((await staff.post(`${page}/${action}`, { state: 'off' })).status, 403, action)
  t.equal((await staff.post(`${WEBHOOKS}/new`, { url: URL_A, events: '*' })).status, 403)
  t.match((await staff.get(page)).text, /State on/)
})

/** Sends a form in which several boxes are ticked. */
async function tickAndPost(
  staff: SignedIn,
  path: string,
  events: readonly string[],
  fields: Record<string, string>,
) {
  const ticks = events.map((name): [string, string] => ['events', name])
  return staff.post(path, [...Object.entries(fields), ...ticks])
}
