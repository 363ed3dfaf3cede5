import { openAccount } from '../checkup/settings.js'
import { ConfigSchema } from '../config/schema.js'
import type { AccountNumber, Application } from '../vobiz/account.js'
import { isUsable } from '../vobiz/fitness.js'
import { type Io, waitFor } from './io.js'

/** The numbers of an account, as far as masking is concerned. */
export interface AccountNumbers {
  readonly applications: readonly Application[]
  /** Our application, where it is there. */
  readonly ours: Application | undefined
  readonly all: readonly AccountNumber[]
  /** Those that are free, or attached to our application, and take calls. */
  readonly usable: readonly AccountNumber[]
}

/** Reads the numbers of the account of the environment. */
export async function readNumbers(io: Io): Promise<AccountNumbers> {
  const account = openAccount(io)
  const [applications, all] = await waitFor(
    io,
    'reading the account',
    Promise.all([account.listApplications(), account.listNumbers()]),
  )
  const ourName = io.environment.VOBIZ_APP_NAME || ConfigSchema.properties.VOBIZ_APP_NAME.default
  const ours = applications.find(({ app_name }) => app_name === ourName)
  return { applications, ours, all, usable: all.filter((number) => isUsable(number, ours?.app_id)) }
}

/** To what a number is attached, for people; empty: to nothing. */
export function attachmentOf(
  { applicationId, trunkId }: AccountNumber,
  { applications }: Pick<AccountNumbers, 'applications'>,
): string {
  if (trunkId) return 'a SIP trunk'
  return applications.find(({ app_id }) => app_id === applicationId)?.app_name ?? applicationId ?? ''
}
