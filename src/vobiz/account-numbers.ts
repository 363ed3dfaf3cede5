import type { AccountNumber, Application, VobizAccount } from './account.js'
import { isUsable } from './fitness.js'

/** The numbers of an account, as far as masking is concerned. */
export interface AccountNumbers {
  readonly applications: readonly Application[]
  /** Our application, where it is there. */
  readonly ours: Application | undefined
  readonly all: readonly AccountNumber[]
  /** Those that are free, or attached to our application, and take calls. */
  readonly usable: readonly AccountNumber[]
}

/**
 * Reads the numbers of an account. Rejects with a `VobizApiError`.
 *
 * @param ourName the name of our application
 */
export async function readAccountNumbers(
  account: Pick<VobizAccount, 'listApplications' | 'listNumbers'>,
  ourName: string,
): Promise<AccountNumbers> {
  const [applications, all] = await Promise.all([account.listApplications(), account.listNumbers()])
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
