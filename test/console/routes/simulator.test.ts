import { type Test, test } from 'tap'
import { keyLine } from '../../../src/access/api-key.js'
import { createSecret } from '../../../src/access/key-secret.js'
import type { Scope } from '../../../src/access/scopes.js'
import type { Environment } from '../../../src/config/environment.js'
import { KINDS } from '../../../src/masking/keys.js'
import { PAIR } from '../../fixtures.js'
import { API } from '../../helper.js'
import { BORROWED, DRIVER, kept, phoneCall, RIDER, settled, withPins } from '../../pin-callers.js'
import { type Shown, signIn, textIn } from '../signed-in.js'

const SUPPORT = '911140000099'
const REAL = [RIDER, DRIVER, BORROWED, PAIR.FE, PAIR.CUSTOMER, SUPPORT]
const HOSTILE = '"><script>alert(1)</script>'
const BUSY = 'The person whom you are calling is busy. Please try again later.'

/** A service, somebody who has signed in, and what they saw, in which no real number may be. */
async function desk(t: Test, environment: Environment = {}, key: string = API.environment.API_KEYS) {
  const built = await withPins(t, { EXPLAIN_RATE: '100', ...environment })
  const staff = await signIn(built.app, key)
  const seen = (shown: Shown): Shown => {
    const said = [shown.html, shown.headers, built.logged(), built.audited()]
    for (const number of REAL) t.notMatch(JSON.stringify(said), number.slice(2), 'no real number')
    t.notMatch(shown.html, ' style=')
    const ids = [...shown.html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)
    t.equal(new Set(ids).size, ids.length, 'ids are unique')
    return shown
  }
  return {
    ...built,
    get: async (path: string) => seen(await staff.get(path)),
    post: async (path: string, fields: Record<string, string>) => seen(await staff.post(path, fields)),
    token: staff.token,
    cookie: staff.cookie,
  }
}

/** The text of a key that may do only this, and the setting that lets it in. */
function narrowKey(...scopes: readonly Scope[]) {
  const { text, id, hash } = createSecret()
  const line = keyLine({ name: 'desk', scopes, origin: 'configuration', id, hash })
  return { text, environment: { API_KEY_HASHES: line } }
}

/** Where a link with this text leads to. */
function linkOf({ html }: Shown, text: string): string {
  const links = [...html.matchAll(/<a [^>]*href="([^"]*)"[^>]*>([^<]*)<\/a>/g)]
  const found = links.find(([, , words]) => words === text)
  return String(found?.[1]).replaceAll('&amp;', '&')
}

test('a participant calls, and both phones show and say what they would', async (t) => {
  const { open, get } = await desk(t)
  const { id, participants } = await open({
    external_id: 'ride-42',
    call: {
      greeting: 'https://audio.example.com/hello.mp3',
      whisper: 'Your rider.',
      record: { announcement: 'This call is recorded.' },
    },
  })
  const [{ masking_number: own }, { masking_number: shown }] = participants
  const first = await get('/console/simulator')
  t.match(first.text, /Nobody is called, and nothing is changed.*ride-42: …01 and …02.*Choose who calls/)

  const session = await get(`/console/sessions/${id}`)
  const page = await get(linkOf(session, 'Simulate a call of the first participant'))
  t.equal(page.status, 200)
  t.match(page.text, 'It connects The caller has an open session on this number.')
  t.match(page.text, `The caller’s phone Dials ${own} Hears before it rings the audio file https://audio.`)
  t.match(page.text, /This call is recorded\. Recording is recorded/)
  t.match(
    page.text,
    `Rings, and shows ${shown} Whose it is …02, the second participant Hears when picking up`,
  )
  t.match(page.text, 'This call is recorded. Your rider. And then? Pick up The two talk')
  t.match(page.text, `Hang up The caller hears nothing more: the call is over. Busy The caller hears ${BUSY}`)
  t.match(page.text, /No answer The caller hears .* does not answer.* Failed The caller hears .* not be conn/)
  t.match(page.html, '\n    &lt;Number&gt;…02&lt;/Number&gt;\n  &lt;/Dial&gt;\n')
  t.match(page.html, `<a href="/console/sessions/${id}"`)
  t.match(page.html, `<option value="${id}" selected>`)

  const other = await get(linkOf(page, 'Let the other one call'))
  t.match(other.text, `Dials ${shown} Hears before`)
  t.match(other.text, `shows ${own} Whose it is …01, the first participant`)
  t.match((await get(linkOf(other, 'Let the other one call'))).text, `Dials ${own} Hears before`)
})

