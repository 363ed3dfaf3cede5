import { test } from 'tap'
import { keyLine } from '../../../src/access/api-key.js'
import { createSecret } from '../../../src/access/key-secret.js'
import type { Environment } from '../../../src/config/environment.js'
import { ConfigSchema, MIN_SECRET_LENGTH } from '../../../src/config/schema.js'
import { ConfigError, readConfig } from '../../../src/config/validation.js'
import { MAX_PROMPT } from '../../../src/masking/call-options.js'
import { PAIR } from '../../fixtures.js'

const SIGNED = { VOBIZ_AUTH_TOKEN: 'token', PUBLIC_BASE_URL: 'https://mask.example.com' }
const SECRET = createSecret()
const KEY_LINE = keyLine({ name: 'support', scopes: ['explain'], origin: 'configuration', ...SECRET })
const PROVIDER = {
  OIDC_ISSUER: 'https://id.shop.example',
  OIDC_CLIENT_ID: 'callmask',
  OIDC_ROLES: 'admin=callmask-admins',
  CONSOLE_URL: 'https://desk.example',
}
const KEY = Buffer.alloc(32, 1).toString('base64')

function load(environment: Environment): unknown {
  try {
    return readConfig(environment)
  } catch (error) {
    return error
  }
}

test('the example pair alone is a complete configuration', async (t) => {
  t.same(load(PAIR), {
    ...PAIR,
    PORT: 8001,
    LOG_LEVEL: 'info',
    LOG_TIME: 'unix',
    METRICS: 'key',
    DEFAULT_COUNTRY: 'IN',
    RING_TIMEOUT: 30,
    ANSWER_FIRST: 'off',
    CALL_RECORD: 'off',
    CALL_RETENTION: 7_776_000,
    EVENT_RETENTION: 604_800,
    SESSION_EXPIRING_BEFORE: 300,
    REJECTION_MESSAGE: 'Sorry, this number is not authorised for your account.',
    SESSION_TTL: 86_400,
    NUMBER_REST: 86_400,
    SESSION_RETENTION: 604_800,
    STORE_PREFIX: 'callmask',
    API_DOCS: 'key',
    CONSOLE: 'on',
    CONSOLE_IDLE: 1_800,
    CONSOLE_LIMIT: 43_200,
    OIDC_ROLE_CLAIM: 'groups',
    API_RATE: 100,
    EXPLAIN_RATE: 1,
    AUDIT_LOG: 'stdout',
    VOBIZ_API_BASE: 'https://api.vobiz.ai/api/v1',
    VOBIZ_APP_NAME: 'callmask',
  })
})

test('an empty variable counts as absent, but an empty message is kept', async (t) => {
  t.match(load({ ...PAIR, PORT: '', DRAIN_DELAY: '', PUBLIC_BASE_URL: '', REJECTION_MESSAGE: '' }), {
    PORT: 8001,
    DRAIN_DELAY: undefined,
    REJECTION_MESSAGE: '',
  })
})

