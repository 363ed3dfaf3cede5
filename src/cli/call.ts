import { randomUUID } from 'node:crypto'
import { onTheWire, playWebhook, type ReadDocument, readDocument, WHY_FORBIDDEN } from '../checkup/carrier.js'
import { instanceUrl, nothingAnswers } from '../checkup/instance.js'
import { answerUrl } from '../checkup/settings.js'
import { readConfig } from '../config/validation.js'
import { webhookChecks } from '../config/webhook-checks.js'
import { parsePhoneNumber } from '../masking/phone-number.js'
import { type AnsweredCall, ask, playStory, recordOf, tellStory } from './call-story.js'
import { withInput } from './input.js'
import { EXIT, type ExitCode, type Io, say, sayJson, UsageError, waitFor } from './io.js'
import { labelled } from './layout.js'
import type { Story } from './stories.js'

export interface CallOptions {
  readonly from?: string
  readonly to: string
  readonly url?: string
  readonly hangup?: boolean
  readonly anonymous?: boolean
  readonly unsigned?: boolean
  readonly json?: boolean
  /** How it goes on after the answer. */
  readonly story?: Story
  /** What the caller enters where they are asked for a PIN. */
  readonly pin?: string
}

/** Plays the carrier against a running instance and shows what each phone would see. */
export async function call(io: Io, options: CallOptions): Promise<ExitCode> {
  const config = readConfig(io.environment)
  const { DEFAULT_COUNTRY: country, PORT } = config
  const { prefixes, tokens } = webhookChecks(config)
  const number = (option: string, text: string | undefined) => {
    if (text === undefined) throw new UsageError(`${option} is needed, or --anonymous`)
    const parsed = parsePhoneNumber(text, country)
    if (!parsed) throw new UsageError(`${option} is not a phone number: write it with its country code`)
    return parsed
  }
  const given = await withInput(io, options, options.anonymous ? ['to'] : ['from', 'to'])
  const dialled = number('--to', given.to)
  const from = options.anonymous ? 'anonymous' : onTheWire.caller(number('--from', given.from))
  const [token] = options.unsigned ? [] : tokens.own
  const url = `${instanceUrl(options.url, PORT)}${prefixes[0]}/answer`
  const to = onTheWire.dialled(dialled)
  const callId = randomUUID()
  const first = await waitFor(
    io,
    'calling',
    playWebhook(io, {
      url,
      fields: { Event: options.hangup ? 'Hangup' : 'StartApp', CallUUID: callId, From: from, To: to },
      ...(token && { token, signedUrl: answerUrl(config) }),
    }),
  ).catch(() => {
    throw nothingAnswers()
  })

  const answered = ({ urls }: ReadDocument): AnsweredCall => ({
    callId,
    from,
    to,
    url,
    signedUrl: token ? answerUrl(config) : url,
    token,
    urls,
    instance: options.url,
  })
  const question = readDocument(first)
  const reply =
    question?.urls.digits === undefined || options.pin === undefined
      ? first
      : await ask(io, answered(question), question.urls.digits, { Event: 'Redirect', Digits: options.pin })

  const read = readDocument(reply)
  const { status, ms, document } = reply
  const hint = hintFor(status, token !== undefined)
  const played = options.story && read ? { call: answered(read), story: options.story } : undefined
  const story = played && (await playStory(io, played.call, played.story))
  if (options.json) {
    const { callerId, destination, words } = read ?? ({} as Partial<ReadDocument>)
    const record = played && (await recordOf(io, played.call))
    sayJson(io, {
      from,
      dialled: dialled.dialable,
      status,
      ms,
      callerId,
      destination,
      words,
      document,
      hint,
      story,
      record,
    })
  } else {
    say(
      io,
      ...labelled({
        dialled: `${from} dials ${dialled.dialable}`,
        reaches: read?.destination ?? 'nobody',
        shows: read?.callerId ?? 'nothing',
        hears: read?.words,
        status: `${status} after ${ms} ms`,
        document,
        hint,
      }),
    )
    if (played && story) await tellStory(io, played.call, story)
  }
  return status === 200 && read ? EXIT.ok : EXIT.failed
}

/** The likely cause of a status that no call gets. */
function hintFor(status: number, wasSigned: boolean): string | undefined {
  if (status === 404)
    return 'the service has another WEBHOOK_PATH_SECRET than you here, or it is not callmask'
  if (status !== 403) return undefined
  if (wasSigned) return WHY_FORBIDDEN
  return 'the service wants a signature: call with its VOBIZ_AUTH_TOKEN and PUBLIC_BASE_URL in the environment or .env'
}
