import type { Config } from '../config/schema.js'
import { ConfigError, readConfig } from '../config/validation.js'
import type { VobizAccount } from '../vobiz/account.js'
import { examineAccount } from './doctor-account.js'
import { examineCalls } from './doctor-calls.js'
import { examineService } from './doctor-service.js'
import { examineStore } from './doctor-store.js'
import { type Finding, messageOf } from './finding.js'
import { EXIT, type ExitCode, type Io, paint, say, sayJson, waitFor } from './io.js'
import { answerUrl, openAccount, openCallsApi } from './settings.js'

/** Checks every link and says of each what was seen and what to do. */
export async function doctor(io: Io, { json }: { readonly json?: boolean }): Promise<ExitCode> {
  const findings = await waitFor(io, 'examining', examine(io))
  if (json) sayJson(io, findings)
  else for (const finding of findings) say(io, ...findingLines(io, finding))
  return findings.every(({ ok }) => ok) ? EXIT.ok : EXIT.failed
}

/** A finding as a person reads it. */
export function findingLines(io: Io, { check, ok, seen, remedy }: Finding): string[] {
  const mark = ok ? paint(io, 'green', '✓') : paint(io, 'red', '✗')
  return [`${mark} ${check}: ${seen}`, ...(remedy ? [`    ${remedy}`] : [])]
}

async function examine(io: Io): Promise<Finding[]> {
  let config: Config
  let account: VobizAccount
  try {
    config = readConfig(io.environment)
    answerUrl(config)
    account = openAccount(io)
  } catch (error) {
    const remedy =
      error instanceof ConfigError
        ? 'correct the settings named here'
        : 'set it in the environment or in .env'
    return [{ check: 'configuration', ok: false, seen: messageOf(error), remedy }]
  }
  return [
    { check: 'configuration', ok: true, seen: 'complete' },
    ...(await examineAccount(io, config, account)),
    ...(await examineCalls(io, config, openCallsApi(io))),
    ...(await examineStore(io, config)),
    ...(await examineService(io, config)),
  ]
}
