import type { AccountNumber } from '../vobiz/account.js'
import { attachmentOf } from '../vobiz/account-numbers.js'
import { unfitness } from '../vobiz/fitness.js'
import { readNumbers } from './account-numbers.js'
import { EXIT, type ExitCode, type Io, say, sayJson } from './io.js'
import { table } from './layout.js'

export interface NumbersOptions {
  readonly export?: boolean
  readonly json?: boolean
}

/** Lists the account's numbers, or writes those that this service can use as a line for the environment. */
export async function numbers(io: Io, options: NumbersOptions): Promise<ExitCode> {
  const account = await readNumbers(io)
  const { all, usable } = account
  const nameOf = (number: AccountNumber) => attachmentOf(number, account)
  const problemOf = (number: AccountNumber) => unfitness(number)?.seen
  const chosen = options.export ? usable : all
  if (options.json)
    sayJson(
      io,
      chosen.map((number) => ({ ...number, attachedTo: nameOf(number), problem: problemOf(number) })),
    )
  else if (options.export) say(io, `MASKING_NUMBERS=${chosen.map(({ e164 }) => e164).join(',')}`)
  else {
    const rows = chosen.map((number) => [
      number.e164,
      number.country,
      nameOf(number) || '-',
      problemOf(number) ? `no: ${problemOf(number)}` : 'yes',
    ])
    say(io, ...table(['NUMBER', 'COUNTRY', 'ATTACHED TO', 'TAKES CALLS'], rows))
  }
  return EXIT.ok
}
