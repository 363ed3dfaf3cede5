import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { type Test, test } from 'tap'
import type { SessionView } from '../../../src/api/session-schemas.js'
import { environmentText } from '../../../src/cli/environment-file.js'
import type { Io } from '../../../src/cli/io.js'
import type { Environment } from '../../../src/config/environment.js'
import { ConfigSchema } from '../../../src/config/schema.js'
import { readConfig } from '../../../src/config/validation.js'
import { startQuietly } from '../../../src/serve.js'
import { cli, PUBLIC } from '../../cli-helper.js'
import { PAIR } from '../../fixtures.js'
import { freePorts } from '../../ports.js'
import { rentedNumber, type StandIn, type StandInNumber, startStandIn } from '../../vobiz-stand-in.js'

const [M1, M2, TRIAL, OTHERS] = ['+919000000001', '+919000000002', '+919000000003', '+919000000004'] as const
const RENTED = [
  rentedNumber(M1),
  rentedNumber(TRIAL, { is_trial_number: true }),
  rentedNumber(OTHERS, { application_id: '98765432109876543' }),
  rentedNumber(M2),
]

async function accountWith(t: Test, numbers: StandInNumber[] = RENTED): Promise<StandIn> {
  const standIn = await startStandIn(numbers)
  t.teardown(() => standIn.close())
  return standIn
}

const credentials = ({ base, authId, authToken }: StandIn) => ({
  VOBIZ_API_BASE: base,
  VOBIZ_AUTH_ID: authId,
  VOBIZ_AUTH_TOKEN: authToken,
})

/** Runs `init` in a directory. */
async function init(t: Test, args: string[], environment: Environment, world: Partial<Io> = {}) {
  const directory = t.testdir({})
  const file = join(directory, '.env')
  const run = await cli(['init', ...args], environment, { environmentFile: file, ...world })
  const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
  return { ...run, directory, file, text, settings: parseEnv(text) as Record<string, string> }
}

/** Somebody at a terminal who answers the questions that contain these words, and is asked nothing else. */
function answering(answers: Record<string, string>) {
  const asked: string[] = []
  const answer = async (question: string) => {
    const [words, text] = Object.entries(answers).find(([words]) => question.includes(words)) ?? []
    if (words === undefined) throw new Error(`not expected: ${question}`)
    asked.push(words)
    return String(text)
  }
  const hidden: string[] = []
  const world: Partial<Io> = {
    isInteractive: true,
    ask: answer,
    askSecret: (question) => {
      hidden.push(question)
      return answer(question)
    },
  }
  return { world, asked, hidden }
}

