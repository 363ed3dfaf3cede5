import type { Config } from '../config/schema.js'
import { ConfigError, readConfig } from '../config/validation.js'
import type { VobizAccount } from '../vobiz/account.js'
import { examineAccount } from './examine-account.js'
import { examineCalls } from './examine-calls.js'
import { examineService } from './examine-service.js'
import { examineStore } from './examine-store.js'
import { type Finding, messageOf } from './finding.js'
import { answerUrl, openAccount, openCallsApi } from './settings.js'
import type { World } from './world.js'

/** One part of a check-up. */
export interface Examination {
  /** What it is about, for when it does not come to an end. */
  readonly about: string
  readonly examine: () => Promise<Finding[]>
}

/** What the settings alone tell, and what else is to be examined: nothing where they are wrong. */
export interface Checkup {
  readonly settings: Finding
  readonly examinations: readonly Examination[]
}

/** Every link between a phone and the reply, in the order in which they are told. */
export function beginCheckup(world: World): Checkup {
  let config: Config
  let account: VobizAccount
  try {
    config = readConfig(world.environment)
    answerUrl(config)
    account = openAccount(world)
  } catch (error) {
    const remedy =
      error instanceof ConfigError
        ? 'correct the settings named here'
        : 'set it in the environment or in .env'
    return {
      settings: { check: 'configuration', ok: false, seen: messageOf(error), remedy },
      examinations: [],
    }
  }
  return {
    settings: { check: 'configuration', ok: true, seen: 'complete' },
    examinations: [
      { about: 'account', examine: () => examineAccount(world, config, account) },
      { about: 'recent calls', examine: () => examineCalls(world, config, openCallsApi(world)) },
      { about: 'store', examine: () => examineStore(world, config) },
      { about: 'service', examine: () => examineService(world, config) },
    ],
  }
}
