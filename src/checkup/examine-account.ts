import type { Config } from '../config/schema.js'
import type { AccountNumber, Application, VobizAccount } from '../vobiz/account.js'
import { unfitness } from '../vobiz/fitness.js'
import { type Finding, failureOf } from './finding.js'
import { maskingNumbersOf, wantedApplication } from './settings.js'
import type { World } from './world.js'

/** Whether the account sends the calls to our numbers to us. */
export async function examineAccount(
  world: World,
  config: Config,
  account: VobizAccount,
): Promise<Finding[]> {
  let applications: Application[]
  let numbers: AccountNumber[]
  try {
    ;[applications, numbers] = await Promise.all([account.listApplications(), account.listNumbers()])
  } catch (error) {
    return [
      {
        check: 'credentials',
        ok: false,
        seen: failureOf(error),
        remedy: 'nothing of the account could be examined',
      },
    ]
  }
  const application = applications.find(({ app_name }) => app_name === config.VOBIZ_APP_NAME)
  return [
    { check: 'credentials', ok: true, seen: 'accepted' },
    examineApplication(config, application),
    ...maskingNumbersOf(config).map((masking) =>
      examineNumber(
        masking,
        numbers.find((number) => number.e164 === masking),
        application?.app_id,
      ),
    ),
    await examineConcurrency(account),
    await examineClock(world, account),
  ]
}

function examineApplication(config: Config, application: Application | undefined): Finding {
  const check = 'application'
  const remedy = 'run `npx callmask setup`'
  if (!application)
    return { check, ok: false, seen: `there is none with the name ${config.VOBIZ_APP_NAME}`, remedy }
  const { answer_url, answer_method } = wantedApplication(config, undefined)
  if (application.answer_method !== answer_method) {
    return { check, ok: false, seen: `its method is ${application.answer_method}`, remedy }
  }
  if (application.answer_url !== answer_url) {
    return { check, ok: false, seen: 'its Answer URL is not this configuration’s', remedy }
  }
  return { check, ok: true, seen: `${application.app_name} asks the Answer URL with POST` }
}

function examineNumber(
  masking: string,
  number: AccountNumber | undefined,
  appId: string | undefined,
): Finding {
  const check = `number ${masking}`
  const bad = (seen: string, remedy: string): Finding => ({ check, ok: false, seen, remedy })
  const unfit = unfitness(number)
  if (unfit) return bad(unfit.seen, unfit.remedy)
  if (!number?.applicationId) return bad('is attached to no application', 'run `npx callmask setup`')
  if (number.applicationId !== appId)
    return bad('is attached to another application', 'run `npx callmask setup --take-over`')
  return { check, ok: true, seen: 'rented, takes calls, attached' }
}

async function examineConcurrency(account: VobizAccount): Promise<Finding> {
  const check = 'concurrent calls'
  const calls = await account.concurrency().catch(() => undefined)
  if (!calls) return { check, ok: true, seen: 'the API does not tell' }
  const seen = `${calls.now} of ${calls.max}`
  if (calls.now < calls.max) return { check, ok: true, seen }
  return { check, ok: false, seen, remedy: 'further calls end with code 5030: ask Vobiz for a higher limit' }
}

/** Seconds by which clocks may differ. */
const MAX_SKEW = 30

async function examineClock({ now }: World, account: VobizAccount): Promise<Finding> {
  const check = 'clock'
  const theirs = await account.clock().catch(() => undefined)
  if (!theirs) return { check, ok: true, seen: 'the API does not tell its time' }
  const skew = Math.round(Math.abs(now() - theirs.getTime()) / 1_000)
  if (skew <= MAX_SKEW) return { check, ok: true, seen: `at most ${MAX_SKEW} s off` }
  return { check, ok: false, seen: `${skew} s off`, remedy: 'let this machine keep its time by NTP' }
}
