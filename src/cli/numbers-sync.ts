import type { PoolView } from '../api/number-schemas.js'
import { openAccount } from '../checkup/settings.js'
import { ConfigSchema } from '../config/schema.js'
import { e164, isCountry, parsePhoneNumber } from '../masking/phone-number.js'
import { type ComparedNumber, compareNumbers } from '../vobiz/compared-numbers.js'
import { readNumbers } from './account-numbers.js'
import { type ApiOptions, readReply } from './api.js'
import { EXIT, type ExitCode, type Io, say, sayJson, UsageError, waitFor } from './io.js'
import { table } from './layout.js'
import { planAttachments } from './setup-plan.js'

export interface SyncOptions extends ApiOptions {
  readonly dryRun?: boolean
  readonly takeOver?: boolean
}

/** Shows the account's numbers and the pool side by side, and attaches the numbers of the pool that are not attached. */
export async function syncNumbers(io: Io, options: SyncOptions): Promise<ExitCode> {
  const { dryRun, takeOver = false, json } = options
  const pool = await readReply<PoolView>(io, options, { method: 'GET', path: '/numbers' })
  if (!pool) return EXIT.failed
  const account = await readNumbers(io)
  const { all, ours } = account
  if (!ours) throw new UsageError('the account has no application of ours: run `npx callmask setup` first')

  const masking = pool.numbers.map(({ number }) => number)
  const { problems, steps } = planAttachments({ masking, numbers: all, ourAppId: ours.app_id, takeOver })
  const numbers = compareNumbers(pool.numbers, account, numbersOfPair(io))
  const planned = steps.map(({ text }) => text)
  if (!json) say(io, ...comparisonLines(numbers, ours.app_name))

  const done: string[] = []
  try {
    for (const step of dryRun ? [] : steps) {
      await waitFor(io, step.text, step.run(openAccount(io), ours.app_id))
      done.push(step.text)
    }
  } finally {
    if (json) sayJson(io, { numbers: numbers.map(shown), problems, planned, done })
    else say(io, ...outcomeLines(problems, planned, done))
  }
  return problems.length > 0 ? EXIT.failed : EXIT.ok
}

/** M1 and M2 of the environment: they are attached, and in no pool. */
function numbersOfPair({ environment }: Io): string[] {
  const { DEFAULT_COUNTRY = '', M1 = '', M2 = '' } = environment
  const country = isCountry(DEFAULT_COUNTRY)
    ? DEFAULT_COUNTRY
    : ConfigSchema.properties.DEFAULT_COUNTRY.default
  return [M1, M2].flatMap((text) => parsePhoneNumber(text, country) ?? []).map(e164)
}

/** A number for machines. */
function shown({ number, country, pool, attachedTo, unfit }: ComparedNumber) {
  return { number, country, attachedTo, problem: unfit?.seen, pool }
}

function comparisonLines(numbers: readonly ComparedNumber[], ourName: string): string[] {
  const rows = numbers.map(({ number, country, pool, attachedTo, unfit }) => [
    number,
    country,
    pool ?? '-',
    attachedTo ?? '-',
    unfit ? `no: ${unfit.seen}` : 'yes',
  ])
  const unused = numbers.filter(
    ({ pool, attachedTo, unfit }) => !pool && !unfit && (!attachedTo || attachedTo === ourName),
  )
  const hint =
    unused.length === 0
      ? []
      : [`Not in the pool: npx callmask numbers add ${unused.map(({ number }) => number).join(' ')}`]
  return [...table(['NUMBER', 'COUNTRY', 'POOL', 'ATTACHED TO', 'TAKES CALLS'], rows), '', ...hint]
}

function outcomeLines(
  problems: readonly string[],
  planned: readonly string[],
  done: readonly string[],
): string[] {
  const open = planned.filter((step) => !done.includes(step))
  return [
    ...done.map((step) => `done: ${step}`),
    ...open.map((step) => `to do: ${step}`),
    ...problems.map((problem) => `problem: ${problem}`),
    ...(open.length + problems.length === 0 ? ['Every number of the pool is attached.'] : []),
  ]
}
