import { answerUrl, maskingNumbersOf, openAccount, wantedApplication } from '../checkup/settings.js'
import { readConfig } from '../config/validation.js'
import { EXIT, type ExitCode, type Io, say, sayJson, UsageError, waitFor } from './io.js'
import { planSetup } from './setup-plan.js'

export interface SetupOptions {
  readonly dryRun?: boolean
  readonly takeOver?: boolean
  readonly fallbackUrl?: string
  readonly json?: boolean
}

/** Makes the Vobiz account what the configuration wants: the application, and every masking number attached to it. */
export async function setup(
  io: Io,
  { dryRun, takeOver, fallbackUrl, json }: SetupOptions,
): Promise<ExitCode> {
  if (fallbackUrl !== undefined && !URL.canParse(fallbackUrl)) {
    throw new UsageError('--fallback-url is not a URL: write it whole, with https://')
  }
  const config = readConfig(io.environment)
  const account = openAccount(io)
  const wanted = wantedApplication(config, fallbackUrl)
  if (!answerUrl(config).startsWith('https:')) {
    throw new UsageError(
      'PUBLIC_BASE_URL is not https, so Vobiz cannot reach it: set it to the address of a tunnel or load balancer',
    )
  }
  const [applications, numbers] = await waitFor(
    io,
    'reading the account',
    Promise.all([account.listApplications(), account.listNumbers()]),
  )
  const plan = planSetup({
    wanted,
    masking: maskingNumbersOf(config),
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
  if (!json) say(io, 'Everything is set up. Run `npx callmask doctor` to check every link.')
  return EXIT.ok
}

function indent(line: string): string {
  return `  ${line}`
}
