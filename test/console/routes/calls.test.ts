import { type Test, test } from 'tap'
import type { Scope } from '../../../src/access/scopes.js'
import type { CallFacts } from '../../../src/calls/call-facts.js'
import { callService, ID, OTHER_ID, RIDER, tellsNumber } from '../../call-service.js'
import { LEG, RECORDING } from '../../call-stories.js'
import { API } from '../../helper.js'
import { narrowKey } from '../narrow-key.js'
import { signIn } from '../signed-in.js'

const TALKED: CallFacts = {
  legs: {
    [LEG]: {
      answered: true,
      connected: true,
      ended: { how: 'talked', code: '4000', by: 'called', seconds: 93, ring: 7 },
    },
  },
  dialled: 'talked',
  ended: { how: 'talked', code: '4000', by: 'called', seconds: 101 },
}

/** A service with a session of two, whose first one has called, and whoever looks. */
async function build(t: Test, ...scopes: readonly Scope[]) {
  const narrow = scopes.length > 0 ? narrowKey(...scopes) : undefined
  const service = await callService(t, narrow?.environment)
  const { app, clock, dial, find, open } = service
  const { id, dialled } = await open()
  await dial(RIDER, dialled)
  await find()
  const staff = await signIn(app, narrow?.text ?? API.environment.API_KEYS)
  return { ...service, staff, session: id, dialled, told: () => clock.tick(1_000) }
}

test('calls are listed, filtered, and shown with how they went', async (t) => {
  const { app, staff, session, dialled, told, logged, audited, clock } = await build(t)
  const live = await staff.get('/console/calls')
  t.match(live.text, new RegExp(`in progress \\+${dialled} first`))
  t.match((await staff.get(`/console/calls/${ID}`)).text, /It began\. It goes on/)

  clock.time += 7_000
  await app.calls.note(ID, { legs: { [LEG]: { connected: true } } })
  await told()
  clock.time += 93_000
  await app.calls.note(ID, TALKED)
  await app.calls.note(ID, { costs: { [LEG]: { amount: '1.8', currency: 'INR' } }, pinUsed: true })
  await app.calls.note(OTHER_ID, { begun: { at: clock.time, refused: 'unknown-caller' } })
  await told()
  const list = await staff.get('/console/calls')
  t.match(list.text, /talked .* 1 min 33 s/)
  t.match(list.text, /refused a stranger/)
  const talked = await staff.get(
    `/console/calls?outcome=talked&session=${session}&from=2099-12-31T00:00&to=2100-01-02T00:00`,
  )
  t.match(talked.html, /<option value="talked" selected>/)
  t.notMatch(talked.text, /a stranger/)
  t.match((await staff.get('/console/calls?outcome=busy')).text, /No call matches/)
  t.equal((await staff.get('/console/calls?from=whenever')).status, 400)

  const one = await staff.get(`/console/calls/${ID}`)
  for (const words of [
    'Cause one of the two hung up (code 4000 of the carrier)',
    'Ended by the one who was called',
    'Caller first Called second PIN a PIN opened the way Cost 1.8 INR',
    'It rang for 7 s. They talked for 1 min 33 s. It ended, about 1 min 40 s after it began.',
  ])
    t.ok(one.text.includes(words), words)
  t.match(
    one.html,
    /<rect class="ring" x="0\.0" width="70\.0" .*<rect class="talk" x="70\.0" width="930\.0"/s,
  )
  t.match(one.text, /A call began .* The call was answered .* The call ended/)
  t.ok(one.html.includes(`href="/console/sessions/${session}"`))
  t.notMatch(one.html, /<audio/)

  const stranger = await staff.get(`/console/calls/${OTHER_ID}`)
  t.match(stranger.text, /Refused because the caller had no session on this number/)
  t.match(stranger.text, /It was refused, and nobody was rung\./)
  t.notMatch(stranger.text, /What the business was told/)
  t.equal((await staff.get('/console/calls/none')).status, 404)

  const all = [live, list, talked, one, stranger]
  t.notOk(tellsNumber(JSON.stringify(all) + logged() + audited().join()))
})

