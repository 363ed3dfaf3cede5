import { type Test, test } from 'tap'
import { keyLine } from '../../../src/access/api-key.js'
import type { AuditEntry } from '../../../src/access/audit-entry.js'
import type { AuditCover } from '../../../src/access/audit-reader.js'
import { createSecret } from '../../../src/access/key-secret.js'
import { testClock } from '../../clocks.js'
import { API, build } from '../../helper.js'
import { signIn } from '../signed-in.js'

const KEY = API.environment.API_KEYS
const REAL_NUMBER = /8888800011/
const { text: deskKey, id, hash } = createSecret()
const DESK = keyLine({ name: 'desk', scopes: ['sessions:read'], origin: 'configuration', id, hash })

async function serve(t: Test, more: Record<string, string> = {}) {
  const built = await build(t, { ...API.environment, API_KEY_HASHES: DESK, ...more }, testClock())
  return { ...built, staff: await signIn(built.app, KEY) }
}

test('the trail is shown with filters, and its sessions lead to their pages', async (t) => {
  const { staff, logged, audited } = await serve(t)
  const opened = await staff.post('/console/sessions/new', {
    'number-0': '+918888800011',
    'number-1': '+918888800012',
  })
  const [, session = ''] = /<code>(s_[\w-]+)<\/code>/.exec(opened.html) ?? []
  const all = await staff.get('/console/audit')
  t.match(all.text, /These are the last lines of one instance.*let AUDIT_LOG name a file/)
  t.match(all.html, `<a href="/console/sessions/${session}"><code>${session}</code></a>`)
  t.match(all.text, /a request environment-1 createSession s_[\w-]+ 201 127\.0\.0\.1/)
  t.match(all.text, /signed in environment-1/)
  t.match(all.text, /an instance began/)
  t.notMatch(all.html, 'rel="next"')

  const query = `event=request&key=environment-1&operation=createSession&session_id=${session}&from=2099-12-31T00:00&to=2100-01-02T00:00`
  const some = await staff.get(`/console/audit?${query}`)
  t.equal(some.html.match(/<tr>/g)?.length, 2, 'the head, and one entry')
  t.match(some.html, '<option value="request" selected>')
  for (const value of ['environment-1', 'createSession', session, '2099-12-31T00:00', '2100-01-02T00:00'])
    t.match(some.html, `value="${value}"`)
  const none = await staff.get('/console/audit?from=2100-01-02T00:00')
  t.match(none.text, /No entry of this page matches/)
  t.notMatch(JSON.stringify([all, some, none]) + logged() + audited().join(), REAL_NUMBER)
})

test('the next page keeps the filter', async (t) => {
  const { staff, app } = await serve(t)
  for (let i = 0; i < 60; i++) app.access.audit.add('signed_in', { key: `staff-${i}` })
  const first = await staff.get('/console/audit?event=signed_in')
  t.match(first.text, /staff-59/)
  const [, next = ''] = /href="(\/console\/audit\?[^"]*cursor=[^"]*)"/.exec(first.html) ?? []
  const second = await staff.get(next.replaceAll('&amp;', '&'))
  t.match(second.html, '<option value="signed_in" selected>')
  t.match(second.text, /staff-1 /)
  t.notMatch(second.text, /staff-59/)

  const stale = await staff.get('/console/audit?event=signed_in&cursor=7.another-instance')
  t.equal(stale.status, 400)
  t.match(stale.text, /cursor is not of what is read now/)
  t.match(stale.html, '<option value="signed_in" selected>', 'it can be asked for again')
})

test('a filter that is refused is not shown again', async (t) => {
  const { staff, logged, audited } = await serve(t)
  for (const field of ['key', 'operation', 'session_id', 'from', 'to', 'event']) {
    const page = await staff.get(`/console/audit?${field}=%2B918888800011&limit=7`)
    t.equal(page.status, 400, field)
    t.match(page.text, /The form was not understood/)
    t.match(page.html, `<code>${field}</code>`)
    t.notMatch(JSON.stringify(page) + logged() + audited().join(), REAL_NUMBER)
  }
  t.match((await staff.get('/console/audit?key=sso:asha@example.com')).html, 'value="sso:asha@example.com"')
})

test('nor is one of which nothing was said', async (t) => {
  const { staff } = await serve(t)
  const page = await staff.get('/console/audit?event=no-event&operation=%2B91%2088888%2000011&key=desk')
  t.equal(page.status, 400)
  t.match(page.html, 'value="desk"')
  t.notMatch(page.html, /88888 ?00011/)
})

test('it says what it is read from', async (t) => {
  const { staff, app } = await serve(t)
  const entry: AuditEntry = {
    at: 0,
    event: 'rate_limited',
    key: '"><script>alert(1)</script>',
    target: '<b>',
    status: 429,
    code: 'rate_limited',
    count: 7,
  }
  const show = async (covers: AuditCover) => {
    Object.assign(app.access, { readAudit: async () => ({ covers, entries: [entry] }) })
    return staff.get('/console/audit')
  }
  const file = await show('file')
  t.match(file.text, /It is read from the file AUDIT_LOG, with all instances/)
  t.match(file.text, /too many requests \(7 times\).*429 rate_limited/)
  t.notMatch(file.html, /<script>alert|<b>/)
  t.match((await show('nothing')).text, /Nothing can be shown: AUDIT_LOG is off/)

  const off = await serve(t, { AUDIT_LOG: 'off' })
  t.match((await off.staff.get('/console/audit')).text, /AUDIT_LOG is off/)
})

test('who may not read it, sees nothing of it; what fails is told', async (t) => {
  const { app, staff } = await serve(t)
  const other = await (await signIn(app, deskKey)).get('/console/audit')
  t.equal(other.status, 403)
  t.match(other.text, /You may not do that/)
  t.notMatch(other.html, /environment-1|href="\/console\/audit"/)

  const readAudit = async () => {
    throw new Error('+918888800011')
  }
  Object.assign(app.access, { readAudit })
  const failed = await staff.get('/console/audit')
  t.equal(failed.status, 500)
  t.match(failed.text, /Something went wrong here/)
  t.notMatch(failed.html, REAL_NUMBER)
})
