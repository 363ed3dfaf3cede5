import type { FastifyInstance } from 'fastify'
import { type Test, test } from 'tap'
import { type ApiKey, keyLine } from '../../../src/access/api-key.js'
import type { KeyRecords } from '../../../src/access/key-records.js'
import { createSecret } from '../../../src/access/key-secret.js'
import type { Scope } from '../../../src/access/scopes.js'
import { testClock } from '../../clocks.js'
import { API, build } from '../../helper.js'
import { STORE_KEY } from '../../redis-store.js'
import { IN_MEMORY, temporaryFolder } from '../../src/stores/file/folders.js'
import { signIn } from '../signed-in.js'

const KEY = API.environment.API_KEYS
const REAL_NUMBER = /8888800011/

/** A key of the configuration: its secret, and the line with its hash. */
function configuredKey(name: string, scopes: readonly Scope[]) {
  const { text, id, hash } = createSecret()
  return { text, line: keyLine({ name, scopes, origin: 'configuration', id, hash }) }
}

async function serve(t: Test, more: Record<string, string> = {}) {
  const desk = configuredKey('desk', ['sessions:read', 'explain'])
  const clock = testClock()
  const built = await build(t, { ...API.environment, API_KEY_HASHES: desk.line, ...more }, clock)
  return { ...built, clock, desk: desk.text, staff: await signIn(built.app, KEY) }
}

/** The same, where keys can be kept. */
async function serveLasting(t: Test) {
  const folder = temporaryFolder(t, IN_MEMORY)
  return serve(t, { STORE_URL: `file:${folder}`, STORE_KEY })
}

function withKeys(app: FastifyInstance, keys: readonly ApiKey[]): void {
  Object.assign(app.access, { list: () => keys })
}

const eventsIn = (lines: readonly string[]) =>
  lines.map((line) => JSON.parse(line)).filter(({ event }) => event !== 'request')

test('a key is made, shown once, and revoked after being asked once', async (t) => {
  const { staff, app, audited, logged } = await serveLasting(t)
  const form = await staff.get('/console/keys/new')
  t.match(form.text, /sessions:read see sessions and the numbers of the pool/)
  t.match(form.html, /name="days"[^>]* value="90"/)

  const made = await staff.post('/console/keys/new', {
    name: 'support',
    scopes: 'sessions:read',
    days: '30',
  })
  t.equal(made.status, 201)
  t.equal(made.headers['cache-control'], 'no-store')
  t.match(made.text, /The key is there.*shown this once/)
  const [, secret = ''] = /<code>(cmk_[\w-]+)<\/code>/.exec(made.html) ?? []
  t.match(made.html, `data-copy="${secret}"`)

  const list = await staff.get('/console/keys')
  t.match(list.text, /environment-1 \(the one you use\) admin valid API_KEYS never/)
  t.match(list.text, /desk sessions:read explain valid API_KEY_HASHES never/)
  t.match(list.text, /support sessions:read valid the store 2100-01-31 00:00 UTC 2100-01-01 00:00 UTC/)
  t.match(list.html, 'href="/console/keys/support/revoke"')
  t.notMatch(list.html, 'keys/desk/revoke', 'one of the configuration is taken out there')

  const support = await signIn(app, secret)
  t.equal((await support.get('/console/sessions')).status, 200)
  const asked = await staff.get('/console/keys/support/revoke')
  t.match(asked.text, /Revoke the key support\?.*cannot be undone/)
  t.notMatch(asked.text, /signed out, too/)
  t.equal((await support.get('/console/sessions')).status, 200, 'asking revokes nothing')

  const revoked = await staff.post('/console/keys/support/revoke')
  t.equal(revoked.status, 303)
  t.equal((await support.get('/console/sessions')).status, 303, 'whoever has signed in with it is out')
  const after = await staff.get(String(revoked.headers.location))
  t.match(after.text, /The key is revoked.*support sessions:read revoked/)
  t.notMatch(after.html, 'keys/support/revoke')
  t.equal((await staff.get('/console/keys/support/revoke')).status, 404)

  t.match(
    eventsIn(audited())
      .map(({ event, target }) => target && `${event} ${target}`)
      .filter(Boolean),
    ['key_created support', 'key_revoked support'],
  )
  const others = JSON.stringify([form, list, asked, revoked, after]) + logged() + audited().join()
  t.notMatch(others, secret, 'it is in no other page, log or audit line')
})

test('several scopes are taken, and a key that says so never expires', async (t) => {
  const { staff, app } = await serveLasting(t)
  const payload = `_token=${staff.token}&name=both&scopes=explain&scopes=calls%3Aread&days=`
  const headers = {
    cookie: staff.cookie,
    'sec-fetch-site': 'same-origin',
    'content-type': 'application/x-www-form-urlencoded',
  }
  const made = await app.inject({ method: 'POST', url: '/console/keys/new', headers, payload })
  t.equal(made.statusCode, 201)
  t.match((await staff.get('/console/keys')).text, /both explain calls:read valid the store never/)
})