test('the time is moved forward, also to the end of the session with one click', async (t) => {
  const { open, get, api } = await desk(t)
  const { id } = await open({ expires_in: 5_400 })
  const url = `/console/simulator?session=${id}&caller=0`
  const now = await get(url)
  t.match(now.html, 'aria-current="true">now<')
  const hour = await get(linkOf(now, 'in an hour'))
  t.match(hour.text, /It connects.*Called at 2100-01-01 01:00 UTC/)
  t.match(hour.html, 'aria-current="true">in an hour<')
  t.match(hour.html, '<option value="3600" selected>')

  const ended = await get(linkOf(hour, 'when it has ended'))
  t.match(ended.text, /It does not connect.*Called at 2100-01-01 01:30 UTC.*It does not ring\. The document/)
  t.match(ended.html, '<option value="5400" selected>in 90 minutes<')
  t.match(ended.html, 'aria-current="true">when it has ended<')
  t.notMatch(ended.text, 'And then?')
  t.match(linkOf(ended, 'now'), url)
  t.match((await get(linkOf(ended, 'in a day'))).text, 'It does not connect')

  const hours = await get(`${url}&ahead=0&hours=36`)
  t.match(hours.text, /Called at 2100-01-02 12:00 UTC/)
  t.match(hours.html, '<option value="129600" selected>in 36 hours<')

  for (const wrong of ['ahead=soon', 'ahead=-1', 'hours=9999999', 'hours=1e400']) {
    const { status, text } = await get(`${url}&${wrong}`)
    t.equal(status, 400)
    t.match(text, /The form was not understood.*ahead_seconds/)
  }
  await api('POST', `/v1/sessions/${id}/close`)
  const closed = await get(url)
  t.match(closed.text, /It does not connect/)
  t.equal(linkOf(closed, 'when it has ended'), 'undefined', 'it has')
})

test('whoever dials the number of the other is told what to dial', async (t) => {
  const { open, get } = await desk(t)
  const { id, participants } = await open()
  const [{ masking_number: own }, { masking_number: others }] = participants
  const page = await get(`/console/simulator?session=${id}&caller=0&dials=other`)
  t.match(page.text, `They could dial ${own} The caller’s phone Dials ${others} Hears Please enter your PIN.`)
  t.match(page.text, /The caller is asked for a PIN.*With the right PIN The phone alone opens nothing/)
  t.match(linkOf(page, 'in a day'), '&dials=other&ahead=86400')
  const second = await get(linkOf(page, 'Let the other one call'))
  t.match(second.text, `They could dial ${others} The caller’s phone Dials ${own}`)
})

test('what follows the right PIN is shown too', async (t) => {
  const { open, get } = await desk(t)
  const { id, participants } = await open({ call: { force_pin: true, greeting: 'Hello.' } })
  const { text } = await get(`/console/simulator?session=${id}&caller=1`)
  t.match(text, /The caller is asked for a PIN.*Hears Please enter your PIN\..*It does not ring\./)
  t.match(text, `With the right PIN The caller’s phone Dials ${participants[1].masking_number} Hears before`)
  t.match(text, /Hello\. The other phone Rings.*Hears when picking up nothing And then\?/)
})

test('any phone dials any number, which goes nowhere but in the body of the form', async (t) => {
  const { app, open, get, post, cookie, token } = await desk(t, { SUPPORT_NUMBER: SUPPORT })
  const { id, participants } = await open()
  const form = await get('/console/simulator/number')
  t.match(form.html, '<form method="post" action="/console/simulator/number">')
  t.match(form.html, 'aria-current="page">Any phone<')
  const known = await post('/console/simulator/number', { from: RIDER, to: participants[0].masking_number })
  t.equal(known.status, 200)
  t.match(known.text, /It connects.*…02, the second participant/)
  t.match(known.html, `<a href="/console/sessions/${id}"`)
  t.notMatch(known.text, 'Let the other one call')

  const later = { from: RIDER, to: participants[0].masking_number, ahead: '86400' }
  t.match(
    (await post('/console/simulator/number', later)).text,
    /shows \S+ Whose it is …99, a number of the bus/,
  )
  const elsewhere = await post('/console/simulator/number', { from: BORROWED, to: DRIVER })
  t.match(elsewhere.text, /It does not connect.*The caller’s phone Hears Sorry/)
  const pair = await post('/console/simulator/number', { from: PAIR.FE, to: PAIR.M1 })
  t.match(pair.text, `Rings, and shows +${PAIR.M2}`)

  const wrong = { from: BORROWED, to: 'x'.repeat(200) }
  const refused = await post('/console/simulator/number', wrong)
  t.equal(refused.status, 400)
  t.match(refused.text, 'The form was not understood')
  const swapped = await app.inject({
    method: 'POST',
    url: '/console/simulator/number',
    headers: { cookie, 'hx-request': 'true', 'content-type': 'application/x-www-form-urlencoded' },
    payload: String(new URLSearchParams({ ...wrong, _token: token })),
  })
  t.equal(swapped.statusCode, 200, 'a script shows it')
  t.match(textIn(swapped.payload), 'The form was not understood')
})

