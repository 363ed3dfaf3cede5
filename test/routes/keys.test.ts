import { type Test, test } from 'tap'
import { type HashedKey, keyLine } from '../../src/access/api-key.js'
import type { KeyRecords } from '../../src/access/key-records.js'
import { createSecret } from '../../src/access/key-secret.js'
import { testClock } from '../clocks.js'
import { documentCheck } from '../documented.js'
import { API, build } from '../helper.js'

const NEW_KEY = { name: 'support', scopes: ['explain', 'sessions:read'] }

const { id, hash } = createSecret()
const CONFIGURED = keyLine({ name: 'desk', scopes: ['explain'], origin: 'configuration', id, hash })

/** The whole service with stand-in records, or without any. */
async function serve(t: Test, records?: Partial<KeyRecords>) {
  const environment = { ...API.environment, API_KEY_HASHES: CONFIGURED }
  const { app } = await build(t, environment, testClock())
  if (records) Object.assign(app.access, { records: { load: async () => undefined, ...records } })
  const undocumented = await documentCheck(app)
  return async (method: 'GET' | 'POST' | 'DELETE', path = '', payload?: object) => {
    const request = { method, url: `/v1/keys${path}`, headers: API.headers, ...(payload && { payload }) }
    const reply = await app.inject(request)
    t.equal(undocumented(request, reply), undefined)
    return reply
  }
}

test('a key is made with its scopes in order, and shown once', async (t) => {
  const added: HashedKey[] = []
  const ask = await serve(t, {
    add: async (key) => {
      added.push(key)
      return 'added'
    },
  })
  const made = (await ask('POST', '', NEW_KEY)).json()
  t.match(made, { name: 'support', scopes: ['sessions:read', 'explain'], status: 'valid', origin: 'store' })
  t.match(made.key, /^cmk_/)
  t.notOk('expires_at' in made)
  t.notMatch(JSON.stringify(added), made.key, 'only a hash is kept')

  const shortLived = await ask('POST', '', { ...NEW_KEY, expires_in: 60 })
  t.equal(shortLived.json().expires_at, '2100-01-01T00:01:00.000Z')
})

test('a key that cannot be made is a problem', async (t) => {
  const cases = [
    [await serve(t), NEW_KEY, 'no_key_store'],
    [await serve(t, { add: async () => 'exists' }), NEW_KEY, 'key_exists'],
    [await serve(t, { add: async () => 'full' }), NEW_KEY, 'too_many_keys'],
    [await serve(t, {}), { ...NEW_KEY, name: 'desk' }, 'key_exists'],
    [await serve(t, {}), { ...NEW_KEY, name: 'environment-1' }, 'invalid_request'],
    [await serve(t, {}), { ...NEW_KEY, name: 'phone-918888800001' }, 'invalid_request'],
  ] as const
  for (const [ask, key, code] of cases) t.equal((await ask('POST', '', key)).json().code, code)
})

test('a key of the configuration is listed, and cannot be revoked', async (t) => {
  const ask = await serve(t, { revoke: async () => undefined })
  t.match((await ask('GET')).json(), {
    keys: [
      { name: 'environment-1', scopes: ['admin'] },
      { name: 'desk', scopes: ['explain'] },
    ],
  })
  for (const name of ['environment-1', 'desk'])
    t.equal((await ask('DELETE', `/${name}`)).json().code, 'key_of_configuration')
  t.equal((await ask('DELETE', '/nobody')).json().code, 'key_not_found')
  t.equal((await (await serve(t))('DELETE', '/nobody')).json().code, 'key_not_found')
})
