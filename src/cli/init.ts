import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { entries } from '../config/entries.js'
import type { Environment } from '../config/environment.js'
import { ConfigSchema } from '../config/schema.js'
import { readConfig } from '../config/validation.js'
import { STORE_KEY_BYTES } from '../stores/vault.js'
import type { AccountNumber } from '../vobiz/account.js'
import { unfitness } from '../vobiz/fitness.js'
import { readNumbers } from './account-numbers.js'
import {
  alreadyThere,
  environmentText,
  exampleOf,
  type Settings,
  writeSecretFile,
} from './environment-file.js'
import { EXIT, type ExitCode, type Io, say, UsageError } from './io.js'

export interface InitOptions {
  readonly authId?: string
  /** Visible to whoever lists the processes of the machine: the environment is the better place. */
  readonly authToken?: string
  readonly publicUrl?: string
  /** Masking numbers with commas. */
  readonly numbers?: string
  readonly storeUrl?: string
  readonly yes?: boolean
  readonly force?: boolean
}

interface Account {
  readonly VOBIZ_AUTH_ID: string
  readonly VOBIZ_AUTH_TOKEN: string
}

/** Bytes of a key that nobody can guess. */
const SECRET_BYTES = 16
/** Where a tunnel on this machine would lead to, until there is a public address. */
const LOCAL_URL = `http://127.0.0.1:${ConfigSchema.properties.PORT.default}`

/**
 * Writes the settings file: for an account, or for trying out when none is given. What a flag or the environment
 * gives is not asked for; without a terminal nothing is. A secret that the environment already has is kept.
 */
export async function init(io: Io, options: InitOptions): Promise<ExitCode> {
  const { environmentFile: file } = io
  const overwrite = options.force === true
  if (!overwrite && existsSync(file)) throw alreadyThere(file)

  const account = await askAccount(io, options)
  const settings = {
    ...(account ? await accountSettings(io, options, account) : trialSettings()),
    ...commonSettings(io, options),
  }
  readConfig(settings)
  writeSecretFile(file, environmentText(settings), { overwrite })
  say(
    io,
    `Wrote ${file}, which only you can read.`,
    ...(account ? nextWithAccount(settings) : nextForTrial(file)),
  )
  return EXIT.ok
}

function isAsking(io: Io, { yes }: InitOptions): boolean {
  return io.isInteractive && !yes
}

/** Undefined where there is none: for trying out. */
async function askAccount(io: Io, options: InitOptions): Promise<Account | undefined> {
  const asking = isAsking(io, options)
  const { VOBIZ_AUTH_ID, VOBIZ_AUTH_TOKEN } = io.environment
  const given = { id: options.authId || VOBIZ_AUTH_ID, token: options.authToken || VOBIZ_AUTH_TOKEN }
  const id =
    given.id ||
    (asking &&
      (await io.ask('Auth id of your Vobiz account, MA_… or SA_… (empty: none yet, to try it out): ')))
  if (!id && !given.token) return undefined
  const token = given.token || (asking && (await io.askSecret('Its auth token (is not shown): ')))
  if (!id || !token) {
    throw new UsageError(
      `${id ? 'VOBIZ_AUTH_TOKEN' : 'VOBIZ_AUTH_ID'} is needed too: copy it from the Vobiz console into the environment`,
    )
  }
  return { VOBIZ_AUTH_ID: id, VOBIZ_AUTH_TOKEN: token }
}