test('valid values are accepted', async (t) => {
  const cases: Environment[] = [
    { PUBLIC_BASE_URL: 'https://mask.example.com' },
    { PUBLIC_BASE_URL: 'https://mask.example.com', CALL_RECORD: 'on', CALL_ANNOUNCEMENT: 'Recorded.' },
    { PUBLIC_BASE_URL: 'https://mask.example.com', CALL_RECORD: 'on', CALL_ANNOUNCEMENT: 'none' },
    {
      CALL_RECORD: 'off',
      CALL_GREETING: 'https://a.example/a.mp3',
      CALL_LANGUAGE: 'en-IN',
      CALL_VOICE: 'MAN',
    },
    { CALL_HOURS: 'mon-sat 09:00-21:00 Asia/Kolkata', SESSION_MAX_CALLS: '1000', ANSWER_FIRST: 'wait' },
    { PUBLIC_BASE_URL: 'https://mask.example.com:8443/base/' },
    { PUBLIC_BASE_URL: 'https://mask.example.com/answer/base' },
    { PUBLIC_BASE_URL: 'https://answer' },
    { PUBLIC_BASE_URL: 'http://localhost:8001' },
    { PUBLIC_BASE_URL: 'http://127.0.0.1:8001' },
    { PUBLIC_BASE_URL: 'http://[::1]:8001' },
    { DRAIN_DELAY: '0' },
    { FE: '+91 88888-00001' },
    { FE: '+1 415 555 2671', DEFAULT_COUNTRY: 'US' },
    { REJECTION_MESSAGE: 'x'.repeat(1000) },
    { ...SIGNED, NODE_ENV: 'production' },
    { ...SIGNED, WEBHOOK_AUTH: 'required' },
    { ...SIGNED, VOBIZ_AUTH_TOKEN: 'new,old' },
    { NODE_ENV: 'production', WEBHOOK_AUTH: 'optional' },
    { WEBHOOK_PATH_SECRET: 'a'.repeat(MIN_SECRET_LENGTH) },
    { WEBHOOK_PATH_SECRET: `${'a'.repeat(MIN_SECRET_LENGTH)}, ${'b'.repeat(40)}` },
    { WEBHOOK_ALLOWED_IPS: '15.206.6.156, 35.154.59.246,10.0.0.0/8,2001:db8::/32' },
    { TRUSTED_PROXIES: '127.0.0.1' },
    { MASKING_NUMBERS: '919000000011' },
    { MASKING_NUMBERS: '+91 90000-00011, 09000000012 ,+12015550123' },
    { MASKING_NUMBERS: `${PAIR.M1},+${PAIR.M2}` },
    { MASKING_NUMBERS: '919000000011', M1: '', M2: '', FE: '', CUSTOMER: '' },
    { ALLOWED_COUNTRIES: 'IN' },
    { ALLOWED_COUNTRIES: 'IN, AE,001' },
    { API_KEYS: `${'a'.repeat(MIN_SECRET_LENGTH)},${'b'.repeat(40)}, ${'c'.repeat(40)}` },
    { API_KEYS: 'a'.repeat(MIN_SECRET_LENGTH), API_KEY_HASHES: ` ${KEY_LINE} ` },
    { AUDIT_LOG: './audit.log' },
    {
      CONSOLE: 'off',
      CONSOLE_IDLE: '60',
      CONSOLE_LIMIT: '2592000',
      CONSOLE_URL: 'https://desk.example:8443/',
    },
    PROVIDER,
    {
      ...PROVIDER,
      OIDC_CLIENT_SECRET: 'x',
      OIDC_NAME: 'The shop',
      OIDC_ROLE_CLAIM: 'https://shop.example/roles',
    },
    { ...PROVIDER, OIDC_ISSUER: 'http://127.0.0.1:9000/realm', CONSOLE_URL: 'http://localhost:8001' },
    { STORE_URL: 'redis://127.0.0.1:6379', STORE_KEY: KEY },
    { STORE_URL: 'rediss://user:p%40ss@a:7000,b?cluster', STORE_KEY: `${KEY}, ${KEY}` },
    { STORE_URL: 'redis://a,b/0?sentinel=main', STORE_KEY: KEY },
    // The store has the pool.
    { STORE_URL: 'redis://127.0.0.1:6379', STORE_KEY: KEY, M1: '', M2: '', FE: '', CUSTOMER: '' },
    { STORE_KEY: KEY },
    { ADMIN_PORT: '8002' },
    { ADMIN_PORT: '0', PORT: '0', ADMIN_HOST: '0.0.0.0' },
    { SESSION_TTL: '60', NUMBER_REST: '0' },
    { SESSION_TTL: '15552000', NUMBER_REST: '15552000' },
    { SESSION_RETENTION: '86400' },
    { SESSION_RETENTION: '31622400' },
  ]
  for (const variables of cases) {
    const config = load({ ...PAIR, ...variables })
    t.notMatch(config, ConfigError, JSON.stringify(variables))
  }
})

test('a provider of identities is set whole, or not at all', async (t) => {
  const problems = (environment: Environment) => (load({ ...PAIR, ...environment }) as ConfigError).problems
  for (const name of ['OIDC_CLIENT_ID', 'OIDC_ROLES', 'CONSOLE_URL'])
    t.same(problems({ ...PROVIDER, [name]: '' }), [
      { variable: name, wrong: 'is missing, but OIDC_ISSUER needs it' },
    ])
  t.same(problems({ OIDC_CLIENT_SECRET: 'secret-of-it' }), [
    { variable: 'OIDC_ISSUER', wrong: 'is missing, and without it OIDC_CLIENT_SECRET means nothing' },
  ])
  for (const [name, value] of [
    ['OIDC_ISSUER', 'http://id.shop.example'],
    ['CONSOLE_URL', 'http://desk.example'],
    ['CONSOLE_URL', 'https://desk.example/console'],
    ['OIDC_ROLES', 'callmask-admins'],
    ['OIDC_ROLES', 'boss=callmask-admins'],
    ['OIDC_ROLES', 'admin='],
    ['OIDC_ROLES', ','],
  ] as const)
    t.same(problems({ ...PROVIDER, [name]: value }), [{ variable: name, wrong: 'is not valid' }], value)
})

