import { openAccount } from '../checkup/settings.js'
import { readConfig } from '../config/validation.js'
import { EXIT, type ExitCode, type Io, say, sayJson, waitFor } from './io.js'

export interface TeardownOptions {
  readonly yes?: boolean
  readonly json?: boolean
}

/** Detaches every number from our application and deletes it. The numbers stay rented. */
export async function teardown(io: Io, { yes, json }: TeardownOptions): Promise<ExitCode> {
  const config = readConfig(io.environment)
  const account = openAccount(io)
  const [applications, numbers] = await waitFor(
    io,
    'reading the account',
    Promise.all([account.listApplications(), account.listNumbers()]),
  )
  const application = applications.find(({ app_name }) => app_name === config.VOBIZ_APP_NAME)
  if (!application) {
    if (json) sayJson(io, { done: [] })
    else say(io, `There is no application ${config.VOBIZ_APP_NAME}.`)
    return EXIT.ok
  }
  const attached = numbers.filter(({ applicationId }) => applicationId === application.app_id)
  const question = `Detach ${attached.length} numbers and delete the application ${application.app_name}?`
  if (!yes && !(await io.confirm(question))) {
    if (json) sayJson(io, { done: [] })
    else say(io, 'Nothing was changed.')
    return EXIT.failed
  }

  const done: string[] = []
  try {
    for (const { e164 } of attached) {
      await waitFor(io, `detaching ${e164}`, account.detach(e164))
      done.push(`detach ${e164}`)
    }
    await waitFor(io, 'deleting the application', account.deleteApplication(application.app_id))
    done.push(`delete the application ${application.app_name}`)
  } catch (error) {
    if (json) sayJson(io, { done })
    io.stderr.write(`stopped after: ${done.join(', ') || 'nothing'}; run it again to complete it\n`)
    throw error
  }
  if (json) sayJson(io, { done })
  else say(io, ...done.map((step) => `done: ${step}`))
  return EXIT.ok
}
