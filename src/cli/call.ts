import { randomUUID } from 'node:crypto'
import { readConfig } from '../config/validation.js'
import { webhookChecks } from '../config/webhook-checks.js'
import { parsePhoneNumber } from '../masking/phone-number.js'
import { type AnsweredCall, ask, playStory, recordOf, tellStory } from './call-story.js'
import { onTheWire, type PlayedReply, playWebhook, readDocument, WHY_FORBIDDEN } from './carrier.js'
import { withInput } from './input.js'
import { instanceUrl, nothingAnswers } from './instance.js'
import { EXIT, type ExitCode, type Io, say, sayJson, UsageError, waitFor } from './io.js'
import { labelled } from './layout.js'
import { answerUrl } from './settings.js'
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

  const answered = (reply: PlayedReply): AnsweredCall => ({
    callId,
    from,
    to,
    url,
    signedUrl: config.PUBLIC_BASE_URL === undefined ? url : answerUrl(config),
    token,
    urls: readDocument(reply)?.urls ?? NO_URLS,
    instance: options.url,
  })
  const digits = readDocument(first)?.urls.digits
  const reply =
    digits === undefined || options.pin === undefined
      ? first
      : await ask(io, answered(first), digits, { Event: 'Redirect', Digits: options.pin })

  const read = readDocument(reply)
  const { status, ms, document } = reply
  const hint = hintFor(status, token !== undefined)
  const story = options.story && read ? await playStory(io, answered(reply), options.story) : undefined
  if (options.json) {
    const { urls: _, ...seen } = { urls: undefined, ...read }
    const record = story && (await recordOf(io, answered(reply)))
    sayJson(io, { from, dialled: dialled.dialable, status, ms, ...seen, document, hint, story, record })
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
    if (story) await tellStory(io, answered(reply), story)
  }
  return status === 200 && read ? EXIT.ok : EXIT.failed
}

const NO_URLS: AnsweredCall['urls'] = {
  dialled: undefined,
  leg: undefined,
  whisper: undefined,
  recording: undefined,
  recorded: undefined,
  digits: undefined,
}

/** The likely cause of a status that no call gets. */
function hintFor(status: number, wasSigned: boolean): string | undefined {
  if (status === 404)
    return 'the service has another WEBHOOK_PATH_SECRET than you here, or it is not callmask'
  if (status !== 403) return undefined
  if (wasSigned) return WHY_FORBIDDEN
  return 'the service wants a signature: call with its VOBIZ_AUTH_TOKEN and PUBLIC_BASE_URL in the environment or .env'
}
