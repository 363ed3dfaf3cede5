import { maskingNumbers, staticPair } from '../config/masking-numbers.js'
import type { Config } from '../config/schema.js'
import { webhookChecks } from '../config/webhook-checks.js'
import type { Participant } from '../masking/pair.js'
import { e164, type PhoneNumber } from '../masking/phone-number.js'
import {
  CARRIER_PATIENCE_MS,
  onTheWire,
  type PlayedReply,
  type PlayedWebhook,
  playWebhook,
  readDocument,
} from './carrier.js'
import { examineApi } from './doctor-api.js'
import { type Finding, messageOf } from './finding.js'
import type { Io } from './io.js'
import { answerUrl, maskingNumbersOf } from './settings.js'

/** Whether the service can be reached and answers as it should, seen from outside. */
export async function examineService(io: Io, config: Config): Promise<Finding[]> {
  const reachable = await examineReachability(io, config)
  if (!reachable.ok) return [reachable]
  return [reachable, ...(await examineAnswers(io, config)), await examineApi(io, config)]
}

async function examineReachability({ fetch }: Io, config: Config): Promise<Finding> {
  const check = 'public address'
  const { signedBase } = webhookChecks(config)
  const bad = (seen: string, remedy: string): Finding => ({ check, ok: false, seen, remedy })
  if (!signedBase.startsWith('https:'))
    return bad('is not https', 'Vobiz cannot reach it: use a tunnel or a public address')
  const reply = await fetch(`${signedBase}/health`, {
    redirect: 'manual',
    signal: AbortSignal.timeout(CARRIER_PATIENCE_MS),
  }).catch((error: unknown) => messageOf(error))
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
  const { auth, tokens } = webhookChecks(config)
  const url = answerUrl(config)
  const signature = { token: tokens.own[0], signedUrl: url }
  const play = (from: string, dialled: PhoneNumber, signed: Partial<PlayedWebhook>) =>
    playWebhook(io, { url, event: 'StartApp', from, to: onTheWire.dialled(dialled), ...signed }).catch(
      () => undefined,
    )

  const [first] = maskingNumbers(config) as [PhoneNumber, ...PhoneNumber[]]
  return [
    ...(await examinePair()),
    examineRefusal(await play(STRANGER, first, signature)),
    examineUnsigned(auth, await play(STRANGER, first, {})),
  ]

  /** Only the static pair has a caller whom we know to be let through. */
  async function examinePair(): Promise<Finding[]> {
    const [fe] = staticPair(config)?.participants ?? []
    if (!fe) return []
    return [examineCall(config, fe, await play(onTheWire.caller(fe.number), fe.maskingNumber, signature))]
  }
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
  if (!maskingNumbersOf(config).includes(`+${read.callerId?.replace('+', '')}`)) {
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