/** Only signed calls are admitted, under a secret path, and sessions share the account's numbers. */
async function accountSettings(io: Io, options: InitOptions, account: Account): Promise<Settings> {
  const environment: Environment = { ...io.environment, ...account }
  const numbers = await chooseNumbers({ ...io, environment }, options)
  const given = options.publicUrl || environment.PUBLIC_BASE_URL
  const asked =
    !given &&
    isAsking(io, options) &&
    (await io.ask(
      'The https URL under which Vobiz reaches this service, such as that of a tunnel (empty: later): ',
    ))
  return {
    ...account,
    ...present(environment, 'VOBIZ_PARENT_AUTH_TOKEN', 'VOBIZ_API_BASE', 'VOBIZ_APP_NAME'),
    PUBLIC_BASE_URL: given || asked || LOCAL_URL,
    MASKING_NUMBERS: numbers.join(','),
    WEBHOOK_AUTH: 'required',
    WEBHOOK_PATH_SECRET: environment.WEBHOOK_PATH_SECRET || secret(),
  }
}

/** The example numbers: a static pair and a pool. */
function trialSettings(): Settings {
  return exampleOf('M1', 'M2', 'FE', 'CUSTOMER', 'MASKING_NUMBERS')
}

function commonSettings({ environment }: Io, options: InitOptions): Settings {
  const STORE_URL = options.storeUrl || environment.STORE_URL
  return {
    API_KEYS: environment.API_KEYS || secret(),
    ...(STORE_URL && {
      STORE_URL,
      STORE_KEY: environment.STORE_KEY || randomBytes(STORE_KEY_BYTES).toString('base64'),
    }),
  }
}

function secret(): string {
  return randomBytes(SECRET_BYTES).toString('hex')
}

/** Those of these variables that have a value. */
function present(environment: Environment, ...names: readonly string[]): Settings {
  return Object.fromEntries(names.flatMap((name) => (environment[name] ? [[name, environment[name]]] : [])))
}

/** The masking numbers: those that are named, or all of the account that are free. */
async function chooseNumbers(io: Io, options: InitOptions): Promise<string[]> {
  const { all, usable } = await readNumbers(io)
  const free = usable.map(({ e164 }) => e164)
  if (free.length === 0)
    throw new UsageError(`the account has no number that is free for masking${listed(all)}`)
  if (options.numbers) return picked(options.numbers, free)
  if (!isAsking(io, options)) return free
  io.stderr.write(`Free numbers of the account:\n${free.map((e164, i) => `  ${i + 1}  ${e164}\n`).join('')}`)
  const answer = await io.ask('Which may sessions be given, such as 1,2 (empty: all): ')
  return answer === '' ? free : picked(answer, free)
}

function listed(numbers: readonly AccountNumber[]): string {
  if (numbers.length === 0) return ': rent one in the Vobiz console'
  const reasons = numbers.map((number) => {
    const { seen, remedy } = unfitness(number) ?? {
      seen: 'belongs to another application',
      remedy: 'detach it there, or rent another number',
    }
    return `\n  ${number.e164} ${seen}: ${remedy}`
  })
  return `:${reasons.join('')}`
}

/** Entries that are numbers, with or without a `+`, or places in the list of those that are free. */
function picked(text: string, free: readonly string[]): string[] {
  const chosen = entries(text).map((entry) => {
    const number = free.find((e164, i) => e164 === `+${entry.replace(/^\+/, '')}` || entry === String(i + 1))
    if (!number)
      throw new UsageError(`not all of these numbers are free in the account: ${free.join(', ')} are`)
    return number
  })
  return [...new Set(chosen)]
}

function nextWithAccount({ PUBLIC_BASE_URL = '' }: Settings): string[] {
  const first = PUBLIC_BASE_URL.startsWith('https:')
    ? 'Next:'
    : `Next, open a public https address that leads to ${LOCAL_URL}, such as a tunnel, and set PUBLIC_BASE_URL to it. Then:`
  return [
    first,
    '  npx callmask serve',
    'and, once it runs, in another terminal:',
    '  npx callmask setup',
    '  npx callmask doctor',
  ]
}

function nextForTrial(file: string): string[] {
  return [
    'It has example numbers, a static pair and a pool, to try callmask without an account. Next:',
    '  npx callmask serve',
    'and, in another terminal, for requests to its API:',
    `  export $(grep ^API_KEYS= ${file})`,
  ]
}