test('recordings are deleted by themselves only where that can be done', async (t) => {
  const whole = {
    ...PAIR,
    ...SIGNED,
    RECORDING_RETENTION: '86400',
    VOBIZ_AUTH_ID: 'MA_1',
    API_KEYS: SECRET.text,
  }
  t.match(load(whole), { RECORDING_RETENTION: 86_400 })
  t.match(load({ ...whole, API_KEYS: '', API_KEY_HASHES: KEY_LINE }), { RECORDING_RETENTION: 86_400 })
  t.match(load({ ...whole, API_KEYS: '', ...PROVIDER }), { RECORDING_RETENTION: 86_400 })
  t.match(load({ ...whole, API_KEYS: '', ...PROVIDER, CONSOLE: 'off' }), {
    problems: [{ variable: 'API_KEYS' }],
  })
  for (const name of ['VOBIZ_AUTH_ID', 'VOBIZ_AUTH_TOKEN', 'API_KEYS'])
    t.match(
      load({ ...whole, [name]: '' }),
      { problems: [{ variable: name, wrong: /^is missing, but / }] },
      name,
    )
})

test('for an invalid value the error names the variable, the problem and what is expected', async (t) => {
  const cases: [Environment, variable: string, wrong: string][] = [
    [{ M1: undefined }, 'M1', 'is missing, but the static pair needs all four'],
    [{ FE: '' }, 'FE', 'is missing, but the static pair needs all four'],
    [{ M1: '', M2: '', FE: '', CUSTOMER: '' }, 'MASKING_NUMBERS', 'is missing, and so is the static pair'],
    [{ FE: 'anonymous' }, 'FE', 'is not valid'],
    [{ FE: '12345' }, 'FE', 'is a number that cannot exist'],
    [{ FE: '+19002345678' }, 'FE', 'is a premium-rate number, which is never called'],
    [{ CUSTOMER: '+9118601234567' }, 'CUSTOMER', 'is a premium-rate number, which is never called'],
    [
      { SUPPORT_NUMBER: '+9118601234567' },
      'SUPPORT_NUMBER',
      'is a premium-rate number, which is never called',
    ],
    [{ SUPPORT_NUMBER: '112' }, 'SUPPORT_NUMBER', 'is a number that cannot exist'],
    [
      { SUPPORT_NUMBER: '0900 000 0001', M1: '919000000001' },
      'SUPPORT_NUMBER',
      'is a masking number, so its calls would come back here',
    ],
    [{ FE: '+266696687' }, 'FE', 'is a number that cannot exist'],
    [{ M2: PAIR.M1 }, 'M2', 'is the same number as M1'],
    [{ M2: '+91 90000 00001' }, 'M2', 'is the same number as M1'],
    [{ M1: '+918888800003', M2: '+18888800003' }, 'M2', 'differs only in its country from M1'],
    [{ CUSTOMER: '08888800001' }, 'CUSTOMER', 'is the same number as FE'],
    [{ FE: PAIR.M1 }, 'FE', 'is a real number and cannot also be M1'],
    [{ FE: PAIR.M2 }, 'FE', 'is a real number and cannot also be M2'],
    [{ CUSTOMER: PAIR.M1 }, 'CUSTOMER', 'is a real number and cannot also be M1'],
    [{ CUSTOMER: PAIR.M2 }, 'CUSTOMER', 'is a real number and cannot also be M2'],
    [{ MASKING_NUMBERS: ',' }, 'MASKING_NUMBERS', 'is not valid'],
    [{ MASKING_NUMBERS: '919000000011,x' }, 'MASKING_NUMBERS', 'is not valid'],
    [{ MASKING_NUMBERS: '919000000011,12345' }, 'MASKING_NUMBERS', 'is a number that cannot exist'],
    [{ MASKING_NUMBERS: '919000000011,09000000011' }, 'MASKING_NUMBERS', 'has a number twice'],
    [{ MASKING_NUMBERS: `919000000011,${PAIR.FE}` }, 'MASKING_NUMBERS', 'has FE, a real number'],
    [{ MASKING_NUMBERS: PAIR.CUSTOMER }, 'MASKING_NUMBERS', 'has CUSTOMER, a real number'],
    [
      { MASKING_NUMBERS: '+918888800003,+18888800003' },
      'MASKING_NUMBERS',
      'has a number that differs only in its country from another masking number',
    ],
    [
      { M2: '+918888800003', MASKING_NUMBERS: '+18888800003' },
      'MASKING_NUMBERS',
      'has a number that differs only in its country from another masking number',
    ],
    [{ ALLOWED_COUNTRIES: ',' }, 'ALLOWED_COUNTRIES', 'is not valid'],
    [{ ALLOWED_COUNTRIES: 'IN,XX' }, 'ALLOWED_COUNTRIES', 'is not valid'],
    [{ ALLOWED_COUNTRIES: 'in' }, 'ALLOWED_COUNTRIES', 'is not valid'],
    [{ ALLOWED_COUNTRIES: '91' }, 'ALLOWED_COUNTRIES', 'is not valid'],
    [{ API_KEYS: 'short' }, 'API_KEYS', 'is not valid'],
    [{ API_KEY_HASHES: 'support/admin/never/x' }, 'API_KEY_HASHES', 'is not valid'],
    [{ API_KEY_HASHES: `${KEY_LINE},${KEY_LINE}` }, 'API_KEY_HASHES', 'has two keys of the same name or id'],
    [
      { API_KEY_HASHES: `${KEY_LINE},${KEY_LINE.replace('support', 'other')}` },
      'API_KEY_HASHES',
      'has two keys of the same name or id',
    ],
    [
      { API_KEYS: SECRET.text, API_KEY_HASHES: KEY_LINE },
      'API_KEYS',
      'has a key of API_KEY_HASHES, which could do everything then: leave it out here',
    ],
    [{ API_RATE: '0' }, 'API_RATE', 'must be >= 1'],
    [{ EXPLAIN_RATE: '1001' }, 'EXPLAIN_RATE', 'must be <= 1000'],
    [{ AUDIT_LOG: 'file' }, 'AUDIT_LOG', 'is not valid'],
    [{ API_KEYS: `${'a'.repeat(40)},b` }, 'API_KEYS', 'is not valid'],
    [
      { STORE_URL: 'redis://a' },
      'STORE_KEY',
      'is missing, but a store needs it: run `openssl rand -base64 32`',
    ],
    [
      { STORE_URL: 'file:/var/lib/callmask' },
      'STORE_KEY',
      'is missing, but a store needs it: run `openssl rand -base64 32`',
    ],
    [{ STORE_KEY: KEY, STORE_URL: 'file:callmask' }, 'STORE_URL', 'is not valid'],
    [{ STORE_KEY: KEY, STORE_URL: 'http://a' }, 'STORE_URL', 'is not valid'],
    [{ STORE_KEY: KEY, STORE_URL: 'redis://a,b' }, 'STORE_URL', 'is not valid'],
    [{ STORE_KEY: KEY, STORE_URL: 'redis://user:100%@a' }, 'STORE_URL', 'is not valid'],
    [{ STORE_KEY: KEY, STORE_URL: 'redis://a:70000' }, 'STORE_URL', 'is not valid'],
    [{ STORE_KEY: KEY.slice(4) }, 'STORE_KEY', 'is not valid'],
    [{ STORE_KEY: `${KEY.slice(0, -2)}!=` }, 'STORE_KEY', 'is not valid'],
    [{ STORE_KEY: 'x'.repeat(32) }, 'STORE_KEY', 'is not valid'],
    [{ STORE_KEY: [KEY, KEY, KEY].join() }, 'STORE_KEY', 'is not valid'],
    [{ SESSION_TTL: '59' }, 'SESSION_TTL', 'must be >= 60'],
    [{ SESSION_TTL: '15552001' }, 'SESSION_TTL', 'must be <= 15552000'],
    [{ SESSION_RETENTION: '86399' }, 'SESSION_RETENTION', 'must be >= 86400'],
    [{ SESSION_RETENTION: '31622401' }, 'SESSION_RETENTION', 'must be <= 31622400'],
    [{ NUMBER_REST: '-1' }, 'NUMBER_REST', 'must be >= 0'],
    [{ NUMBER_REST: '15552001' }, 'NUMBER_REST', 'must be <= 15552000'],
    [{ CLOSED_MESSAGE: 'x'.repeat(1001) }, 'CLOSED_MESSAGE', 'must NOT have more than 1000 characters'],
    [{ DEFAULT_COUNTRY: 'India' }, 'DEFAULT_COUNTRY', 'is not valid'],
    [{ PORT: '70000' }, 'PORT', 'must be <= 65535'],
    [{ PORT: 'http' }, 'PORT', 'must be integer'],
    [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL', 'must be equal to one of the allowed values'],
    [{ DRAIN_DELAY: '301' }, 'DRAIN_DELAY', 'must be <= 300'],
    [{ RING_TIMEOUT: '0' }, 'RING_TIMEOUT', 'must be >= 1'],
    [{ RING_TIMEOUT: '601' }, 'RING_TIMEOUT', 'must be <= 600'],
    [{ CALLS_PER_NUMBER: '0' }, 'CALLS_PER_NUMBER', 'must be >= 1'],
    [{ CALLS_PER_NUMBER: '1000001' }, 'CALLS_PER_NUMBER', 'must be <= 1000000'],
    [{ RECORDING_RETENTION: '86399' }, 'RECORDING_RETENTION', 'must be >= 86400'],
    [{ RECORDING_RETENTION: '31622401' }, 'RECORDING_RETENTION', 'must be <= 31622400'],
    [{ CALL_TIME_LIMIT: '0' }, 'CALL_TIME_LIMIT', 'must be >= 1'],
    [{ CALL_TIME_LIMIT: '86401' }, 'CALL_TIME_LIMIT', 'must be <= 86400'],
    [{ REJECTION_MESSAGE: 'x'.repeat(1001) }, 'REJECTION_MESSAGE', 'must NOT have more than 1000 characters'],
    [{ WEBHOOK_AUTH: 'off' }, 'WEBHOOK_AUTH', 'must be equal to one of the allowed values'],
    [{ ...SIGNED, VOBIZ_AUTH_TOKEN: 'a,b,c' }, 'VOBIZ_AUTH_TOKEN', 'is not valid'],
    [{ ...SIGNED, VOBIZ_AUTH_TOKEN: ',' }, 'VOBIZ_AUTH_TOKEN', 'is not valid'],
    [{ ...SIGNED, VOBIZ_PARENT_AUTH_TOKEN: 'a,b,c' }, 'VOBIZ_PARENT_AUTH_TOKEN', 'is not valid'],
    [{ WEBHOOK_PATH_SECRET: 'a'.repeat(MIN_SECRET_LENGTH - 1) }, 'WEBHOOK_PATH_SECRET', 'is not valid'],
    [{ WEBHOOK_PATH_SECRET: `${'a'.repeat(40)}/` }, 'WEBHOOK_PATH_SECRET', 'is not valid'],
    [{ WEBHOOK_PATH_SECRET: Array(3).fill('a'.repeat(40)).join() }, 'WEBHOOK_PATH_SECRET', 'is not valid'],
    [{ WEBHOOK_ALLOWED_IPS: 'vobiz.ai' }, 'WEBHOOK_ALLOWED_IPS', 'is not valid'],
    [{ WEBHOOK_ALLOWED_IPS: '10.0.0.0/33' }, 'WEBHOOK_ALLOWED_IPS', 'is not valid'],
    [{ TRUSTED_PROXIES: 'true' }, 'TRUSTED_PROXIES', 'is not valid'],
    [{ TRUSTED_PROXIES: '1' }, 'TRUSTED_PROXIES', 'is not valid'],
    [{ TRUSTED_PROXIES: 'loopback' }, 'TRUSTED_PROXIES', 'is not valid'],
    [{ TRUSTED_PROXIES: '0.0.0.0/0' }, 'TRUSTED_PROXIES', 'is not valid'],
    [{ TRUSTED_PROXIES: '10.0.0.0/8/8' }, 'TRUSTED_PROXIES', 'is not valid'],
    [
      { ...SIGNED, VOBIZ_AUTH_TOKEN: '', NODE_ENV: 'production' },
      'VOBIZ_AUTH_TOKEN',
      'is missing, but webhook signatures are required',
    ],
    [{ VOBIZ_AUTH_TOKEN: 'token' }, 'PUBLIC_BASE_URL', 'is missing, but needed to verify webhook signatures'],
    ...['https://mask.example.com/answer', 'https://mask.example.com/base/answer/'].map(
      (PUBLIC_BASE_URL): [Environment, string, string] => [
        { PUBLIC_BASE_URL },
        'PUBLIC_BASE_URL',
        'ends in /answer, which callmask adds itself: leave it out',
      ],
    ),
    [{ PUBLIC_BASE_URL: 'mask.example.com' }, 'PUBLIC_BASE_URL', 'is not valid'],
    [{ PUBLIC_BASE_URL: 'http://mask.example.com' }, 'PUBLIC_BASE_URL', 'is not valid'],
    [{ PUBLIC_BASE_URL: 'http://127.0.0.1.example.com' }, 'PUBLIC_BASE_URL', 'is not valid'],
    [{ PUBLIC_BASE_URL: 'https://mask.example.com/?a=1' }, 'PUBLIC_BASE_URL', 'is not valid'],
    [{ PUBLIC_BASE_URL: 'https://mask.example.com/#a' }, 'PUBLIC_BASE_URL', 'is not valid'],
    [{ PUBLIC_BASE_URL: 'https://user:pass@mask.example.com' }, 'PUBLIC_BASE_URL', 'is not valid'],
    [{ CALL_GREETING: 'नमस्ते' }, 'CALL_GREETING', 'is not valid'],
    [{ CALL_GREETING: 'http://a.example/a.mp3' }, 'CALL_GREETING', 'is not valid'],
    [
      { CALL_GREETING: 'a'.repeat(MAX_PROMPT + 1) },
      'CALL_GREETING',
      `must NOT have more than ${MAX_PROMPT} characters`,
    ],
    [{ CALL_LANGUAGE: 'hi-IN' }, 'CALL_LANGUAGE', 'must be equal to one of the allowed values'],
    [{ CALL_VOICE: 'woman' }, 'CALL_VOICE', 'must be equal to one of the allowed values'],
    [{ CALL_HOURS: '9-5' }, 'CALL_HOURS', 'is not valid'],
    [{ SESSION_MAX_CALLS: '0' }, 'SESSION_MAX_CALLS', 'must be >= 1'],
    [{ ANSWER_FIRST: 'yes' }, 'ANSWER_FIRST', 'must be equal to one of the allowed values'],
    [
      { CALL_RECORD: 'on', PUBLIC_BASE_URL: 'https://mask.example.com' },
      'CALL_ANNOUNCEMENT',
      'is missing, but calls are recorded: say what is announced, or none',
    ],
    [
      { CALL_RECORD: 'on', CALL_ANNOUNCEMENT: 'none' },
      'PUBLIC_BASE_URL',
      'is missing, but the carrier has to ask for more than the first document',
    ],
    [
      { CALL_WHISPER: 'A call for you.' },
      'PUBLIC_BASE_URL',
      'is missing, but the carrier has to ask for more than the first document',
    ],
  ]
  for (const [variables, variable, wrong] of cases) {
    const error = load({ ...PAIR, ...variables })
    const expected = Object.entries(ConfigSchema.properties).find(([name]) => name === variable)?.[1]
      .description
    t.match(error, { name: 'ConfigError', problems: [{ variable, wrong }] }, JSON.stringify(variables))
    t.match(String(error), `  ${variable} ${wrong}; expected: ${expected}`)
  }
})

test('one message lists every problem, without any value', async (t) => {
  const values = {
    FE: '88888ab',
    CUSTOMER: '918888800002',
    M1: '918888800002',
    PORT: 'secret1',
    LOG_LEVEL: 'secret2',
  }
  const message = String(load(values))
  for (const variable of ['FE', 'CUSTOMER', 'M2', 'PORT', 'LOG_LEVEL']) t.match(message, `  ${variable} `)
  for (const value of Object.values(values)) t.notMatch(message, value)
})

test('the two listeners', async (t) => {
  const cases: [Environment, RegExp][] = [
    [{ ADMIN_PORT: '8001' }, /ADMIN_PORT is the same as PORT; expected: a TCP port/],
    [{ ADMIN_PORT: '9000', PORT: '9000' }, /ADMIN_PORT is the same as PORT/],
    [{ ADMIN_PORT: '65536' }, /ADMIN_PORT must be <= 65535/],
    [{ ADMIN_HOST: '127.0.0.1' }, /ADMIN_PORT is missing, and without it ADMIN_HOST means nothing/],
  ]
  for (const [variables, words] of cases) {
    const error = load({ ...PAIR, ...variables })
    t.type(error, ConfigError, JSON.stringify(variables))
    t.match((error as Error).message, words)
  }
})
