import { type Test, test } from 'tap'
import { DRAIN_MS } from '../../../src/masking/pool.js'
import { FRESH_MS } from '../../../src/masking/pool-counts.js'
import { testClock } from '../../clocks.js'
import { API, build } from '../../helper.js'
import { narrowKey } from '../narrow-key.js'
import { answering } from '../replies.js'
import { signIn } from '../signed-in.js'

const KEY = API.environment.API_KEYS
const NUMBERS = '/console/numbers'
const FIRST = '+919000000011'
const FIRST_PAGE = `${NUMBERS}/%2B919000000011`
const HOSTILE = '"><script>alert(1)</script>'

async function service(t: Test, environment: Record<string, string> = {}) {
  const clock = testClock()
  const built = await build(t, { ...API.environment, ...environment }, clock)
  const staff = await signIn(built.app, KEY)
  return {
    ...built,
    clock,
    staff,
    ask: (method: 'GET' | 'POST', path: string, payload?: object) =>
      built.app.inject({ method, url: `/v1${path}`, headers: API.headers, ...(payload && { payload }) }),
    open: async () =>
      (
        await built.app.inject({
          method: 'POST',
          url: '/v1/sessions',
          headers: API.headers,
          payload: { participants: [{ number: '918888800011' }, { number: '918888800012' }] },
        })
      ).json().id as string,
    /** The page that a redirect leads to. */
    follow: async (reply: Awaited<ReturnType<typeof staff.post>>) => {
      t.equal(reply.status, 303, reply.text)
      return staff.get(String(reply.headers.location))
    },
  }
}

