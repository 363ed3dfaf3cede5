import type { AccountNumber } from './account.js'

/** Why a number cannot take masked calls, and what to do. */
export interface Unfitness {
  readonly seen: string
  readonly remedy: string
}

/** Why calls to a number would not come to us even if it were attached; undefined when they would. */
export function unfitness(number: AccountNumber | undefined): Unfitness | undefined {
  if (!number) return { seen: 'is not in the account', remedy: 'rent it, or correct the setting' }
  if (number.trial) {
    return { seen: 'is a trial number, which gets no incoming calls', remedy: 'rent a number' }
  }
  if (number.blocked) return { seen: 'is blocked', remedy: 'ask Vobiz why' }
  if (!number.voice) return { seen: 'takes no voice calls', remedy: 'rent a number with voice' }
  if (number.trunkId) {
    return {
      seen: 'is on a SIP trunk, which takes its calls',
      remedy: 'remove it from the trunk in the console',
    }
  }
  return undefined
}

/** Whether a number can be a masking number of ours: fit, and attached to our application or to none. */
export function isUsable(number: AccountNumber, ourAppId: string | undefined): boolean {
  const { applicationId } = number
  return unfitness(number) === undefined && (applicationId === undefined || applicationId === ourAppId)
}