test('the list has further pages, which change where they are', async (t) => {
  const { app, staff, clock } = await build(t)
  for (let i = 0; i < 60; i += 1)
    await app.calls.note(`call-${i}`, { begun: { at: clock.time + i, refused: 'unknown-caller' } })
  const first = await staff.get('/console/calls?outcome=refused')
  const [, next = ''] = /<a role="button" class="secondary" href="([^"]*)"/.exec(first.html) ?? []
  const url = next.replaceAll('&amp;', '&')
  t.match(url, /^\/console\/calls\?outcome=refused&cursor=/)
  const second = await staff.get(url)
  t.equal(second.status, 200)
  t.ok(second.html.includes(`hx-get="${next}"`))
})

test('calls that go on can be asked for alone', async (t) => {
  const { app, staff, clock } = await build(t)
  await app.calls.note(OTHER_ID, { begun: { at: clock.time, refused: 'unknown-caller' } })
  const live = await staff.get('/console/calls?state=in_progress')
  t.match(live.html, /<option value="in_progress" selected>/)
  t.match(live.text, /in progress \+/)
  t.notMatch(live.text, /a stranger/)
})

test('a service without calls says what to do first', async (t) => {
  const { app } = await callService(t)
  const staff = await signIn(app, API.environment.API_KEYS)
  t.match((await staff.get('/console/calls')).text, /No calls yet\. Open a session/)
})

test('a recording appears by itself, and is then left alone', async (t) => {
  const { app, staff } = await build(t)
  t.match((await staff.get(`/console/calls/${ID}`)).html, /<div id="recording" data-live="recording"/)
  await app.calls.note(ID, { ...TALKED, recordings: { [RECORDING]: {} } })
  t.match((await staff.get(`/console/calls/${ID}`)).text, /It is being recorded/)
  await app.calls.note(ID, { recordings: { [RECORDING]: { ready: true, ms: 93_100 } } })
  const { html, text } = await staff.get(`/console/calls/${ID}`)
  t.match(html, `<audio controls preload="none" src="/console/calls/${ID}/recording"`)
  t.notMatch(html, /<div id="recording" data-live/)
  t.match(text, /1 min 33 s\. Open the recording alone/)
  await app.calls.note(ID, { recordings: { [RECORDING]: { deletedAt: 1 } } })
  t.match((await staff.get(`/console/calls/${ID}`)).text, /The recording was deleted/)
})

test('a key sees of a call what it may', async (t) => {
  const { staff, session } = await build(t, 'calls:read')
  const { html, text } = await staff.get(`/console/calls/${ID}`)
  t.match(text, session)
  t.notMatch(html, /href="\/console\/sessions/)
  t.notMatch(text, /What the business was told/)

  const { staff: other } = await build(t, 'sessions:read')
  t.notMatch((await other.get('/console/sessions')).html, /href="\/console\/calls"/)
  for (const url of ['/console/calls', `/console/calls/${ID}`, `/console/calls/${ID}/recording`])
    t.match(await other.get(url), { status: 403, text: /You may not do that/ }, url)
})

test('hostile ids are text', async (t) => {
  const { app, staff, clock } = await build(t)
  const id = '"><img src=x onerror=alert(1)>'
  await app.calls.note(id, {
    begun: { at: clock.time, refused: id },
    recordings: { [id]: { ready: true } },
  })
  const [list, one, filtered] = await Promise.all([
    staff.get('/console/calls'),
    staff.get(`/console/calls/${encodeURIComponent(id)}`),
    staff.get(`/console/calls?session=${encodeURIComponent(id)}`),
  ])
  for (const { status, html } of [list, one, filtered]) {
    t.equal(status, 200)
    t.notMatch(html, /<img/)
  }
  t.ok(list.html.includes(encodeURIComponent(id)), 'it is in the list')
  t.ok(one.text.includes(`Refused because ${id}`))
})
