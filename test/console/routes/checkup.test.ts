import { type Test, test } from 'tap'
import { keyLine } from '../../../src/access/api-key.js'
import { createSecret } from '../../../src/access/key-secret.js'
import type { Finding } from '../../../src/checkup/finding.js'
import { testClock } from '../../clocks.js'
import { API, build } from '../../helper.js'
import { signIn } from '../signed-in.js'

const { text: deskKey, id, hash } = createSecret()
const DESK = keyLine({ name: 'desk', scopes: ['sessions:read'], origin: 'configuration', id, hash })

const WELL: Finding = { check: 'credentials', ok: true, seen: 'accepted' }
const NOT_WELL: Finding = {
  check: 'public address',
  ok: false,
  seen: '<script>alert(1)</script>',
  remedy: 'run `npx callmask setup`',
}

/** A service that finds this of itself. */
async function serve(t: Test, findings: readonly Finding[]) {
  const outside = async () => t.fail('nothing is asked for')
  const built = await build(t, { ...API.environment, API_KEY_HASHES: DESK }, testClock(), outside as never)
  let runs = 0
  const checkUp = async () => {
    runs += 1
    return findings
  }
  Object.assign(built.app, { checkUp })
  return { ...built, staff: await signIn(built.app, API.environment.API_KEYS), runs: () => runs }
}

test('nothing runs before the button is pressed', async (t) => {
  const { staff, runs } = await serve(t, [WELL])
  const page = await staff.get('/console/checkup')
  t.match(page.html, /<button type="submit">Run the check-up/)
  t.match(page.html, '<div id="findings"></div>')
  t.match(page.text, /It may take up to 25 seconds/)
  t.equal(runs(), 0)
})

test('what is well and what is not is told, with what to do', async (t) => {
  const { staff, runs, audited } = await serve(t, [WELL, NOT_WELL])
  const page = await staff.post('/console/checkup')
  t.equal(page.status, 200)
  t.equal(runs(), 1)
  t.match(
    page.text,
    /One thing is not well\..*Not well public address not well.*What to do: run npx callmask setup/,
  )
  t.match(page.html, '<code>npx callmask setup</code>')
  t.match(page.text, /Well credentials well accepted/)
  t.notMatch(page.html, '<script>alert')
  t.ok(audited().some((line) => JSON.parse(line).operation === 'runCheckup'))

  const both = await serve(t, [NOT_WELL, { ...NOT_WELL, check: 'store' }])
  const { html, text } = await both.staff.post('/console/checkup')
  t.match(text, /2 things are not well\./)
  t.notMatch(html, '<h2>Well</h2>')
})

test('all is well', async (t) => {
  const { staff } = await serve(t, [WELL, WELL])
  const page = await staff.post('/console/checkup')
  t.match(page.text, /All is well: 2 things were examined/)
  t.notMatch(page.html, '<h2>Not well</h2>')
})

test('who may not run it does not see it, and is refused', async (t) => {
  const { app, runs, audited } = await serve(t, [WELL])
  const other = await signIn(app, deskKey)
  for (const page of [await other.get('/console/checkup'), await other.post('/console/checkup')]) {
    t.equal(page.status, 403)
    t.match(page.text, /You may not do that/)
    t.notMatch(page.html, /href="\/console\/checkup"|id="findings"/)
  }
  t.equal(runs(), 0)
  t.ok(
    audited().some((line) => JSON.parse(line).operation === 'runCheckup' && JSON.parse(line).status === 403),
  )
})