test('numbers are added, labelled, drained, given again and removed by forms', async (t) => {
  const { staff, follow, clock, audited } = await service(t)
  t.match((await staff.get(`${NUMBERS}/new`)).text, /all of them are added, or none/)
  const numbers = '+91 90000 00014\r\n\r\n+919000000015; +919000000016'
  const added = await follow(await staff.post(`${NUMBERS}/new`, { numbers, label: HOSTILE }))
  t.match(added.text, /The numbers are in the pool.*\+919000000014 IN given "><script>/)
  t.notMatch(added.html, /<script>alert/)
  const again = await follow(await staff.post(`${NUMBERS}/new`, { numbers: FIRST }))
  t.match(again.text, /All of them were in the pool before/)

  const shown = await staff.get(FIRST_PAGE)
  t.match(shown.text, /Number \+919000000011 Copy Country IN State given/)
  t.notMatch(shown.text, /Remove it/, 'while sessions may be given it')
  const labelled = await follow(await staff.post(`${FIRST_PAGE}/label`, { label: 'Pune' }))
  t.match(labelled.text, /It has this label now.*Label Pune/)
  const drained = await follow(await staff.post(`${FIRST_PAGE}/state`, { state: 'draining' }))
  t.match(drained.text, /It drains: no new session gets it.*State drains Drains since 2100-01-01 00:00 UTC/)
  const active = await follow(await staff.post(`${FIRST_PAGE}/state`, { state: 'active' }))
  t.match(active.text, /It is given again.*State given/)

  await staff.post(`${FIRST_PAGE}/state`, { state: 'draining' })
  clock.time += DRAIN_MS
  t.match((await staff.get(`${FIRST_PAGE}/remove`)).text, /Remove this number\? \+919000000011 drains Pune/)
  const removed = await follow(await staff.post(`${FIRST_PAGE}/remove`))
  t.match(removed.text, /The number is out of the pool/)
  t.notMatch(removed.html, FIRST)
  const gone = await staff.get(FIRST_PAGE)
  t.same([gone.status, /This number is not in the pool/.test(gone.text)], [404, true])

  const operations = audited().flatMap((line) => JSON.parse(line).operation ?? [])
  for (const operation of ['addNumbers', 'changeNumber', 'removeNumber'])
    t.ok(operations.includes(operation), `${operation} is in the audit trail`)
})

test('what only one server of the store has is said to be so', async (t) => {
  const { app, staff, follow } = await service(t)
  const unsure = { number: FIRST, durable: false }
  answering(app, { [`/v1/numbers/${encodeURIComponent(FIRST)}`]: [202, unsure] })
  const shown = await follow(await staff.post(`${FIRST_PAGE}/label`, { label: 'Pune' }))
  t.match(shown.text, /only one server of the store has it yet/)
  t.notMatch((await staff.get(`${NUMBERS}?done=constructor&durable=no`)).text, /native code|one server/)
})

test('what cannot be added or changed is told, and what was typed is not shown again', async (t) => {
  const { staff, logged, audited } = await service(t)
  const add = (numbers: string, label = '') => staff.post(`${NUMBERS}/new`, { numbers, label })
  const cases = [
    [await add(`${FIRST}\n918888800001`), 422, /That is the real number of a person.*number 2 of those/],
    [await add('918888800011x'), 422, /That is no phone number.*number 1 of those/],
    [await add('918888800011', 'of 918888800012'), 400, /may not hold a phone number.*type or paste them/],
    [await add(' '), 400, /numbers must NOT have fewer than 1 items/],
    [await staff.post(`${NUMBERS}/new`), 400, /numbers must NOT have fewer than 1 items/],
    [await staff.post(`${FIRST_PAGE}/label`, { label: '918888800012' }), 400, /may not hold a phone number/],
    [
      await staff.post(`${FIRST_PAGE}/state`, { state: HOSTILE }),
      400,
      /state must be one of active, draining/,
    ],
    [await staff.post(`${NUMBERS}/%2B919000000099/label`, { label: '' }), 404, /is not in the pool/],
  ] as const
  for (const [reply, status, words] of cases) {
    t.equal(reply.status, status)
    t.match(reply.text, words)
  }
  t.notMatch(JSON.stringify(cases) + logged() + audited().join(), /88888000/)
})

test('a number that somebody may need is not removed, and it is said why', async (t) => {
  const { staff, clock, open, ask } = await service(t, {
    MASKING_NUMBERS: '919000000011,919000000012',
    NUMBER_REST: '3600',
  })
  const id = await open()
  const remove = async () => {
    const { status, text } = await staff.post(`${FIRST_PAGE}/remove`)
    t.equal(status, 409)
    return text
  }
  t.match(await remove(), /New sessions are given this number\. Let it drain first/)
  await staff.post(`${FIRST_PAGE}/state`, { state: 'draining' })
  t.match(await remove(), /a moment ago.*It is free at: 2100-01-01 00:00 UTC/)
  clock.time += DRAIN_MS
  t.match(await remove(), /Open sessions use it/)
  await ask('POST', `/sessions/${id}/close`)
  t.match(await remove(), /It rests for people.*It is free at: 2100-01-01 01:00 UTC/)

  const missing = await staff.post(`${NUMBERS}/%2B919000000099/remove`)
  t.same([missing.status, /is not in the pool/.test(missing.text)], [404, true])
})

test('a problem that has nothing to do with the number is told on the same page', async (t) => {
  const { app, staff } = await service(t)
  const problem = { code: 'rate_limited', title: 'Slower', detail: 'Wait 1 s.' }
  answering(app, { [`/v1/numbers/${encodeURIComponent(FIRST)}`]: [429, problem] })
  const refused = await staff.post(`${FIRST_PAGE}/remove`)
  t.same([refused.status, /Remove this number\? Too many requests/.test(refused.text)], [429, true])
})

test('the pool is shown by country and state, with its head-room in words and by day', async (t) => {
  const { app, staff, ask, clock, open } = await service(t, {
    MASKING_NUMBERS: `${FIRST},919000000012,12015550199,883510000000001`,
  })
  await open()
  const early = await staff.get(NUMBERS)
  t.match(early.text, /How far they go .* more sessions for the busiest person New sessions can be given 4/)
  t.notMatch(early.html, /data-chart/, 'of one day there is no course')
  const days = ['2100-01-01', '2100-01-02'].map((day) => ({
    day,
    numbers: 4,
    held_by_busiest: 1,
    head_room: 3,
  }))
  clock.time += FRESH_MS
  const capacity = (await ask('GET', '/capacity')).json()
  const countries = capacity.countries.map((use: { readonly country: string }) => ({
    ...use,
    draining: use.country === 'US' ? 1 : 0,
  }))
  answering(app, { '/v1/capacity': [200, { ...capacity, countries, days }] })
  const later = await staff.get(NUMBERS)
  const [, chart = ''] = /data-chart="([^"]*)"/.exec(later.html) ?? []
  t.match(JSON.parse(chart.replaceAll('&quot;', '"')), {
    times: [Date.UTC(2100, 0, 1) / 1_000, Date.UTC(2100, 0, 2) / 1_000],
    series: [{ values: [4, 4] }, { values: [1, 1] }],
  })
  t.match(later.text, /The figures .* 2100-01-02 4 1 3 2100-01-01 4 1 3/)
  t.match(later.text, /of no single country 1 0 0 0 1/)
  t.match(later.html, `href="${NUMBERS}?country=US&amp;state=draining"`, 'those that drain are a step away')
  t.match(later.text, /\+919000000011 IN given 1/)

  await staff.post(`${FIRST_PAGE}/state`, { state: 'draining' })
  const draining = await staff.get(`${NUMBERS}?country=IN&state=draining`)
  const listed = draining.html.slice(draining.html.indexOf('id="numbers"'))
  t.same(listed.match(/<code>[^<]*/g), [`<code>${FIRST}`])
  t.match(draining.html, `${NUMBERS}?country=IN&amp;state=draining`)
  t.match((await staff.get(`${NUMBERS}?country=FR`)).text, /No number matches/)
})

