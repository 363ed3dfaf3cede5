import { renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { SECRETS } from '../../../src/config/schema.js'
import {
  readSecretFiles,
  SECRET_FILE_LIMIT,
  secretOf,
  stateOfSecretFiles,
} from '../../../src/config/secret-files.js'
import { ConfigError, readConfig, withSecretFiles } from '../../../src/config/validation.js'
import { PAIR } from '../../fixtures.js'

test('every secret may stand in a file, with or without a new line at its end', async (t) => {
  t.same([...SECRETS].sort(), [
    'API_KEYS',
    'OIDC_CLIENT_SECRET',
    'STORE_KEY',
    'STORE_URL',
    'VOBIZ_AUTH_TOKEN',
    'VOBIZ_PARENT_AUTH_TOKEN',
    'WEBHOOK_PATH_SECRET',
  ])
  for (const end of ['', '\n', '\r\n', '\n\n']) {
    const dir = t.testdir(Object.fromEntries(SECRETS.map((name) => [name, `the text of ${name}${end}`])))
    const files = Object.fromEntries(SECRETS.map((name) => [`${name}_FILE`, join(dir, name)]))
    t.same(readSecretFiles({ ...files, PORT: '1' }), {
      environment: { PORT: '1', ...Object.fromEntries(SECRETS.map((name) => [name, `the text of ${name}`])) },
      problems: [],
    })
  }
  t.same(readSecretFiles({ PORT_FILE: '/nothing', STORE_KEY_FILE: '' }).problems, [], 'no other variable may')
  t.equal(secretOf('STORE_KEY_FILE'), 'STORE_KEY')
})

test('an error about a secret file shows neither its path nor its content', async (t) => {
  const dir = t.testdir({
    token: 'secret-token',
    empty: '\n',
    folder: {},
    large: 'x'.repeat(SECRET_FILE_LIMIT + 1),
    largest: 'x'.repeat(SECRET_FILE_LIMIT),
  })
  const cases: [Record<string, string>, RegExp][] = [
    [
      { VOBIZ_AUTH_TOKEN_FILE: 'token', VOBIZ_AUTH_TOKEN: 'secret-other' },
      /^ {2}VOBIZ_AUTH_TOKEN_FILE is set, and VOBIZ_AUTH_TOKEN too: set one of the two; expected: the path of a file that holds VOBIZ_AUTH_TOKEN and/m,
    ],
    [
      { VOBIZ_AUTH_TOKEN_FILE: 'secret-path' },
      /VOBIZ_AUTH_TOKEN_FILE names a file that cannot be read \(ENOENT\)/,
    ],
    [{ VOBIZ_AUTH_TOKEN_FILE: 'empty' }, /VOBIZ_AUTH_TOKEN_FILE names a file that is empty/],
    [{ VOBIZ_AUTH_TOKEN_FILE: 'folder' }, /VOBIZ_AUTH_TOKEN_FILE names something that is no file/],
    [{ VOBIZ_AUTH_TOKEN_FILE: 'large' }, /VOBIZ_AUTH_TOKEN_FILE names a file of more than 65536 bytes/],
    [{ STORE_KEY_FILE: 'token' }, /^ {2}STORE_KEY is not valid; expected: 32 bytes in base64/m],
  ]
  const common = { ...PAIR, NODE_ENV: 'production', PUBLIC_BASE_URL: 'https://mask.example.com' }
  for (const [variables, words] of cases) {
    const paths = Object.fromEntries(
      Object.entries(variables).map(([name, value]) => [
        name,
        name.endsWith('_FILE') ? join(dir, value) : value,
      ]),
    )
    const token = 'STORE_KEY_FILE' in variables ? { VOBIZ_AUTH_TOKEN: 'token' } : {}
    let message = ''
    try {
      readConfig({ ...common, ...token, ...paths })
    } catch (error) {
      t.type(error, ConfigError)
      message = String((error as Error).message)
    }
    t.match(message, words)
    t.equal(message.split('\n').length, 2, 'one problem')
    t.notMatch(message, /secret-|xxx/)
    if (!('STORE_KEY_FILE' in variables)) t.throws(() => withSecretFiles(paths), ConfigError)
  }
  const largest = { ...common, VOBIZ_AUTH_TOKEN_FILE: join(dir, 'largest') }
  t.equal(readConfig(largest).VOBIZ_AUTH_TOKEN?.length, SECRET_FILE_LIMIT)
})

test('the state of a file changes when it is edited or replaced', async (t) => {
  const dir = t.testdir({ one: { token: 'a' }, two: { token: 'a' } })
  const link = join(dir, 'data')
  symlinkSync('one', link)
  const environment = { VOBIZ_AUTH_TOKEN_FILE: join(link, 'token') }
  const first = await stateOfSecretFiles(environment)
  t.equal(await stateOfSecretFiles(environment), first)

  symlinkSync('two', `${link}.new`)
  renameSync(`${link}.new`, link)
  const second = await stateOfSecretFiles(environment)
  t.not(second, first, 'as Kubernetes does it')
  writeFileSync(join(dir, 'two/token'), 'ab')
  t.not(await stateOfSecretFiles(environment), second)
  t.equal(await stateOfSecretFiles({ STORE_KEY_FILE: join(dir, 'none') }), 'ENOENT')
  t.equal(await stateOfSecretFiles({}), '')
})
