import { test } from 'tap'
import { API, build } from '../../helper.js'
import { signIn } from '../signed-in.js'

const KEY = API.environment.API_KEYS
const [FIRST, SECOND, THIRD] = ['+918888800011', '+918888800012', '+918888800013']

test('a session is opened, found, changed and closed by forms, which show no real number', async (t) => {
  const { app, logged, audited } = await build(t, API.environment)
  const staff = await signIn(app, KEY)

  const form = await staff.get('/console/sessions/new')
  t.match(form.text, /neither sees the other’s real number/)
  const opened = await staff.post('/console/sessions/new', {
    'number-0': FIRST,
    'number-1': SECOND,
    external_id: 'ride-42',
    minutes: '60',
  })
  t.match(opened.text, /The session is open/)
  const [, id = ''] = /<code>(s_[\w-]+)<\/code>/.exec(opened.html) ?? []

  const list = await staff.get('/console/sessions?status=open&external_id=ride-42')
  t.match(list.html, id)
  const found = await staff.post('/console/sessions/search', { number: FIRST })
  t.match(found.html, id)

  const extended = await staff.post(`/console/sessions/${id}/extend`, { minutes: '120' })
  t.equal(extended.status, 303)
  t.match((await staff.get(String(extended.headers.location))).text, /The session has a new end/)
  const replaced = await staff.post(`/console/sessions/${id}/replace`, { side: '1', number: THIRD })
  t.match((await staff.get(String(replaced.headers.location))).text, /The participant is replaced.*…13/)

  const asked = await staff.get(`/console/sessions/${id}/close`)
  t.match(asked.text, /Close this session\?.*No call goes on/)
  const closed = await staff.post(`/console/sessions/${id}/close`, { hang_up: '' })
  const after = await staff.get(String(closed.headers.location))
  t.match(after.text, /The session is closed.*State closed/)

  const all = [form, opened, list, found, extended, replaced, asked, closed, after]
  t.notMatch(JSON.stringify(all) + logged() + audited().join(), /8888800/)
  const operations = audited().flatMap((line) => JSON.parse(line).operation ?? [])
  for (const operation of ['createSession', 'searchSessions', 'changeSession', 'closeSession'])
    t.ok(operations.includes(operation), `${operation} is in the audit trail`)
})
