import { type Test, test } from 'tap'
import type { Scope } from '../../../src/access/scopes.js'
import { StoreUnavailableError } from '../../../src/masking/storage.js'
import { callService, DRIVER, ID, RIDER, tellsNumber } from '../../call-service.js'
import { API } from '../../helper.js'
import { narrowKey } from '../narrow-key.js'
import { signIn } from '../signed-in.js'

const HTMX = { 'hx-request': 'true' }

/** A service with a session of two, and whoever asks. */
async function build(t: Test, ...scopes: readonly Scope[]) {
  const narrow = scopes.length > 0 ? narrowKey(...scopes) : undefined
  const service = await callService(t, narrow?.environment)
  const { id, dialled } = await service.open()
  const staff = await signIn(service.app, narrow?.text ?? API.environment.API_KEYS)
  const ask = (caller: string, to: string) => staff.post('/console/why', { caller, dialled: to })
  return { ...service, staff, session: id, dialled, ask }
}

test('the desk asks first why a call did not connect, and hears what to do', async (t) => {
  const { app, staff, session, dialled, dial, find, ask, logged, audited } = await build(t)
  const overview = await staff.get('/console')
  t.match(overview.html, /<form method="post" action="\/console\/why">/)
  const form = await staff.get('/console/why')
  t.match(form.html, /<label for="caller">/)

  const connects = await ask(`+${RIDER}`, dialled)
  t.equal(connects.status, 200)
  t.match(connects.text, /It would connect now The caller has an open session on this number\./)
  t.match(connects.text, new RegExp(`Caller ends in …01 They dialled \\+${dialled}`))
  t.ok(connects.html.includes(`href="/console/sessions/${session}"`))
  t.match(connects.text, new RegExp(`Sessions of this caller .* open \\+${dialled}`))

  const another = dialled === '919000000013' ? '919000000012' : '919000000013'
  const wrong = await ask(RIDER, another)
  t.match(wrong.text, /It would not connect now The caller has no session on this number\. Perhaps they call/)
  t.match(wrong.text, new RegExp(`${session} open \\+${dialled}`), 'what they should dial')
  t.match((await ask(RIDER, '919000009999')).text, /They dialled no number of this service/)

  t.match(connects.text, /No call of this caller is among the last ones/)
  await dial(RIDER, dialled)
  await find()
  await app.calls.note(ID, { dialled: 'busy' })
  t.match((await ask(RIDER, dialled)).html, `href="/console/calls/${ID}"`)

  await app.sessions.close(session)
  const ended = await ask(RIDER, dialled)
  t.match(ended.text, /It ended 2100-01-01 00:00 UTC What happened last time Began .* Outcome busy/)
  t.match(ended.text, /The session of the caller on this number has ended\. .*open a new session/)

  const hidden = await ask('anonymous', dialled)
  t.match(hidden.text, /The caller hides their number/)
  t.match(hidden.text, /Sessions of this caller .*is no number of a person/)
  t.notMatch(hidden.text, /Caller ends in/)
  const nobody = await ask(DRIVER.replace('2300', '2399'), dialled)
  t.match(nobody.text, /No session with this number is known/)

  const all = [overview, form, connects, wrong, ended, hidden, nobody]
  t.notOk(tellsNumber(JSON.stringify(all) + logged() + audited().join()))
  const operations = audited().flatMap((line) => JSON.parse(line).operation ?? [])
  for (const operation of ['explainCall', 'searchSessions'])
    t.ok(operations.includes(operation), `${operation} is in the audit trail`)
})

test('a key hears of a call what it may', async (t) => {
  const { ask, session, dialled } = await build(t, 'explain')
  const { html, text } = await ask(RIDER, dialled)
  t.match(text, session)
  t.notMatch(html, /href="\/console\/sessions/)
  t.notMatch(text, /Sessions of this caller|What happened last time/)

  const other = await build(t, 'sessions:read')
  t.notMatch((await other.staff.get('/console')).html, /action="\/console\/why"/)
  t.match(await other.ask(RIDER, dialled), { status: 403, text: /You may not do that/ })
})

test('what goes wrong is shown without another page, too', async (t) => {
  const { app, staff, ask } = await build(t)
  const { storage } = app.storages
  const { read } = storage
  storage.read = async (keys) => {
    if (keys.some(({ kind }) => !kind.startsWith('sign-in'))) throw new StoreUnavailableError()
    return read(keys)
  }
  const page = await ask(RIDER, '919000000011')
  t.match(page, { status: 503, text: /The store does not answer/ })
  const part = await app.inject({
    method: 'POST',
    url: '/console/why',
    headers: {
      ...HTMX,
      cookie: staff.cookie,
      'content-type': 'application/x-www-form-urlencoded',
      'sec-fetch-site': 'same-origin',
    },
    payload: String(new URLSearchParams({ _token: staff.token, caller: RIDER, dialled: '919000000011' })),
  })
  t.equal(part.statusCode, 200)
  t.match(part.payload, /<div id="why-answer"><div role="alert"/)
})
