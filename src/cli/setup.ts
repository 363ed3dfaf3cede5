import type { AccountNumber, Application, ApplicationSettings, VobizAccount } from '../vobiz/account.js'
import { EXIT, type ExitCode, type Io, say, sayJson, waitFor } from './io.js'
import { loadConfig, maskingNumbers, openAccount, wantedApplication } from './settings.js'

export interface SetupOptions {
  readonly dryRun?: boolean
  readonly takeOver?: boolean
  readonly fallbackUrl?: string
  readonly json?: boolean
}

/** One change of the account, in words and as the deed. */
interface Step {
  readonly text: string
  /** @param appId the application, once it is known */
  run(account: VobizAccount, appId: string): Promise<string>
}

interface Plan {
  /** What stands in the way. With any of these nothing is changed. */
  readonly problems: readonly string[]
  readonly steps: readonly Step[]
  /** The application, where it is there already. */
  readonly appId: string
}

/** Makes the Vobiz account what the configuration wants: the application, and every masking number attached to it. */
export async function setup(
  io: Io,
  { dryRun, takeOver, fallbackUrl, json }: SetupOptions,
): Promise<ExitCode> {
  const config = loadConfig(io.environment)
  const account = openAccount(io)
  const wanted = wantedApplication(config, fallbackUrl)
  const [applications, numbers] = await waitFor(
    io,
    'reading the account',
    Promise.all([account.listApplications(), account.listNumbers()]),
  )
  const plan = planSetup({
    wanted,
    masking: maskingNumbers(config),
    applications,
    numbers,
    takeOver: takeOver === true,
  })
  const planned = plan.steps.map(({ text }) => text)
  const report = (done: readonly string[]) => {
    if (json) sayJson(io, { problems: plan.problems, planned, done })
  }

  if (plan.problems.length > 0) {
    report([])
    if (!json) say(io, 'Nothing was changed:', ...plan.problems.map((problem) => `  ${problem}`))
    return EXIT.failed
  }
  if (dryRun) {
    report([])
    if (!json)
      say(io, ...(planned.length === 0 ? ['Everything is set up.'] : ['To do:', ...planned.map(indent)]))
    return EXIT.ok
  }

  const done: string[] = []
  try {
    let { appId } = plan
    for (const step of plan.steps) {
      appId = await waitFor(io, step.text, step.run(account, appId))
      done.push(step.text)
      if (!json) say(io, `done: ${step.text}`)
    }
  } catch (error) {
    report(done)
    io.stderr.write(`stopped after ${done.length} of ${planned.length} steps; run it again to complete it\n`)
    throw error
  }
  report(done)
  if (!json) say(io, `Everything is set up: calls are answered by ${wanted.answer_url}`)
  return EXIT.ok
}

function indent(line: string): string {
  return `  ${line}`
}

interface SetupState {
  readonly wanted: ApplicationSettings
  readonly masking: readonly string[]
  readonly applications: readonly Application[]
  readonly numbers: readonly AccountNumber[]
  readonly takeOver: boolean
}

function planSetup({ wanted, masking, applications, numbers, takeOver }: SetupState): Plan {
  const ours = applications.find(({ app_name }) => app_name === wanted.app_name)
  const found = masking.map((e164) => ({ e164, number: numbers.find((number) => number.e164 === e164) }))
  const problems = found.flatMap(({ e164, number }) =>
    obstacles({ e164, number, takeOver, ourAppId: ours?.app_id }),
  )
  const attachments = found
    .filter(({ number }) => !ours || number?.applicationId !== ours.app_id)
    .map(({ e164 }) => attachment(e164))
  return { problems, steps: [...applicationSteps(wanted, ours), ...attachments], appId: ours?.app_id ?? '' }
}

interface Candidate {
  readonly e164: string
  readonly number: AccountNumber | undefined
  readonly ourAppId: string | undefined
  readonly takeOver: boolean
}

/** Why a number cannot simply be attached. */
function obstacles({ e164, number, ourAppId, takeOver }: Candidate): string[] {
  if (!number) return [`${e164} is not in the account: rent it, or correct the setting`]
  const { applicationId, trunkId, blocked } = number
  if (blocked) return [`${e164} is blocked: ask Vobiz why`]
  if (trunkId)
    return [`${e164} is on a SIP trunk, which takes its calls: remove it from the trunk in the console`]
  if (applicationId && applicationId !== ourAppId && !takeOver) {
    return [`${e164} belongs to another application (${applicationId}): --take-over moves it here`]
  }
  return []
}

function applicationSteps(wanted: ApplicationSettings, ours: Application | undefined): Step[] {
  const { app_name: name } = wanted
  if (!ours) {
    return [{ text: `create the application ${name}`, run: (account) => account.createApplication(wanted) }]
  }
  const current: Readonly<Record<string, unknown>> = { ...ours }
  const differing = Object.entries(wanted).filter(([field, value]) => current[field] !== value)
  if (differing.length === 0) return []
  return [
    {
      text: `update the application ${name}: ${differing.map(([field]) => field).join(', ')}`,
      async run(account, appId) {
        await account.updateApplication(appId, Object.fromEntries(differing))
        return appId
      },
    },
  ]
}

function attachment(e164: string): Step {
  return {
    text: `attach ${e164}`,
    async run(account, appId) {
      await account.attach(e164, appId)
      return appId
    },
  }
}