test('without an account init writes settings for trying the service out, and asks nothing', async (t) => {
  const { code, out, file, directory, text, settings } = await init(t, [], {})
  t.equal(code, 0)
  t.equal(statSync(file).mode & 0o777, 0o600)
  t.same(readdirSync(directory), ['.env'], 'and leaves nothing else behind')
  t.match(settings, {
    ...PAIR,
    MASKING_NUMBERS: '919000000011,919000000012,919000000013',
    API_KEYS: /^\w{32}$/,
  })
  t.equal(Object.keys(settings).length, 6)
  t.match(out, `Wrote ${file}, which only you can read.`)
  t.match(out, '  npx callmask serve\n')
  t.notMatch(out, String(settings.API_KEYS))

  const names = [...text.matchAll(/^#?([A-Z][A-Z0-9_]*)=/gm)].map(([, name]) => name)
  t.same(
    [...new Set(names)].sort(),
    Object.keys(ConfigSchema.properties).sort(),
    'the file has every setting',
  )
  t.match(text, /^# Written by `npx callmask init`\. .*\n/)
  t.not((await init(t, [], {})).settings.API_KEYS, settings.API_KEYS, 'each run makes a new key')
})

test('the service starts with the settings that init wrote, and sessions work', async (t) => {
  const { settings } = await init(t, [], {})
  const [port] = await freePorts(1)
  const service = await startQuietly({ ...settings, PORT: String(port) })
  t.teardown(() => service.close())
  const url = `http://127.0.0.1:${port}`
  const opened = await fetch(`${url}/v1/sessions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${settings.API_KEYS}`, 'content-type': 'application/json' },
    body: JSON.stringify({ participants: [{ number: '+919800000001' }, { number: '+919800000002' }] }),
  })
  t.equal(opened.status, 201)
  const { participants } = (await opened.json()) as SessionView
  const body = new URLSearchParams({ From: '919800000001', To: String(participants[0]?.masking_number) })
  const answer = await fetch(`${url}/answer`, { method: 'POST', body })
  t.match(await answer.text(), '<Number>+919800000002</Number>')
})

test('with an account init takes its free numbers, and makes the secrets', async (t) => {
  const account = await accountWith(t)
  const { code, out, settings } = await init(t, ['--public-url', PUBLIC], credentials(account))
  t.equal(code, 0)
  t.match(settings, {
    ...credentials(account),
    PUBLIC_BASE_URL: PUBLIC,
    MASKING_NUMBERS: `${M1},${M2}`,
    WEBHOOK_AUTH: 'required',
    WEBHOOK_PATH_SECRET: /^\w{32}$/,
    API_KEYS: /^\w{32}$/,
  })
  t.notHas(settings, { M1: String })
  t.not(settings.WEBHOOK_PATH_SECRET, settings.API_KEYS)
  t.match(out, /\nNext:\n {2}npx callmask serve\n.*\n {2}npx callmask setup\n {2}npx callmask doctor\n$/)
  for (const secret of ['VOBIZ_AUTH_TOKEN', 'API_KEYS', 'WEBHOOK_PATH_SECRET'])
    t.notMatch(out, String(settings[secret]))
  t.same(account.violations, [])

  t.equal((await cli(['setup'], settings)).code, 0, 'setup works with these settings')
  const again = await init(t, ['--public-url', PUBLIC], credentials(account))
  t.equal(again.settings.MASKING_NUMBERS, `${M1},${M2}`, 'numbers that are ours are free for us')
})

test('without a public address init writes settings that work, and says what to do next', async (t) => {
  const account = await accountWith(t)
  const { out, settings } = await init(t, [], credentials(account))
  t.equal(settings.PUBLIC_BASE_URL, 'http://127.0.0.1:8001')
  t.match(out, 'Next, open a public https address that leads to http://127.0.0.1:8001')
  t.match(readConfig(settings), { WEBHOOK_AUTH: 'required' })
})

test('init makes a key for a store, and keeps what the environment has already', async (t) => {
  const STORE_URL = 'redis://user:pass@127.0.0.1:6379'
  const made = await init(t, ['--store-url', STORE_URL], {})
  t.equal(made.settings.STORE_URL, STORE_URL)
  t.equal(Buffer.from(String(made.settings.STORE_KEY), 'base64').length, 32)

  const { STORE_KEY, API_KEYS } = made.settings
  const kept = await init(t, [], { STORE_URL, STORE_KEY, API_KEYS })
  t.match(kept.settings, { STORE_URL, STORE_KEY, API_KEYS })

  const account = await accountWith(t)
  const given = {
    ...credentials(account),
    PUBLIC_BASE_URL: PUBLIC,
    VOBIZ_APP_NAME: 'other',
    VOBIZ_PARENT_AUTH_TOKEN: 'parent',
    WEBHOOK_PATH_SECRET: 'a-secret-of-more-than-128-bits',
  }
  t.match((await init(t, [], given)).settings, given)
})

test('at a terminal init asks for what is not given, and does not show the token', async (t) => {
  const account = await accountWith(t)
  const { VOBIZ_API_BASE, VOBIZ_AUTH_ID, VOBIZ_AUTH_TOKEN } = credentials(account)
  const user = answering({
    'Auth id': VOBIZ_AUTH_ID,
    'auth token': VOBIZ_AUTH_TOKEN,
    'Which may': `2, ${M1.slice(1)}, 2`,
    'https URL': PUBLIC,
  })
  const { code, err, settings } = await init(t, [], { VOBIZ_API_BASE }, user.world)
  t.equal(code, 0)
  t.same(user.asked, ['Auth id', 'auth token', 'Which may', 'https URL'])
  t.equal(user.hidden.length, 1)
  t.match(err, `Free numbers of the account:\n  1  ${M1}\n  2  ${M2}\n`)
  t.match(settings, {
    VOBIZ_AUTH_ID,
    VOBIZ_AUTH_TOKEN,
    MASKING_NUMBERS: `${M2},${M1}`,
    PUBLIC_BASE_URL: PUBLIC,
  })

  const brief = answering({ 'Which may': '', 'https URL': '' })
  const all = await init(t, [], credentials(account), brief.world)
  t.match(all.settings, { MASKING_NUMBERS: `${M1},${M2}`, PUBLIC_BASE_URL: 'http://127.0.0.1:8001' })

  const none = answering({ 'Auth id': '' })
  t.match((await init(t, [], {}, none.world)).settings, { ...PAIR })

  const given = [
    '--auth-id',
    VOBIZ_AUTH_ID,
    '--auth-token',
    VOBIZ_AUTH_TOKEN,
    '--numbers',
    M2,
    '--public-url',
    PUBLIC,
  ]
  const quiet = await init(t, given, { VOBIZ_API_BASE }, answering({}).world)
  t.equal(quiet.settings.MASKING_NUMBERS, M2, 'flags leave nothing to ask')
  const yes = await init(t, ['--yes'], credentials(account), answering({}).world)
  t.equal(yes.settings.MASKING_NUMBERS, `${M1},${M2}`, '--yes asks nothing')
})

test('init replaces an existing file only with --force', async (t) => {
  const directory = t.testdir({ '.env': 'API_KEYS=mine\n' })
  const environmentFile = join(directory, '.env')
  const refused = await cli(['init'], {}, { ...answering({}).world, environmentFile })
  t.equal(refused.code, 2)
  t.equal(refused.err, `error: ${environmentFile} is there already: --force writes a new one in its place\n`)
  t.equal(readFileSync(environmentFile, 'utf8'), 'API_KEYS=mine\n')

  const late = `${environmentFile}.late`
  const ask = async () => {
    writeFileSync(late, 'late')
    return ''
  }
  const run = await cli(['init'], {}, { isInteractive: true, ask, environmentFile: late })
  t.match(run, { code: 2, err: /is there already/ })
  t.equal(readFileSync(late, 'utf8'), 'late', 'even if it appeared while the user was asked')

  writeFileSync(environmentFile, 'old', { mode: 0o644 })
  t.equal((await cli(['init', '--force'], {}, { environmentFile })).code, 0)
  t.match(readFileSync(environmentFile, 'utf8'), PAIR.M1)
  t.equal(statSync(environmentFile).mode & 0o777, 0o600)
})

test('settings that cannot work are refused, and nothing is written', async (t) => {
  const account = await accountWith(t)
  const empty = await accountWith(t, [])
  const useless = await accountWith(t, RENTED.slice(1, 3))
  const cases: [string[], Environment, RegExp][] = [
    [[], { VOBIZ_AUTH_ID: 'MA_1' }, /^error: VOBIZ_AUTH_TOKEN is needed too: .*\n$/],
    [[], { VOBIZ_AUTH_TOKEN: 'token' }, /^error: VOBIZ_AUTH_ID is needed too: .*\n$/],
    [
      [],
      { ...credentials(account), VOBIZ_AUTH_TOKEN: 'wrong' },
      /VOBIZ_AUTH_ID or VOBIZ_AUTH_TOKEN is wrong/,
    ],
    [[], credentials(empty), /^error: the account has no number that is free for masking: rent one .*\n$/],
    [
      [],
      credentials(useless),
      /free for masking:\n {2}\+919000000003 is a trial number, .*: rent a number\n {2}\+919000000004 belongs to another application: .*\n$/,
    ],
    [
      ['--numbers', TRIAL],
      credentials(account),
      /^error: not all of these numbers are free .* \+919000000001, /,
    ],
    [['--public-url', `${PUBLIC}/answer`], credentials(account), / {2}PUBLIC_BASE_URL ends in \/answer/],
    [['--store-url', 'http://a'], {}, / {2}STORE_URL is not valid/],
  ]
  for (const [args, environment, message] of cases) {
    const { code, err, directory } = await init(t, args, environment)
    t.not(code, 0)
    t.match(err, message)
    t.same(readdirSync(directory), [])
  }
  const nowhere = { environmentFile: join(t.testdir({}), 'none', '.env') }
  t.match(await cli(['init'], {}, nowhere), {
    code: 2,
    err: /^error: .*\.env cannot be written \(ENOENT\)\n$/,
  })
})

test('every value is read as it was written', async (t) => {
  for (const value of [
    'plain',
    'a b',
    'a#b',
    'a"b',
    "a'b",
    `a'b"c #d`,
    'redis://u:p@a,b?cluster&x=1',
    '$x',
    '=',
  ]) {
    const text = environmentText({ VOBIZ_AUTH_TOKEN: value })
    t.same(parseEnv(text), { VOBIZ_AUTH_TOKEN: value })
  }
  t.throws(() => environmentText({ VOBIZ_AUTH_TOKEN: `'"\`#` }), { name: 'UsageError' })
})
