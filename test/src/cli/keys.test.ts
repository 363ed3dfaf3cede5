import { test } from 'tap'
import { readKeyLine } from '../../../src/access/api-key.js'
import { createKeyring } from '../../../src/access/keyring.js'
import { cli, fetchWith, PUBLIC } from '../../cli-helper.js'
import { patientClock } from '../../clocks.js'
import { API, build, hasStore } from '../../helper.js'
import { startServer, until, withServer } from '../../redis-server.js'
import { STORE_KEY } from '../../redis-store.js'

const KEY = API.environment.API_KEYS
const NOW = Date.UTC(2100, 0, 1)

test('keys create without a store makes a line for the configuration', async (t) => {
  const args = [
    'keys',
    'create',
    '--name',
    'support',
    '--scope',
    'explain, sessions:read',
    '--expires',
    '90d',
  ]
  const { code, out } = await cli(args, {}, { now: () => NOW + 999 })
  t.equal(code, 0)
  const [, key = ''] = /^key {7}(\S+)$/m.exec(out) ?? []
  const [, line = ''] = /^line {6}API_KEY_HASHES=(\S+)$/m.exec(out) ?? []
  const configured = readKeyLine(line)
  t.match(configured, {
    name: 'support',
    scopes: ['sessions:read', 'explain'],
    expiresAt: NOW + 90 * 86_400_000,
  })
  const ring = createKeyring({ now: () => NOW, environment: [], configured: configured ? [configured] : [] })
  t.match(ring.identify(`Bearer ${key}`), { kind: 'known', key: { name: 'support' } })
  t.match(out, /shown this once/)

  const json = JSON.parse(
    (await cli(['keys', 'create', '--name', 'a', '--scope', 'admin', '--json'], {})).out,
  )
  t.match(json, { name: 'a', scopes: ['admin'], key: /^cmk_/, line: /^a\/admin\/never\// })
})

test('keys create says what is wrong', async (t) => {
  const create = (name: string, scope: string, ...more: string[]) =>
    cli(['keys', 'create', '--name', name, '--scope', scope, ...more], {})
  t.match(await create('Support', 'explain'), { code: 2, err: /^error: the name is not valid: 1 to 32/ })
  for (const scope of ['', 'all', 'explain,', 'explain;admin'])
    t.match(await create('support', scope), { code: 2, err: /--scope is not valid: one or more of/ })
  for (const expires of ['90', '59s', '0d', 'x', '3651d', '-1d'])
    t.match(await create('support', 'explain', '--expires', expires), { code: 2, err: /--expires/ }, expires)
  t.equal((await create('support', 'explain', '--expires', '60s')).code, 0)
  t.equal((await create('support', 'explain', '--expires', '3650d')).code, 0)
})

test('without a store only keys of the configuration are listed', async (t) => {
  const { app } = await build(t, API.environment)
  const world = { fetch: fetchWith(app) }
  const run = (...args: string[]) => cli(['keys', ...args, '--url', PUBLIC], { API_KEYS: KEY }, world)
  t.match(await run('create', '--name', 'a', '--scope', 'admin', '--stored'), { code: 1, err: /no store/ })
  t.match(await run('list'), { code: 0, out: /^environment-1 {2}valid {3}environment {2}never {4}admin$/m })
  t.match(await run('revoke', 'environment-1'), { code: 1, err: /stands in the configuration/ })
  t.match(await run('revoke', 'nobody'), { code: 1, err: /There is no such key/ })
})

test('keys of the store are made, listed and revoked', withServer, async (t) => {
  const { url } = await startServer(t)
  const { app } = await build(t, { ...API.environment, STORE_URL: url, STORE_KEY }, patientClock)
  await until('the store is there', () => hasStore(app))
  const world = { fetch: fetchWith(app) }
  const run = (key: string, ...args: string[]) => cli([...args, '--url', PUBLIC], { API_KEYS: key }, world)

  const args = ['create', '--name', 'support', '--scope', 'sessions:read', '--expires', '1h', '--stored']
  const { code, out } = await run(KEY, 'keys', ...args)
  t.equal(code, 0)
  const [, key = ''] = /^key {7}(\S+)$/m.exec(out) ?? []
  t.match(out, /^expires {3}\d{4}-/m)
  t.equal((await run(key, 'sessions', 'list')).code, 0)
  t.match(await run(key, 'keys', 'list'), { code: 1, err: /lacks the scope admin/ })
  t.match(await run(KEY, 'keys', 'list'), { code: 0, out: /^support {8}valid {3}store /m })
  t.match(await run(KEY, 'keys', 'revoke', 'support'), { code: 0, out: /^status {4}revoked$/m })
  t.match(await run(key, 'sessions', 'list'), { code: 1, err: /was revoked/ })
})
