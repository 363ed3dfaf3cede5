import type { AccountNumber, Application, ApplicationSettings, VobizAccount } from '../vobiz/account.js'
import { unfitness } from '../vobiz/fitness.js'

/** One change of the account: its description, and how to make it. */
export interface Step {
  readonly text: string
  /** @param appId the application, once it is known */
  run(account: VobizAccount, appId: string): Promise<string>
}

export interface SetupPlan {
  /** What stands in the way. With any of these nothing is changed. */
  readonly problems: readonly string[]
  readonly steps: readonly Step[]
  /** The application, where it is there already. */
  readonly appId: string
}

/** The wanted state of the account, and its current one. */
export interface SetupState {
  readonly wanted: ApplicationSettings
  readonly masking: readonly string[]
  readonly applications: readonly Application[]
  readonly numbers: readonly AccountNumber[]
  readonly takeOver: boolean
}

/** The steps from the current state to the wanted one, or what stands in the way. */
export function planSetup({ wanted, masking, applications, numbers, takeOver }: SetupState): SetupPlan {
  const ours = applications.find(({ app_name }) => app_name === wanted.app_name)
  const { problems, steps } = planAttachments({ masking, numbers, ourAppId: ours?.app_id, takeOver })
  return { problems, steps: [...applicationSteps(wanted, ours), ...steps], appId: ours?.app_id ?? '' }
}

export interface AttachmentState extends Pick<SetupState, 'masking' | 'numbers' | 'takeOver'> {
  /** Undefined where there is no application yet. */
  readonly ourAppId: string | undefined
}

/** The steps that attach what is not attached and can be, and what stands in the way of the others. */
export function planAttachments({
  masking,
  numbers,
  ourAppId,
  takeOver,
}: AttachmentState): Pick<SetupPlan, 'problems' | 'steps'> {
  const found = masking.map((e164) => {
    const number = numbers.find((number) => number.e164 === e164)
    return { e164, number, problems: obstacles({ e164, number, takeOver, ourAppId }) }
  })
  const steps = found
    .filter(
      ({ number, problems }) => problems.length === 0 && (!ourAppId || number?.applicationId !== ourAppId),
    )
    .map(({ e164 }) => attachment(e164))
  return { problems: found.flatMap(({ problems }) => problems), steps }
}

interface Candidate {
  readonly e164: string
  readonly number: AccountNumber | undefined
  readonly ourAppId: string | undefined
  readonly takeOver: boolean
}

/** Why a number cannot simply be attached. */
function obstacles({ e164, number, ourAppId, takeOver }: Candidate): string[] {
  const unfit = unfitness(number)
  if (unfit) return [`${e164} ${unfit.seen}: ${unfit.remedy}`]
  const applicationId = number?.applicationId
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