test('head-room that is gone or low looks like it', async (t) => {
  const pool = { MASKING_NUMBERS: '919000000011,919000000012' }
  const { staff, clock, open } = await service(t, pool)
  const toneAfter = async () => {
    clock.time += FRESH_MS
    const { html } = await staff.get(NUMBERS)
    return /class="figure (\w+)"/.exec(html)?.[1]
  }
  t.equal(await toneAfter(), 'good')
  await open()
  t.equal(await toneAfter(), 'warn')
  await open()
  t.equal(await toneAfter(), 'bad')
})

test('before anything is counted that is said, and without numbers what to do first', async (t) => {
  const { app, staff } = await service(t)
  const use = { head_room: null, people: null, held_by_busiest: null, draining: 0 }
  const capacity = {
    summary: ['Soon.'],
    all: use,
    countries: [{ country: 'IN', numbers: 1, ...use }],
    days: [],
  }
  const number = { number: FIRST, state: 'active', country: 'IN', open_legs: null }
  answering(app, {
    '/v1/capacity': [200, capacity],
    '/v1/numbers': [200, { numbers: [number], head_room: null, counted_at: null }],
  })
  const uncounted = await staff.get(NUMBERS)
  t.match(uncounted.text, /\? more sessions.*\+919000000011 IN given not counted yet.*as of not counted yet/)
  t.match((await staff.get(FIRST_PAGE)).text, /Open legs not counted yet/)

  answering(app, { '/v1/numbers': [200, { numbers: [], head_room: null, counted_at: null }] })
  t.match((await staff.get(NUMBERS)).text, /There are no numbers yet\. Rent some/)
})

