import { readMaskingNumbers } from '../config/masking-numbers.js'
import type { Config } from '../config/schema.js'
import { STRATEGIES } from '../config/strategy.js'
import { webhookChecks } from '../config/webhook-checks.js'
import type { Participant } from '../masking/pair.js'
import { e164, type PhoneNumber } from '../masking/phone-number.js'
import {
  CARRIER_PATIENCE_MS,
  onTheWire,
  type PlayedReply,
  type PlayedWebhook,
  playWebhook,
  type ReadDocument,
  readDocument,
  WHY_FORBIDDEN,
} from './carrier.js'
import { examineApi } from './examine-api.js'
import { type Finding, failureOf } from './finding.js'
import { answerUrl, maskingNumbersOf } from './settings.js'
import type { World } from './world.js'

/** Whether the service can be reached and answers as it should, seen from outside. */
export async function examineService(world: World, config: Config): Promise<Finding[]> {
  const reachable = await examineReachability(world, config)
  if (!reachable.ok) return [reachable]
  return [reachable, ...(await examineAnswers(world, config)), ...(await examineApi(world, config))]
}

async function examineReachability({ fetch }: World, config: Config): Promise<Finding> {
  const check = 'public address'
  const { signedBase } = webhookChecks(config)
  const bad = (seen: string, remedy: string): Finding => ({ check, ok: false, seen, remedy })
  if (!signedBase.startsWith('https:'))
    return bad('is not https', 'Vobiz cannot reach it: use a tunnel or a public address')
  const reply = await fetch(`${signedBase}/health`, {
    redirect: 'manual',
    signal: AbortSignal.timeout(CARRIER_PATIENCE_MS),
  }).catch((error: unknown) => failureOf(error))
  if (typeof reply === 'string') return bad(`no answer (${reply})`, remedyForNoAnswer(reply))
  const version = callmaskVersion(await reply.text())
  if (version) return { check, ok: true, seen: `reached over https, answered by callmask ${version}` }
  if (reply.status >= 500) {
    return bad(
      `something on the way answers with ${reply.status}`,
      'start callmask (`npx callmask serve`), and check where the tunnel or load balancer leads',
    )
  }
  return bad(
    `something else answers there (status ${reply.status})`,
    'let PUBLIC_BASE_URL lead to this service',
  )
}

/** @param code what the connection failed with */
function remedyForNoAnswer(code: string): string {
  if (code === 'ECONNREFUSED') return 'nothing listens there: start the tunnel or load balancer, and callmask'
  if (code === 'ENOTFOUND') return 'there is no such host: correct PUBLIC_BASE_URL'
  return 'check the tunnel or load balancer, and its certificate'
}

/** The version in what `/health` says; undefined where it is not callmask that answers. */
function callmaskVersion(health: string): string | undefined {
  const { strategy, version } = parsed(health)
  return STRATEGIES.some((known) => known === strategy) ? String(version) : undefined
}

function parsed(text: string): { readonly strategy?: unknown; readonly version?: unknown } {
  try {
    return JSON.parse(text) ?? {}
  } catch {
    return {}
  }
}

/** Milliseconds within which the carrier wants an answer at best. */
const MAX_ANSWER_MS = 1_000
/** A number that belongs to nobody: from the fictitious range of the North American plan. */
const STRANGER = '12025550123'

async function examineAnswers(world: World, config: Config): Promise<Finding[]> {
  const { auth, tokens } = webhookChecks(config)
  const url = answerUrl(config)
  const signature = { token: tokens.own[0], signedUrl: url }
  const play = (from: string, dialled: PhoneNumber, signed: Partial<PlayedWebhook>) =>
    playWebhook(world, {
      url,
      fields: { Event: 'StartApp', From: from, To: onTheWire.dialled(dialled) },
      ...signed,
    }).catch(() => undefined)

  const { pair, all } = readMaskingNumbers(config)
  const [first] = all as [PhoneNumber, ...PhoneNumber[]]
  return [
    ...(await examinePair()),
    examineRefusal(await play(STRANGER, first, signature)),
    examineUnsigned(auth, await play(STRANGER, first, {})),
  ]

  /** Only the static pair has a caller of whom we know that they are connected. */
  async function examinePair(): Promise<Finding[]> {
    const [fe] = pair?.participants ?? []
    if (!fe) return []
    return [examineCall(config, fe, await play(onTheWire.caller(fe.number), fe.maskingNumber, signature))]
  }
}

type Examined =
  | { readonly trouble: Pick<Finding, 'seen' | 'remedy'>; readonly read?: never; readonly ms?: never }
  | { readonly trouble?: never; readonly read: ReadDocument; readonly ms: number }

/** What a reply says, or why it says nothing. */
function examineReply(reply: PlayedReply | undefined): Examined {
  const bad = (seen: string, remedy: string): Examined => ({ trouble: { seen, remedy } })
  if (!reply) return bad('no answer in time', 'look at the log of the service')
  if (reply.status === 403) return bad('refused (403)', WHY_FORBIDDEN)
  const read = readDocument(reply)
  if (reply.status === 200 && read) return { read, ms: reply.ms }
  return bad(`no document (status ${reply.status})`, 'a proxy answers in place of callmask')
}

function examineCall(config: Config, fe: Participant, reply: PlayedReply | undefined): Finding {
  const check = 'test call'
  const bad = (seen: string, remedy: string): Finding => ({ check, ok: false, seen, remedy })
  const { trouble, read, ms } = examineReply(reply)
  if (trouble) return { check, ok: false, ...trouble }
  if (!maskingNumbersOf(config).includes(`+${read.callerId?.replace('+', '')}`)) {
    return bad(
      'it shows no masking number of this configuration',
      'the service runs with other numbers than you have here',
    )
  }
  if (ms >= MAX_ANSWER_MS) return bad(`answered after ${ms} ms`, 'run the service nearer, without a tunnel')
  return { check, ok: true, seen: `${e164(fe.maskingNumber)} bridges, answered in ${ms} ms` }
}

function examineRefusal(reply: PlayedReply | undefined): Finding {
  const check = "a stranger's call"
  const { trouble, read } = examineReply(reply)
  if (trouble) return { check, ok: false, ...trouble }
  if (read.destination === undefined) return { check, ok: true, seen: 'refused' }
  return {
    check,
    ok: false,
    seen: 'connected to somebody',
    remedy: 'take the service down and look at what answers',
  }
}

function examineUnsigned(auth: 'required' | 'optional', reply: PlayedReply | undefined): Finding {
  const check = 'an unsigned call'
  if (reply?.status === 403) return { check, ok: true, seen: 'refused' }
  const { trouble } = examineReply(reply)
  if (trouble) return { check, ok: false, ...trouble }
  if (auth === 'optional') return { check, ok: true, seen: 'let in, as WEBHOOK_AUTH=optional says' }
  return { check, ok: false, seen: 'let in', remedy: 'start the service with WEBHOOK_AUTH=required' }
}