test('a key that cannot be made says why, and shows no more of it than what was not refused', async (t) => {
  const { staff, logged, audited } = await serveLasting(t)
  const wrong = await staff.post('/console/keys/new', {
    name: 'phone-918888800011',
    scopes: 'explain',
    days: '7',
  })
  t.equal(wrong.status, 400)
  t.match(wrong.text, /The form was not understood.*name is 1 to 32 small letters/)
  t.match(wrong.text, /That is no name for a key/)
  t.match(wrong.html, /value="explain" checked/)
  t.match(wrong.html, /name="days"[^>]* value="7"/)
  t.notMatch(JSON.stringify(wrong) + logged() + audited().join(), REAL_NUMBER)

  const empty = await staff.post('/console/keys/new', { name: 'support', days: '8888800011' })
  t.equal(empty.status, 400)
  t.match(empty.text, /scopes/)
  t.notMatch(empty.text, /That is no name/)
  t.match(empty.html, /name="name"[^>]* value="support"/)
  t.notMatch(JSON.stringify(empty), REAL_NUMBER)

  const soon = await staff.post('/console/keys/new', { name: 'support', scopes: 'explain', days: 'soon' })
  t.equal(soon.status, 400)
  t.match(soon.text, /expires_in/)

  const taken = await staff.post('/console/keys/new', { name: 'desk', scopes: 'explain' })
  t.equal(taken.status, 409)
  t.match(taken.html, /name="name"[^>]* value="desk"/)
})

test('where no key can be kept, the page says what to do and has no form', async (t) => {
  const { staff } = await serve(t)
  for (const page of [
    await staff.get('/console/keys/new'),
    await staff.post('/console/keys/new', { name: 'support', scopes: 'explain' }),
  ]) {
    t.match(page.text, /No key can be kept here.*Set STORE_URL/)
    t.notMatch(page.html, 'action="/console/keys/new"')
  }
})

test('whoever revokes their own key is told of it, and what is said is never from the address', async (t) => {
  const { staff, app } = await serve(t)
  withKeys(app, [
    { name: 'environment-1', scopes: ['admin'], origin: 'store' },
    { name: 'old', scopes: ['explain'], origin: 'store', expiresAt: 1, createdAt: 0 },
  ])
  t.match((await staff.get('/console/keys/environment-1/revoke')).text, /you are signed out, too/)
  t.match((await staff.get('/console/keys')).text, /old explain expired the store 1970-01-01 00:00 UTC/)
  t.equal((await staff.get('/console/keys/old/revoke')).status, 404)
  t.notMatch((await staff.get('/console/keys?done=toString')).html, 'role="status"')

  withKeys(app, [])
  t.match((await staff.get('/console/keys')).text, /There is no key\. Make one\./)
  Object.assign(app.access, { records: { revoke: async () => undefined } satisfies Partial<KeyRecords> })
  t.match((await staff.post('/console/keys/nobody/revoke')).text, /There is no such key/)
})

test('all sign-ins of a name are ended by an admin, which stands in the audit trail', async (t) => {
  const { staff, app, desk, clock, audited } = await serve(t)
  const other = await signIn(app, desk)
  t.equal((await other.get('/console/sessions')).status, 200)
  const ended = await staff.post('/console/keys/sign-ins', { name: 'desk' })
  t.equal(ended.status, 303)
  t.equal((await other.get('/console/sessions')).status, 303)
  t.match((await staff.get(String(ended.headers.location))).text, /All sign-ins of this name are ended/)
  t.match(eventsIn(audited()).at(-1), {
    event: 'sign_ins_ended',
    key: 'environment-1',
    target: 'desk',
    source: '127.0.0.1',
  })
  clock.time += 1
  t.equal((await (await signIn(app, desk)).get('/console/sessions')).status, 200, 'the key itself holds')

  t.equal((await staff.post('/console/keys/sign-ins', { name: 'sso:asha@example.com' })).status, 303)
  t.equal(
    eventsIn(audited()).findLast(({ event }) => event === 'sign_ins_ended').target,
    'sso:asha@example.com',
  )
})

test('what could be a phone number is no name whose sign-ins are ended', async (t) => {
  const { staff, audited, logged } = await serve(t)
  for (const name of ['+918888800011', '८८८८८०००११', 'a b', '', 'x'.repeat(81)]) {
    const page = await staff.post('/console/keys/sign-ins', { name })
    t.equal(page.status, 400, name)
    t.match(page.text, /That is no name as the audit trail has them/)
    t.notMatch(JSON.stringify(page) + logged() + audited().join(), REAL_NUMBER)
  }
  t.notOk(eventsIn(audited()).some(({ event }) => event === 'sign_ins_ended'))
})

test('a key without the scope sees nothing of it and ends nothing, and each try stands in the audit trail', async (t) => {
  const { staff, app, desk, audited } = await serve(t)
  const other = await signIn(app, desk)
  const pages = [
    await other.get('/console/keys'),
    await other.get('/console/keys/new'),
    await other.post('/console/keys/new', { name: 'mine', scopes: 'admin' }),
    await other.get('/console/keys/desk/revoke'),
    await other.post('/console/keys/desk/revoke'),
    await other.post('/console/keys/sign-ins', { name: 'environment-1' }),
  ]
  for (const page of pages) {
    t.equal(page.status, 403)
    t.match(page.text, /You may not do that/)
    t.notMatch(page.html, /environment-1|href="\/console\/keys"/)
  }
  t.equal((await staff.get('/console/keys')).status, 200, 'the other sign-in goes on')
  const refused = audited()
    .map((line) => JSON.parse(line))
    .filter(({ status }) => status === 403)
  t.same(
    refused.map(({ operation }) => operation),
    ['listKeys', 'createKey', 'listKeys', 'revokeKey', 'listKeys'],
  )
  t.notOk(eventsIn(audited()).some(({ event }) => event === 'sign_ins_ended'))
})

test('names are escaped, wherever they come from', async (t) => {
  const { staff, app } = await serve(t)
  withKeys(app, [{ name: '"><script>alert(1)</script>', scopes: ['explain'], origin: 'store' }])
  t.notMatch((await staff.get('/console/keys')).html, '<script>alert')
})
