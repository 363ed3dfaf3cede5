import { isIP } from 'node:net'
import { readKeyLine } from '../access/api-key.js'
import { idOf } from '../access/key-secret.js'
import { readRoles } from '../console/roles.js'
import { isPrompt } from '../masking/call-options.js'
import { isPremium } from '../masking/participant.js'
import {
  areConfusable,
  isCountry,
  isSameNumber,
  type PhoneNumber,
  parsePhoneNumber,
  parseWithType,
  WORLD,
} from '../masking/phone-number.js'
import { readSpelling } from '../masking/spelling.js'
import { readStorePlace } from '../stores/store-url.js'
import { STORE_KEY_BYTES } from '../stores/vault.js'
import { entries } from './entries.js'
import type { Environment } from './environment.js'
import { readHours } from './hours.js'
import { ConfigSchema, MIN_SECRET_LENGTH } from './schema.js'
import { webhookAuth } from './webhook-checks.js'

/** What is wrong with one variable, without its value. */
export interface ConfigProblem {
  readonly variable: string
  readonly wrong: string
}

/** The formats that the schema names. Whether a number can exist depends on the country: see `crossProblems`. */
export const formats = {
  country: isCountry,
  countries: (text: string) => isListOf(text, (entry) => isCountry(entry) || entry === WORLD),
  'phone-number': (text: string) => readSpelling(text) !== undefined,
  'public-base-url': isPublicBaseUrl,
  'one-or-two': isOneOrTwo,
  'phone-numbers': (text: string) => isListOf(text, (entry) => readSpelling(entry) !== undefined),
  secrets: areSecrets,
  'key-hashes': (text: string) => isListOf(text, (entry) => readKeyLine(entry) !== undefined),
  // With a slash, so that a misspelt word is no file.
  'audit-log': (text: string) => ['stdout', 'off'].includes(text) || text.includes('/'),
  'store-url': (text: string) => readStorePlace(text) !== undefined,
  'store-keys': (text: string) => isOneOrTwo(text) && entries(text).every(isStoreKey),
  'path-secrets': (text: string) => isOneOrTwo(text) && areSecrets(text),
  prompt: isPrompt,
  'origin-url': (text: string) => isPublicBaseUrl(text) && new URL(text).pathname === '/',
  'oidc-roles': (text: string) => readRoles(text) !== undefined,
  hours: (text: string) => readHours(text) !== undefined,
  'address-list': (text: string) => entries(text).every(isAddressOrRange),
}

const SECRET = new RegExp(`^[\\w-]{${MIN_SECRET_LENGTH},}$`)

function isStoreKey(text: string): boolean {
  return BASE64.test(text) && Buffer.from(text, 'base64').length === STORE_KEY_BYTES
}

const BASE64 = /^[A-Za-z\d+/]+=*$/

function areSecrets(text: string): boolean {
  return isListOf(text, (entry) => SECRET.test(entry))
}

function isListOf(text: string, isValid: (entry: string) => boolean): boolean {
  const all = entries(text)
  return all.length > 0 && all.every(isValid)
}

function isOneOrTwo(text: string): boolean {
  return [1, 2].includes(entries(text).length)
}

