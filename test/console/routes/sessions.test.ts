import { test } from 'tap'
import { API, build } from '../../helper.js'
import { narrowKey } from '../narrow-key.js'
import { answering } from '../replies.js'
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

const PARTICIPANTS = [
  { masking_number: '+919000000011', hint: '…11' },
  { masking_number: '+919000000012', hint: '…12' },
]
const SESSION = {
  id: 's_a',
  status: 'open',
  participants: PARTICIPANTS,
  created_at: '2100-01-01T00:00:00.000Z',
  expires_at: '2100-01-01T01:00:00.000Z',
}

test('what was wrong with a form is told with what to do, and the numbers typed are not shown again', async (t) => {
  const { app } = await build(t, API.environment)
  const staff = await signIn(app, KEY)
  const refused = await staff.post('/console/sessions/new', {
    'number-0': FIRST,
    'number-1': FIRST,
    external_id: 'ride-42',
    minutes: 'soon',
    greeting: 'Welcome.',
  })
  t.equal(refused.status, 400)
  t.match(refused.text, /expires_in must be an integer/)
  t.match(refused.html, /value="ride-42".*value="soon".*value="Welcome\."/s, 'what else was typed is kept')
  const wrong = await staff.post('/console/sessions/search', { number: '12' })
  t.equal(wrong.status, 422)
  t.match(wrong.html, 'role="alert"')
  const none = await staff.post('/console/sessions/search', { number: FIRST })
  t.match(none.text, /No session with this number is known/)
  const noTime = await staff.get('/console/sessions?from=yesterday')
  t.equal(noTime.status, 400)
  t.match(noTime.text, /The form was not understood.* from /)

  const opened = await staff.post('/console/sessions/new', {
    'number-0': FIRST,
    'number-1': SECOND,
    minutes: '',
  })
  const [, id = ''] = /<code>(s_[\w-]+)<\/code>/.exec(opened.html) ?? []
  const same = await staff.post(`/console/sessions/${id}/replace`, { side: '0', number: SECOND })
  t.equal(same.status, 422)
  t.match(same.html, 'role="alert"')
  t.match(same.text, /Both participants are the same number.*State open/)
  t.notMatch(JSON.stringify([refused, wrong, none, opened, same]), /88888000?1[123]/)
})

test('PINs are shown once, and what no other server has yet is told', async (t) => {
  const { app } = await build(t, {
    ...API.environment,
    PIN_LENGTH: '6',
    PUBLIC_BASE_URL: 'https://calls.example.com',
    WEBHOOK_AUTH: 'optional',
  })
  const staff = await signIn(app, KEY)
  const opened = await staff.post('/console/sessions/new', {
    'number-0': FIRST,
    'number-1': SECOND,
    greeting: 'Hello & <welcome>.',
  })
  t.match(opened.text, /Tell each participant their PIN now.*PIN first …11 \+\d+ Copy \d{6} Copy/)
  t.match(opened.text, /Its settings .*Hello & <welcome>\./)
  const [, id = ''] = /<code>(s_[\w-]+)<\/code>/.exec(opened.html) ?? []
  t.notMatch((await staff.get(`/console/sessions/${id}`)).text, /PIN now/)
  const replaced = await staff.post(`/console/sessions/${id}/replace`, { side: '0', number: THIRD })
  t.equal(replaced.status, 200, 'a redirect would lose the new PIN')
  t.match(
    replaced.text,
    /The participant is replaced\. .*Tell each participant their PIN now.* second …12 \+\d+ Copy Change|PIN/,
  )

  const [alone] = [{ ...SESSION, participants: [{ ...PARTICIPANTS[0], pin_only: true }, PARTICIPANTS[1]] }]
  answering(app, {
    '/v1/sessions/s_a': [202, { ...alone, durable: false }],
    '/v1/sessions/s_a/calls': [200, { calls: [] }],
  })
  const changed = await staff.post('/console/sessions/s_a/extend', { minutes: '5' })
  t.match(changed.text, /The session has a new end\. It holds, but only one server .*with the PIN alone/)
})

test('closing says how many calls it ends, and ends them where that is wanted', async (t) => {
  const { app } = await build(t, API.environment)
  const staff = await signIn(app, KEY)
  const asked: object[] = []
  const live = (count: number) => ({ calls: Array.from({ length: count }, () => ({})), next_cursor: null })
  for (const [count, words] of [
    [1, 'One call goes on.'],
    [2, '2 calls go on.'],
  ] as const) {
    answering(app, { '/v1/sessions/s_a': [200, SESSION], '/v1/sessions/s_a/calls': [200, live(count)] })
    const page = await staff.get('/console/sessions/s_a/close')
    t.match(page.text, words)
    t.match(page.html, 'name="hang_up"')
  }
  const { inject } = app as unknown as {
    inject: (options: { url: string; payload?: object }) => Promise<unknown>
  }
  Object.assign(app, {
    inject(options: { url: string; payload?: object }) {
      if (options.url === '/v1/sessions/s_a/close') {
        asked.push(options.payload as object)
        return { statusCode: 200, payload: JSON.stringify({ ...SESSION, status: 'closed', durable: true }) }
      }
      return inject.call(app, options)
    },
  })
  t.equal((await staff.post('/console/sessions/s_a/close', { hang_up: 'yes' })).status, 303)
  t.same(asked, [{ hang_up: true }])
})

test('there is more than a page holds', async (t) => {
  const { app } = await build(t, API.environment)
  const staff = await signIn(app, KEY)
  answering(app, {
    '/v1/sessions': [200, { sessions: [SESSION], next_cursor: '1.s_a' }],
    '/v1/sessions/search': [200, { sessions: [{ ...SESSION, closed_at: SESSION.expires_at }], more: true }],
  })
  const list = await staff.get('/console/sessions?status=open')
  t.match(list.html, 'href="/console/sessions?status=open&amp;cursor=1.s_a"')
  t.match((await staff.post('/console/sessions/search', { number: FIRST })).text, /There are older ones/)
})

test('whoever may only look is shown no more', async (t) => {
  const { text, environment } = narrowKey('sessions:read')
  const { app, audited } = await build(t, { ...API.environment, ...environment })
  const admin = await signIn(app, KEY)
  const opened = await admin.post('/console/sessions/new', { 'number-0': FIRST, 'number-1': SECOND })
  const [, id = ''] = /<code>(s_[\w-]+)<\/code>/.exec(opened.html) ?? []

  const staff = await signIn(app, text)
  const before = audited().length
  const list = await staff.get('/console/sessions')
  t.match(list.html, id)
  for (const words of ['Open a session', 'Real number of a participant']) t.notMatch(list.text, words)
  const page = await staff.get(`/console/sessions/${id}`)
  for (const words of ['Calls', 'What happened', 'Change it', 'Simulate']) t.notMatch(page.text, words)
  t.match(await staff.get(`/console/sessions/${id}/close`), { status: 403, text: /You may not do that/ })
  t.notMatch(audited().slice(before).join(), '"status":403', 'what they may not is not asked for')
  const forged = await staff.post(`/console/sessions/${id}/close`)
  t.equal(forged.status, 403)
  t.match(forged.text, /You may not do that.*State open/)
})

test('whoever closes a session without seeing calls is told that some may go on', async (t) => {
  const { text, environment } = narrowKey('sessions:read', 'sessions:write')
  const { app } = await build(t, { ...API.environment, ...environment })
  const staff = await signIn(app, text)
  answering(app, { '/v1/sessions/s_a': [200, SESSION] })
  t.match((await staff.get('/console/sessions/s_a/close')).text, /Your key may not see whether calls go on/)
})
