import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Test, test } from 'tap'
import { LOOK_INTERVAL_MS } from '../../plugins/secrets.js'
import { signatureHeaders } from '../../src/vobiz/signature.js'
import { testClock } from '../clocks.js'
import { FE_REACHES_CUSTOMER, lines, PAIR, webhook } from '../fixtures.js'
import { API, build } from '../helper.js'

const BASE = 'https://mask.example.com'
const [OLD, NEW] = ['an-old-secret-of-128-bits', 'a-new-secret-of-128-bits-'] as const

/** The service with these secrets in files, and a clock of the test's own. */
async function withFiles(t: Test, secrets: Record<string, string>, more: Record<string, string> = {}) {
  const dir = t.testdir(secrets)
  const files = Object.fromEntries(Object.keys(secrets).map((name) => [`${name}_FILE`, join(dir, name)]))
  const clock = testClock()
  const built = await build(t, { PUBLIC_BASE_URL: BASE, WEBHOOK_AUTH: 'required', ...more, ...files }, clock)
  const look = () => clock.tick(LOOK_INTERVAL_MS)
  return {
    ...built,
    clock,
    look,
    write: (name: string, text: string) => writeFileSync(join(dir, name), text),
    remove: (name: string) => rmSync(join(dir, name)),
    /** The status of a call with this token at this path. */
    async called(token: string, path = '/answer') {
      const call = webhook({ From: PAIR.FE, To: '09000000001' })
      const headers = { ...call.headers, ...signatureHeaders(BASE + path, token) }
      const reply = await built.app.inject({ ...call, url: path, headers })
      if (reply.statusCode === 200) t.equal(reply.body, FE_REACHES_CUSTOMER)
      return reply.statusCode
    },
  }
}

test('a changed token file is used once two looks at it agree', async (t) => {
  const { called, look, write, logged } = await withFiles(t, { VOBIZ_AUTH_TOKEN: `${OLD}\n` })
  t.equal(await called(OLD), 200)
  await look()
  await look()
  t.notMatch(logged(), 'secrets', 'nothing is told where nothing has changed')

  write('VOBIZ_AUTH_TOKEN', `${NEW},${OLD}\n`)
  await look()
  t.equal(await called(NEW), 403, 'it may be half written')
  await look()
  t.same([await called(NEW), await called(OLD)], [200, 200])

  write('VOBIZ_AUTH_TOKEN', NEW)
  await look()
  await look()
  t.same([await called(NEW), await called(OLD)], [200, 403])
  const told = lines(logged()).filter(({ msg }) => String(msg).includes('secrets'))
  t.match(told, [{ level: 'info', changed: ['VOBIZ_AUTH_TOKEN'] }, { changed: ['VOBIZ_AUTH_TOKEN'] }])
  for (const secret of [OLD, NEW]) t.notMatch(logged(), secret)
})

test('reload reads the files at once', async (t) => {
  const { app, called, write, logged } = await withFiles(t, { VOBIZ_AUTH_TOKEN: OLD })
  write('VOBIZ_AUTH_TOKEN', NEW)
  app.secrets.reload()
  t.same([await called(NEW), await called(OLD)], [200, 403])
  app.secrets.reload()
  t.match(lines(logged()).at(-1), { changed: [], msg: 'the secrets were read again' })
})

test('an invalid new secret is logged once, and the old one stays in use', async (t) => {
  const secrets = { VOBIZ_AUTH_TOKEN: OLD, WEBHOOK_PATH_SECRET: OLD }
  const { called, look, write, remove, logged } = await withFiles(t, secrets)
  const told = () => lines(logged()).filter(({ level }) => level === 'error')
  write('VOBIZ_AUTH_TOKEN', NEW)
  write('WEBHOOK_PATH_SECRET', 'short')
  for (let i = 0; i < 4; i++) await look()
  t.match(told(), [{ problems: ['WEBHOOK_PATH_SECRET is not valid'] }])
  t.equal(told().length, 1)
  t.equal(await called(OLD, `/${OLD}/answer`), 200, 'none of them is taken')

  remove('WEBHOOK_PATH_SECRET')
  for (let i = 0; i < 3; i++) await look()
  t.match(told()[1], { problems: ['WEBHOOK_PATH_SECRET_FILE names a file that cannot be read (ENOENT)'] })
  write('WEBHOOK_PATH_SECRET', NEW)
  for (let i = 0; i < 3; i++) await look()
  t.equal(await called(NEW, `/${NEW}/answer`), 200, 'and then all of them')
  for (const secret of [OLD, NEW, 'short']) t.notMatch(logged(), secret)
})

test('a removed path secret answers as an unknown path', async (t) => {
  const { app, called, write } = await withFiles(t, { VOBIZ_AUTH_TOKEN: OLD, WEBHOOK_PATH_SECRET: OLD })
  write('WEBHOOK_PATH_SECRET', NEW)
  t.equal(await called(OLD, `/${OLD}/answer`), 200)
  app.secrets.reload()
  t.equal(await called(OLD, `/${NEW}/answer`), 200)
  const call = webhook({ From: PAIR.FE, To: PAIR.M1 })
  const seen = async (url: string) => {
    const { statusCode, headers, body } = await app.inject({ ...call, url })
    return { statusCode, headers: { ...headers, date: '', 'x-request-id': '' }, body }
  }
  t.same(await seen(`/${OLD}/answer`), await seen('/unknown/path'))
})

test('changed API keys are used without a restart', async (t) => {
  const { app, write } = await withFiles(
    t,
    { API_KEYS: OLD, VOBIZ_AUTH_TOKEN: OLD },
    { MASKING_NUMBERS: API.environment.MASKING_NUMBERS },
  )
  const statuses = async (key: string) => {
    const headers = { authorization: `Bearer ${key}` }
    const replies = ['/v1/status', '/v1/sessions/%ff'].map((url) => app.inject({ url, headers }))
    return (await Promise.all(replies)).map(({ statusCode }) => statusCode)
  }
  t.same(
    [await statuses(OLD), await statuses(NEW)],
    [
      [200, 400],
      [401, 401],
    ],
  )
  write('API_KEYS', NEW)
  app.secrets.reload()
  t.same(
    [await statuses(OLD), await statuses(NEW)],
    [
      [401, 401],
      [200, 400],
    ],
  )
})

test('a listener that fails does not keep the others from a new secret', async (t) => {
  const { app, write, logged } = await withFiles(t, { VOBIZ_AUTH_TOKEN: OLD })
  const heard: unknown[] = []
  app.secrets.onChange(() => {
    throw new RangeError(NEW)
  })
  app.secrets.onChange((changed) => heard.push(changed))
  write('VOBIZ_AUTH_TOKEN', NEW)
  app.secrets.reload()
  t.same(heard, [['VOBIZ_AUTH_TOKEN']])
  t.match(lines(logged())[0], { level: 'error', 'exception.type': 'RangeError' })
  t.notMatch(logged(), NEW)
})

test('without secret files nothing is polled, and reload changes nothing', async (t) => {
  const clock = testClock()
  const { app, logged } = await build(t, {}, clock)
  const upkeep = clock.intervals().filter((ms) => ms === LOOK_INTERVAL_MS).length
  app.secrets.reload()
  t.match(lines(logged()), [{ changed: [] }])
  const { clock: looking } = await withFiles(t, { VOBIZ_AUTH_TOKEN: OLD })
  t.equal(looking.intervals().filter((ms) => ms === LOOK_INTERVAL_MS).length, upkeep + 1)
})