test('of very many numbers a page has a part', async (t) => {
  const numbers = Array.from({ length: 102 }, (_, i) => 919_000_000_100 + i)
  const { staff } = await service(t, { MASKING_NUMBERS: numbers.join() })
  const listed = async (url: string) => {
    const { html } = await staff.get(url)
    const [, next] = /href="([^"]*skip=[^"]*)"/.exec(html) ?? []
    return [html.match(/<a href="\/console\/numbers\/%2B/g)?.length, next]
  }
  t.same(await listed(NUMBERS), [100, `${NUMBERS}?skip=100`])
  t.same(await listed(`${NUMBERS}?skip=100`), [2, undefined])
  t.same((await listed(`${NUMBERS}?skip=-1`))[0], 100)
})

test('how often a number was called stands beside what the platform advises', async (t) => {
  const { app, staff } = await service(t)
  const uses = (number: string, shown: number) => ({
    number,
    today: { dialled: 7, shown },
    yesterday: { dialled: 0, shown: 3 },
  })
  const one = { numbers: [uses(FIRST, 501), uses('+919000000012', 500)] }
  answering(app, { '/v1/calls/summary': [200, one] })
  const list = await staff.get(NUMBERS)
  t.match(list.text, /A number was shown more than 500 times today/)
  t.match(list.text, /\+919000000011 IN given 0 7 501 above 500 3 \+919000000012 IN given 0 7 500 3/)
  t.match(list.text, /\+919000000013 IN given 0 0 0 0/)
  t.match((await staff.get(FIRST_PAGE)).text, /Dialled today 7 Shown today 501 above 500 Shown yesterday 3/)

  const two = { numbers: [uses(FIRST, 501), uses('+919000000012', 600)] }
  answering(app, { '/v1/calls/summary': [200, two] })
  t.match((await staff.get(NUMBERS)).text, /2 numbers were shown more than 500 times today/)
  answering(app, { '/v1/calls/summary': [200, { numbers: [] }] })
  t.notMatch((await staff.get(NUMBERS)).text, /more than 500/)
  answering(app, { '/v1/calls/summary': [503, { code: 'store_unavailable' }] })
  t.notMatch((await staff.get(NUMBERS)).text, /Shown today/, 'and the pool is shown without it')
})

test('the account is compared with the pool, and what is missing can be added', async (t) => {
  const { app, staff, follow } = await service(t)
  const common = { country: 'IN', in_pool: false, in_account: true, state: null, application: 'ours' }
  const fine = { ...common, problem: null, remedy: null }
  const compared = [
    { ...fine, number: FIRST, in_pool: true, state: 'active' },
    { ...fine, number: '+919000000012', in_pool: true, state: 'draining', application: 'other' },
    {
      ...fine,
      number: '+919000000013',
      in_account: false,
      application: null,
      in_pool: true,
      state: 'active',
    },
    { ...fine, number: '+919000000021' },
    { ...fine, number: '+919000000022', application: 'none' },
    { ...fine, number: '+919000000001', state: 'static_pair' },
    { ...common, number: '+919000000023', problem: HOSTILE, remedy: 'Ask the carrier.' },
  ]
  answering(app, { '/v1/numbers/account': [200, { has_application: false, numbers: compared }] })
  const { html, text } = await staff.get(`${NUMBERS}/account`)
  t.match(text, /The account has no application of this service/)
  t.match(text, /\+919000000011 IN given yes to this service \+919000000012 IN drains yes elsewhere/)
  t.match(
    text,
    /\+919000000012 .*its calls do not come here.*\+919000000013 IN given no Sessions may be given/,
  )
  t.match(text, /\+919000000001 IN of the static pair yes to this service/)
  t.match(text, /"><script>alert\(1\)<\/script> Ask the carrier/)
  t.notMatch(html, /<script>alert/)
  t.same(html.match(/name="numbers" value="[^"]*"/g), ['name="numbers" value="+919000000021"'])

  const added = await follow(await staff.post(`${NUMBERS}/new`, { numbers: '+919000000021', label: '' }))
  t.match(added.text, /The numbers are in the pool/)

  answering(app, { '/v1/numbers/account': [200, { has_application: true, numbers: [] }] })
  const none = await staff.get(`${NUMBERS}/account`)
  t.match(none.text, /Neither the account nor the pool has a number/)
  t.notMatch(none.text, /no application|Add those/)

  const problem = { code: 'no_carrier_api', title: 'It cannot', detail: 'Set VOBIZ_AUTH_ID.' }
  answering(app, { '/v1/numbers/account': [409, problem] })
  const refused = await staff.get(`${NUMBERS}/account`)
  t.same([refused.status, /It cannot Set VOBIZ_AUTH_ID/.test(refused.text)], [409, true])
})

test('who may only read sees no button, no calls, and changes nothing', async (t) => {
  const { text: key, environment } = narrowKey('sessions:read')
  const { app } = await build(t, { ...API.environment, ...environment }, testClock())
  const staff = await signIn(app, key)
  const [list, one] = [await staff.get(NUMBERS), await staff.get(FIRST_PAGE)]
  t.match(list.text, /\+919000000011 IN given/)
  t.notMatch(list.text + one.text, /Add|Compare|Change|Shown today/)
  t.equal((await staff.post(`${NUMBERS}/new`, { numbers: '+919000000014' })).status, 403)
  t.equal((await staff.post(`${FIRST_PAGE}/state`, { state: 'draining' })).status, 403)
  t.match((await staff.get(FIRST_PAGE)).text, /State given/)
})