test('without a session it says what to do first, and one that is not there is a problem', async (t) => {
  const { get, open } = await desk(t)
  const empty = await get('/console/simulator')
  t.match(empty.text, 'No session is open, so there is nobody to call. Open a session first')
  t.equal(linkOf(empty, 'Open a session'), '/console/sessions/new')
  t.notMatch(empty.html, 'name="session"')
  const unknown = await get('/console/simulator?session=s_nobodyhasthissession00')
  t.equal(unknown.status, 404)
  t.match(unknown.text, 'There is no such session')
  await open()
  for (const session of ['.', '..', 's_nobodyhasthissession00', HOSTILE]) {
    const { status, html } = await get(`/console/simulator?session=${encodeURIComponent(session)}`)
    t.ok(status >= 400 && status < 500, session)
    t.notMatch(html, '<script>alert')
  }
})

test('hostile texts of a session are escaped', async (t) => {
  const { get, open } = await desk(t)
  const { id } = await open({ external_id: HOSTILE, metadata: { a: HOSTILE }, call: { greeting: HOSTILE } })
  const { html, text } = await get(
    `/console/simulator?session=${id}&caller=0&ahead=${encodeURIComponent('0')}`,
  )
  t.notMatch(html, '<script>alert')
  t.match(text, `${HOSTILE}: …01 and …02`)
  t.match(text, `Hears before it rings ${HOSTILE}`)
})

test('what a key may not do is not shown, and is refused', async (t) => {
  const explains = narrowKey('explain')
  const alone = await desk(t, explains.environment, explains.text)
  const { id, participants } = await alone.open()
  const form = await alone.get('/console/simulator')
  t.match(form.html, '<input id="session" name="session"')
  t.notMatch(form.html, 'name="dials"')
  const page = await alone.get(`/console/simulator?session=${id}&caller=0&dials=other`)
  t.match(page.text, `It connects The caller has an open session`)
  t.match(page.text, `Dials ${participants[0].masking_number}`)
  t.match(page.html, `<code>${id}</code>`)
  t.notMatch(page.html, `href="/console/sessions`)
  t.equal(linkOf(page, 'when it has ended'), 'undefined', 'nobody told when')

  const reads = narrowKey('sessions:read')
  const other = await desk(t, reads.environment, reads.text)
  const opened = await other.open()
  t.notMatch((await other.get('/console')).html, '/console/simulator')
  const session = await other.get(`/console/sessions/${opened.id}`)
  t.notMatch(session.text, 'Simulate a call')
  for (const shown of [
    await other.get(`/console/simulator?session=${opened.id}`),
    await other.post('/console/simulator/number', { from: RIDER, to: PAIR.M1 }),
  ]) {
    t.equal(shown.status, 403)
    t.match(shown.text, 'You may not do that')
  }

  const both = narrowKey('sessions:read', 'explain')
  const reader = await desk(t, both.environment, both.text)
  t.notMatch((await reader.get('/console/simulator')).html, 'sessions/new')
})

test('a simulation in the console changes nothing that is kept, counted or told', async (t) => {
  const built = await desk(t)
  const { app, api, clock, get, logged, open, post, audited } = built
  const { id, participants } = await open({ call: { max_calls: 1 } })
  const { id: withPin } = await open({
    participants: [{ number: BORROWED }, { number: DRIVER }],
    call: { force_pin: true },
  })
  await phoneCall(built, BORROWED, participants[0].masking_number).dial()
  await settled()
  await clock.tick()
  await settled()
  const told = async () => ({
    kept: await kept(built, [...KINDS, 'pin-tries', 'nonce', 'event', 'limit', 'webhook']),
    calls: (await api('GET', '/v1/calls')).json(),
    sessions: (await api('GET', '/v1/sessions')).json(),
    events: (await api('GET', '/v1/events')).json(),
  })
  const before = await told()
  t.ok(before.events.events.length > 0)
  const log = logged()
  const written: string[] = []
  for (const storage of [app.storages.storage, app.storages.forCalls]) {
    for (const name of ['swap', 'enlist', 'delist', 'confirm'] as const) {
      const real = storage[name].bind(storage) as () => Promise<never>
      Object.assign(storage, {
        [name]() {
          written.push(name)
          return real()
        },
      })
    }
  }
  for (const ahead of ['0', '3600', '604800', '31536000']) {
    for (const session of [id, withPin]) {
      for (const caller of [0, 1]) {
        const url = `/console/simulator?session=${session}&caller=${caller}&ahead=${ahead}`
        t.equal((await get(url)).status, 200)
      }
    }
    const dialled = { from: BORROWED, to: participants[0].masking_number, ahead }
    t.equal((await post('/console/simulator/number', dialled)).status, 200)
  }
  t.same(written, [])
  t.same(await told(), before)
  t.equal(logged(), log, 'nothing is logged')
  const lines = audited().filter((line) => line.includes('"simulateCall"'))
  t.equal(lines.length, 20, 'each leaves a line in the audit trail')
})
