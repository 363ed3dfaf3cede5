import { ConfigError } from '../config/environment.js'
import type { Config } from '../config/schema.js'
import { staticPair } from '../config/static-pair.js'
import { webhookChecks } from '../config/webhook-checks.js'
import type { Participant } from '../masking/session.js'
import type { AccountNumber, Application, VobizAccount } from '../vobiz/account.js'
import { onTheWire, type PlayedReply, type PlayedWebhook, playWebhook, readDocument } from './carrier.js'
import { EXIT, type ExitCode, type Io, paint, say, sayJson, waitFor } from './io.js'
import { answerUrl, e164, loadConfig, maskingNumbers, openAccount, wantedApplication } from './settings.js'

/** One link of the chain from the phone to the reply. */
export interface Finding {
  readonly check: string
  readonly ok: boolean
  /** What was seen. */
  readonly seen: string
  /** What to do, when it is not well. */
  readonly remedy?: string
}

/** Checks every link and says of each what was seen and what to do. */
export async function doctor(io: Io, { json }: { readonly json?: boolean }): Promise<ExitCode> {
  const findings = await waitFor(io, 'examining', examine(io))
  if (json) sayJson(io, findings)
  else for (const finding of findings) say(io, ...lines(io, finding))
  return findings.every(({ ok }) => ok) ? EXIT.ok : EXIT.failed
}

function lines(io: Io, { check, ok, seen, remedy }: Finding): string[] {
  const mark = ok ? paint(io, 'green', '✓') : paint(io, 'red', '✗')
  return [`${mark} ${check}: ${seen}`, ...(remedy ? [`    ${remedy}`] : [])]
}

async function examine(io: Io): Promise<Finding[]> {
  let config: Config
  let account: VobizAccount
  try {
    config = loadConfig(io.environment)
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
    ...(await examineService(io, config)),
  ]
}

async function examineAccount(io: Io, config: Config, account: VobizAccount): Promise<Finding[]> {
  let applications: Application[]
  let numbers: AccountNumber[]
  try {
    ;[applications, numbers] = await Promise.all([account.listApplications(), account.listNumbers()])
  } catch (error) {
    return [
      {
        check: 'credentials',
        ok: false,
        seen: messageOf(error),
        remedy: 'nothing of the account could be examined',
      },
    ]
  }
  const application = applications.find(({ app_name }) => app_name === config.VOBIZ_APP_NAME)
  return [
    { check: 'credentials', ok: true, seen: 'accepted' },
    examineApplication(config, application),
    ...maskingNumbers(config).map((masking) =>
      examineNumber(
        masking,
        numbers.find((number) => number.e164 === masking),
        application?.app_id,
      ),
    ),
    await examineConcurrency(account),
    await examineClock(io, account),
  ]
}

