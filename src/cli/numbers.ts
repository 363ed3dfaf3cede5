import type { AccountNumber } from '../vobiz/account.js'
import { EXIT, type ExitCode, type Io, say, sayJson, waitFor } from './io.js'
import { openAccount } from './settings.js'

export interface NumbersOptions {
  readonly export?: boolean
  readonly json?: boolean
}

/** Lists the account's numbers, or those that are free to use as one line for the environment. */
export async function numbers(io: Io, options: NumbersOptions): Promise<ExitCode> {
  const account = openAccount(io)
  const [applications, all] = await waitFor(
    io,
    'reading the account',
    Promise.all([account.listApplications(), account.listNumbers()]),
  )
  const nameOf = ({ applicationId, trunkId }: AccountNumber) => {
    if (trunkId) return 'a SIP trunk'
    return applications.find(({ app_id }) => app_id === applicationId)?.app_name ?? applicationId ?? ''
  }
  const chosen = options.export ? all.filter(isFree) : all
  if (options.json)
    sayJson(
      io,
      chosen.map((number) => ({ ...number, attachedTo: nameOf(number) })),
    )
  else if (options.export) say(io, chosen.map(({ e164 }) => e164).join(','))
  else {
    const rows = chosen.map((number) => [
      number.e164,
      number.country,
      yesNo(number.voice),
      nameOf(number) || '-',
      yesNo(number.blocked),
    ])
    say(io, ...table(['NUMBER', 'COUNTRY', 'VOICE', 'ATTACHED TO', 'BLOCKED'], rows))
  }
  return EXIT.ok
}

function isFree({ voice, blocked, trial, applicationId, trunkId }: AccountNumber): boolean {
  return voice && !blocked && !trial && !applicationId && !trunkId
}

function yesNo(value: boolean): string {
  return value ? 'yes' : 'no'
}

/** Rows as lines, with columns as wide as their longest cell. */
function table(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [header, ...rows]
  const widths = header.map((_, column) => Math.max(...all.map((row) => String(row[column]).length)))
  return all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(Number(widths[column])))
      .join('  ')
      .trimEnd(),
  )
}