/** A range of everything is no range: it would trust or allow every address. */
function isAddressOrRange(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/')
  const version = isIP(address)
  if (version === 0 || rest.length > 0) return false
  return bits === undefined || (/^[1-9]\d*$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
}

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/

function isPublicBaseUrl(text: string): boolean {
  if (!URL.canParse(text) || /[?#@]/.test(text)) return false
  const { protocol, hostname } = new URL(text)
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname))
}

/** Whether somebody gave the whole Answer URL, where only its base belongs. */
function endsInAnswer(publicBaseUrl: string): boolean {
  return isPublicBaseUrl(publicBaseUrl) && /\/answer\/*$/.test(new URL(publicBaseUrl).pathname)
}

const NUMBERS = ['M1', 'M2', 'FE', 'CUSTOMER'] as const

/** Which numbers must differ. All but the last row compare people or numbers of the static pair by identity. */
const CLASHES = [
  ['M2', 'M1', isSameNumber, 'is the same number as'],
  ['CUSTOMER', 'FE', isSameNumber, 'is the same number as'],
  ['FE', 'M1', isSameNumber, 'is a real number and cannot also be'],
  ['FE', 'M2', isSameNumber, 'is a real number and cannot also be'],
  ['CUSTOMER', 'M1', isSameNumber, 'is a real number and cannot also be'],
  ['CUSTOMER', 'M2', isSameNumber, 'is a real number and cannot also be'],
  // The carrier sends the dialled number without its country, so these two could not be told apart.
  ['M2', 'M1', areConfusable, 'differs only in its country from'],
] as const

/** Problems between variables. A variable that is missing or wrong by itself is skipped. */
export function crossProblems(environment: Environment): ConfigProblem[] {
  return [
    ...numberProblems(environment),
    ...webhookProblems(environment),
    ...callProblems(environment),
    ...storeProblems(environment),
    ...keyProblems(environment),
    ...providerProblems(environment),
    ...listenerProblems(environment),
  ]
}

/** Keys are told apart by their names and ids, and a key with scopes must not become one with all. */
function keyProblems({ API_KEYS, API_KEY_HASHES }: Environment): ConfigProblem[] {
  const keys = entries(API_KEY_HASHES).flatMap((line) => readKeyLine(line) ?? [])
  const problems: ConfigProblem[] = []
  if (hasTwice(keys.map(({ name }) => name)) || hasTwice(keys.map(({ id }) => id)))
    problems.push({ variable: 'API_KEY_HASHES', wrong: 'has two keys of the same name or id' })
  const ids = new Set(keys.map(({ id }) => id))
  if (entries(API_KEYS).some((text) => ids.has(idOf(text) ?? '')))
    problems.push({
      variable: 'API_KEYS',
      wrong: 'has a key of API_KEY_HASHES, which could do everything then: leave it out here',
    })
  return problems
}

function hasTwice(texts: readonly string[]): boolean {
  return new Set(texts).size < texts.length
}

/** A provider of identities needs to know us, and we which of its people may do what. */
function providerProblems(environment: Environment): ConfigProblem[] {
  const given = PROVIDER_SETTINGS.filter((name) => environment[name])
  if (environment.OIDC_ISSUER)
    return NEEDED_OF_PROVIDER.filter((name) => !environment[name]).map((variable) => ({
      variable,
      wrong: 'is missing, but OIDC_ISSUER needs it',
    }))
  if (given.length === 0) return []
  return [{ variable: 'OIDC_ISSUER', wrong: `is missing, and without it ${given[0]} means nothing` }]
}

const NEEDED_OF_PROVIDER = ['OIDC_CLIENT_ID', 'OIDC_ROLES', 'CONSOLE_URL'] as const
const PROVIDER_SETTINGS = [
  'OIDC_CLIENT_ID',
  'OIDC_CLIENT_SECRET',
  'OIDC_ROLE_CLAIM',
  'OIDC_ROLES',
  'OIDC_NAME',
] as const

/** The listener of the business is another one than that of the calls. Port 0 is any that is free. */
function listenerProblems({ ADMIN_HOST, ADMIN_PORT, PORT }: Environment): ConfigProblem[] {
  const port = Number(PORT ?? ConfigSchema.properties.PORT.default)
  if (ADMIN_PORT && port !== 0 && Number(ADMIN_PORT) === port) {
    return [{ variable: 'ADMIN_PORT', wrong: 'is the same as PORT' }]
  }
  if (!ADMIN_HOST || ADMIN_PORT) return []
  return [{ variable: 'ADMIN_PORT', wrong: 'is missing, and without it ADMIN_HOST means nothing' }]
}

/** Numbers are never written to a store in plain text. */
function storeProblems({ STORE_URL, STORE_KEY }: Environment): ConfigProblem[] {
  if (!STORE_URL || STORE_KEY) return []
  return [
    {
      variable: 'STORE_KEY',
      wrong: 'is missing, but a store needs it: run `openssl rand -base64 32`',
    },
  ]
}

/** A signature cannot be verified without the token and the URL that it is made of. */
function webhookProblems(environment: Environment): ConfigProblem[] {
  const { VOBIZ_AUTH_TOKEN, VOBIZ_PARENT_AUTH_TOKEN, PUBLIC_BASE_URL } = environment
  const hasToken = Boolean(VOBIZ_AUTH_TOKEN || VOBIZ_PARENT_AUTH_TOKEN)
  const required = webhookAuth(environment) === 'required'
  const problems: ConfigProblem[] = []
  if (PUBLIC_BASE_URL && endsInAnswer(PUBLIC_BASE_URL)) {
    problems.push({
      variable: 'PUBLIC_BASE_URL',
      wrong: 'ends in /answer, which callmask adds itself: leave it out',
    })
  }
  if (required && !hasToken) {
    problems.push({ variable: 'VOBIZ_AUTH_TOKEN', wrong: 'is missing, but webhook signatures are required' })
  }
  if ((required || hasToken) && !PUBLIC_BASE_URL) {
    problems.push({
      variable: 'PUBLIC_BASE_URL',
      wrong: 'is missing, but needed to verify webhook signatures',
    })
  }
  return problems
}

/** Nobody is recorded by an oversight, and what is recorded must become known. */
function callProblems(environment: Environment): ConfigProblem[] {
  const { CALL_RECORD, CALL_ANNOUNCEMENT, CALL_WHISPER, PIN_LENGTH, PUBLIC_BASE_URL } = environment
  const problems: ConfigProblem[] = recordingProblems(environment)
  if (CALL_RECORD === 'on' && !CALL_ANNOUNCEMENT) {
    problems.push({
      variable: 'CALL_ANNOUNCEMENT',
      wrong: 'is missing, but calls are recorded: say what is announced, or none',
    })
  }
  if ((CALL_RECORD === 'on' || CALL_WHISPER || PIN_LENGTH) && !PUBLIC_BASE_URL) {
    problems.push({
      variable: 'PUBLIC_BASE_URL',
      wrong: 'is missing, but the carrier has to ask for more than the first document',
    })
  }
  return problems
}

/** What is to be deleted must be known here, and the carrier must take it from us. */
function recordingProblems(environment: Environment): ConfigProblem[] {
  const { RECORDING_RETENTION, API_KEYS, API_KEY_HASHES, VOBIZ_AUTH_ID, VOBIZ_AUTH_TOKEN } = environment
  const { OIDC_ISSUER, CONSOLE } = environment
  if (!RECORDING_RETENTION) return []
  const problems: ConfigProblem[] = []
  const why = 'is missing, but without it RECORDING_RETENTION deletes nothing'
  if (!VOBIZ_AUTH_ID) problems.push({ variable: 'VOBIZ_AUTH_ID', wrong: why })
  if (!VOBIZ_AUTH_TOKEN) problems.push({ variable: 'VOBIZ_AUTH_TOKEN', wrong: why })
  if (!API_KEYS && !API_KEY_HASHES && !(OIDC_ISSUER && CONSOLE !== 'off'))
    problems.push({
      variable: 'API_KEYS',
      wrong: 'is missing, but calls are recorded here only where they can be asked for',
    })
  return problems
}

function numberProblems(environment: Environment): ConfigProblem[] {
  const { DEFAULT_COUNTRY: country = ConfigSchema.properties.DEFAULT_COUNTRY.default } = environment
  if (!isCountry(country)) return []

  const problems: ConfigProblem[] = missingNumbers(environment)
  const read = (variable: string, texts: readonly string[]) =>
    texts.flatMap((text) => {
      if (!formats['phone-number'](text)) return []
      const number = parsePhoneNumber(text, country)
      if (!number) problems.push({ variable, wrong: 'is a number that cannot exist' })
      return number ?? []
    })
  const pair = new Map(
    NUMBERS.flatMap((name) => read(name, entries(environment[name])).map((number) => [name, number])),
  )
  for (const [variable, other, clash, wrong] of CLASHES) {
    const [a, b] = [pair.get(variable), pair.get(other)]
    if (a && b && clash(a, b)) problems.push({ variable, wrong: `${wrong} ${other}` })
  }
  for (const variable of ['FE', 'CUSTOMER', 'SUPPORT_NUMBER'] as const) {
    const type = parseWithType(environment[variable] ?? '', country)?.type
    if (isPremium(type)) problems.push({ variable, wrong: 'is a premium-rate number, which is never called' })
  }
  const pool = read('MASKING_NUMBERS', entries(environment.MASKING_NUMBERS))
  const masking = [...pool, ...(['M1', 'M2'] as const).flatMap((name) => pair.get(name) ?? [])]
  for (const support of read('SUPPORT_NUMBER', entries(environment.SUPPORT_NUMBER)))
    if (masking.some((number) => isSameNumber(number, support)))
      problems.push({
        variable: 'SUPPORT_NUMBER',
        wrong: 'is a masking number, so its calls would come back here',
      })
  return [...problems, ...poolProblems(pool, pair)]
}

/** The static pair must be complete, or absent with a pool in its place: a shared store may have one. */
function missingNumbers(environment: Environment): ConfigProblem[] {
  const missing = NUMBERS.filter((name) => !environment[name])
  if (missing.length < NUMBERS.length) {
    return missing.map((variable) => ({ variable, wrong: 'is missing, but the static pair needs all four' }))
  }
  if (environment.MASKING_NUMBERS || environment.STORE_URL) return []
  return [{ variable: 'MASKING_NUMBERS', wrong: 'is missing, and so is the static pair' }]
}

function poolProblems(pool: readonly PhoneNumber[], pair: ReadonlyMap<string, PhoneNumber>): ConfigProblem[] {
  const wrongs = pool.flatMap((number, i) => {
    const others = pool.slice(i + 1)
    const ofPair = [...pair].filter(([, other]) => isSameNumber(number, other)).map(([name]) => name)
    const maskingNumbers = [...others, ...(['M1', 'M2'] as const).flatMap((name) => pair.get(name) ?? [])]
    return [
      ...others.filter((other) => isSameNumber(number, other)).map(() => 'has a number twice'),
      ...ofPair
        .filter((name) => name === 'FE' || name === 'CUSTOMER')
        .map((name) => `has ${name}, a real number`),
      ...maskingNumbers
        .filter((other) => !isSameNumber(number, other) && areConfusable(number, other))
        .map(() => 'has a number that differs only in its country from another masking number'),
    ]
  })
  return [...new Set(wrongs)].map((wrong) => ({ variable: 'MASKING_NUMBERS', wrong }))
}
