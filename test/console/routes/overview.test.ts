import { test } from 'tap'
import { testClock } from '../../clocks.js'
import { API, build } from '../../helper.js'
import { narrowKey } from '../narrow-key.js'
import { answering } from '../replies.js'
import { signIn } from '../signed-in.js'

const KEY = API.environment.API_KEYS
const HOUR = (hour: string, talked: number, refused: number) => ({
  hour,
  total: talked + refused,
  outcomes: { talked, no_answer: 0, busy: 0, failed: 0, cancelled: 0, refused },
})
const USE = { numbers: 3, draining: 0, people: 2, held_by_busiest: 1, head_room: 2, busiest: [], trend: null }

test('a service that nobody uses yet says so', async (t) => {
  const { app } = await build(t, API.environment)
  const { text, html } = await (await signIn(app, KEY)).get('/console')
  t.match(text, /All is well\./)
  t.match(text, /Calls that go on 0 Open sessions 0 Of 0 people\. Head-room 3 Nobody has an open session\./)
  t.match(text, /Store answers In this process.* Endpoints nobody is told .*Carrier no trouble/)
  t.match(text, /No calls in the last 24 hours\. .*No call goes on\./)
  t.notMatch(html, 'data-chart', 'nothing is drawn of nothing')
})

test('calls are drawn by hour, and stand in a table', async (t) => {
  const { app } = await build(t, API.environment)
  const staff = await signIn(app, KEY)
  const hours = [HOUR('2100-01-01T04:00:00.000Z', 0, 0), HOUR('2100-01-01T05:00:00.000Z', 3, 2)]
  const counts = { total: 5, hours, numbers: [] }
  const live = { calls: [], next_cursor: 'more' }
  answering(app, { '/v1/calls/summary': [200, counts], '/v1/calls': [200, live] })
  const { html, text } = await staff.get('/console')
  const [, chart = ''] = /data-chart="([^"]*)"/.exec(html) ?? []
  t.match(JSON.parse(chart.replaceAll('&quot;', '"')), {
    kind: 'bars',
    times: [Date.UTC(2100, 0, 1, 4) / 1_000, Date.UTC(2100, 0, 1, 5) / 1_000],
    series: [
      { label: 'talked', values: [0, 3] },
      { label: 'not reached', values: [0, 0] },
      { label: 'failed', values: [0, 0] },
      { label: 'refused', values: [0, 2] },
    ],
  })
  t.match(text, /5 calls, as a table .* 2100-01-01 05:00 UTC 3 0 0 2 5/)
  t.notMatch(text, '04:00', 'an hour without calls needs no row')
  t.match(text, /Calls that go on 0\+/, 'there are more than are shown')
})

test('how the pool, the endpoints, the carrier and the store stand is said in words', async (t) => {
  const { app } = await build(t, API.environment)
  const staff = await signIn(app, KEY)
  const endpoint = { id: 'wh_1', state: 'on', off_because: null, failing_since: null }
  const shown = async (
    all: object,
    webhooks: readonly object[],
    store: object,
    events: readonly object[] = [],
  ) => {
    answering(app, {
      '/v1/capacity': [200, { open_sessions: 1, all: { ...USE, ...all } }],
      '/v1/webhooks': [200, { webhooks }],
      '/v1/status': [200, { store }],
      '/v1/events': [200, { events }],
    })
    return (await staff.get('/console')).text
  }
  const memory = { kind: 'memory', state: 'up' }
  t.match(
    await shown({}, [endpoint], memory),
    /can have 2 more sessions\. At today’s rate the numbers last\..*one endpoint, well/,
  )
  const fails = { ...endpoint, id: 'wh_2', failing_since: '2100-01-01T00:00:00.000Z' }
  const trend = { gone_in_days: 30 }
  const ill = await shown(
    { head_room: 1, people: 1, trend },
    [endpoint, fails],
    { kind: 'cluster', state: 'down' },
    [{ data: { trouble: 'out_of_credit' } }],
  )
  t.match(ill, /Of one person\. .*can have one more session\. At today’s rate they are used up in 30 days/)
  t.match(ill, /Needs attention The store does not answer.*1 of 2 endpoints get nothing.*Carrier trouble/)
  t.match(
    await shown({ head_room: null, people: null }, [endpoint, endpoint], memory),
    /– Not counted yet\..*2 endpoints, all well/,
  )
})

test('nobody is shown what their key may not see', async (t) => {
  const { text, environment } = narrowKey('metrics:read')
  const { app, audited } = await build(t, { ...API.environment, ...environment }, testClock())
  const shown = await (await signIn(app, text)).get('/console')
  t.match(shown.text, /All is well\. Store answers/)
  for (const word of ['Calls', 'Head-room', 'Endpoints', 'Carrier', 'connect?']) t.notMatch(shown.text, word)
  t.notMatch(audited().join(), '"status":403', 'and what they may not is not even asked for')
})

test('one call alone is a call', async (t) => {
  const { app } = await build(t, API.environment)
  const staff = await signIn(app, KEY)
  const hours = [HOUR('2100-01-01T05:00:00.000Z', 1, 0)]
  answering(app, { '/v1/calls/summary': [200, { total: 1, hours, numbers: [] }] })
  t.match((await staff.get('/console')).text, /One call, as a table/)
})