function examineApplication(config: Config, application: Application | undefined): Finding {
  const check = 'application'
  const remedy = 'run callmask setup'
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
  if (!number) return bad('is not in the account', 'rent it, or correct the setting')
  if (number.trial) return bad('is a trial number', 'trial numbers get no incoming calls: rent a number')
  if (number.blocked) return bad('is blocked', 'ask Vobiz why')
  if (!number.voice) return bad('takes no voice calls', 'rent a number with voice')
  if (number.trunkId)
    return bad('is on a SIP trunk, which takes its calls', 'remove it from the trunk in the console')
  if (!number.applicationId) return bad('is attached to no application', 'run callmask setup')
  if (number.applicationId !== appId)
    return bad('is attached to another application', 'run callmask setup --take-over')
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

async function examineClock({ now }: Io, account: VobizAccount): Promise<Finding> {
  const check = 'clock'
  const theirs = await account.clock().catch(() => undefined)
  if (!theirs) return { check, ok: true, seen: 'the API does not tell its time' }
  const skew = Math.round(Math.abs(now() - theirs.getTime()) / 1_000)
  if (skew <= MAX_SKEW) return { check, ok: true, seen: `at most ${MAX_SKEW} s off` }
  return { check, ok: false, seen: `${skew} s off`, remedy: 'let this machine keep its time by NTP' }
}

async function examineService(io: Io, config: Config): Promise<Finding[]> {
  const reachable = await examineReachability(io, config)
  if (!reachable.ok) return [reachable]
  return [reachable, ...(await examineAnswers(io, config))]
}

async function examineReachability({ fetch }: Io, config: Config): Promise<Finding> {
  const check = 'public address'
  const { signedBase } = webhookChecks(config)
  const bad = (seen: string, remedy: string): Finding => ({ check, ok: false, seen, remedy })
  if (!signedBase.startsWith('https:'))
    return bad('is not https', 'Vobiz cannot reach it: use a tunnel or a public address')
  const reply = await fetch(`${signedBase}/health`, { redirect: 'manual' }).catch((error: unknown) =>
    messageOf(error),
  )
  if (typeof reply === 'string')
    return bad(`no answer (${reply})`, 'check the tunnel or load balancer, and its certificate')
  const body = await reply.text()
  if (!body.includes('"strategy":"two-way-client-hosted"')) {
    return bad('something else answers there', 'let PUBLIC_BASE_URL lead to this service')
  }
  return { check, ok: true, seen: 'reached over https, answered by callmask' }
}

/** Milliseconds within which the carrier wants an answer at best. */
const MAX_ANSWER_MS = 1_000
/** A number that can be nobody's: the fictitious range of the North American plan. */
const STRANGER = '12025550123'

async function examineAnswers(io: Io, config: Config): Promise<Finding[]> {
  const checks = webhookChecks(config)
  const url = answerUrl(config)
  const [fe] = staticPair(config).participants
  const [token] = checks.tokens.own
  const to = onTheWire.dialled(fe.maskingNumber)
  const play = (from: string, signing: Partial<PlayedWebhook>) =>
    playWebhook(io, { url, event: 'StartApp', from, to, ...signing }).catch(() => undefined)
  const signing = { token, signedUrl: url }
  const caller = onTheWire.caller(fe.number)

  const call = await play(caller, signing)
  const stranger = await play(STRANGER, signing)
  const unsigned = await play(caller, {})
  return [examineCall(config, fe, call), examineRefusal(stranger), examineUnsigned(checks.auth, unsigned)]
}

function examineCall(config: Config, fe: Participant, reply: PlayedReply | undefined): Finding {
  const check = 'test call'
  const bad = (seen: string, remedy: string): Finding => ({ check, ok: false, seen, remedy })
  if (!reply) return bad('no answer in time', 'look at the log of the service')
  if (reply.status === 403)
    return bad(
      'refused (403)',
      'the service has other VOBIZ_AUTH_TOKEN, PUBLIC_BASE_URL or WEBHOOK_ALLOWED_IPS than you here',
    )
  const read = readDocument(reply)
  if (reply.status !== 200 || !read)
    return bad(`no document (status ${reply.status})`, 'a proxy answers in place of callmask')
  if (!maskingNumbers(config).includes(`+${read.callerId?.replace('+', '')}`)) {
    return bad(
      'it shows no masking number of this configuration',
      'the service runs with other numbers than you have here',
    )
  }
  if (reply.ms >= MAX_ANSWER_MS)
    return bad(`answered after ${reply.ms} ms`, 'run the service nearer, without a tunnel')
  return { check, ok: true, seen: `${e164(fe.maskingNumber)} bridges, answered in ${reply.ms} ms` }
}

function examineRefusal(reply: PlayedReply | undefined): Finding {
  const check = "a stranger's call"
  const read = reply && readDocument(reply)
  if (read && read.destination === undefined) return { check, ok: true, seen: 'refused' }
  return {
    check,
    ok: false,
    seen: 'not refused with a document',
    remedy: 'take the service down and look at what answers',
  }
}

function examineUnsigned(auth: 'required' | 'optional', reply: PlayedReply | undefined): Finding {
  const check = 'an unsigned call'
  if (!reply) return { check, ok: false, seen: 'no answer in time', remedy: 'look at the log of the service' }
  if (reply.status === 403) return { check, ok: true, seen: 'refused' }
  if (auth === 'optional') return { check, ok: true, seen: 'let in, as WEBHOOK_AUTH=optional says' }
  return { check, ok: false, seen: 'let in', remedy: 'start the service with WEBHOOK_AUTH=required' }
}

/** What went wrong; for a connection its code, such as `CERT_HAS_EXPIRED`, which the message hides. */
function messageOf(error: unknown): string {
  const { message, cause } = error as { message: string; cause?: { code?: string } }
  return cause?.code ?? message
}
