import { randomUUID } from 'node:crypto'
import type { CallView } from '../api/call-schemas.js'
import type { ChangedWithPinsView } from '../api/session-schemas.js'
import { type PlayedReply, playWebhook, type ReadDocument, readDocument } from '../checkup/carrier.js'
import type { Environment } from '../config/environment.js'
import { ConfigSchema } from '../config/schema.js'
import { startFailure } from '../start-failure.js'
import { signatureHeaders } from '../vobiz/signature.js'
import { type AnsweredCall, ask as askCarrier, playStory, playUntilTalk } from './call-story.js'
import { callLines } from './calls.js'
import { type Dialling, playExamples } from './demo-examples.js'
import { freePort } from './free-port.js'
import { EXIT, type ExitCode, type Io, say, UsageError } from './io.js'
import type { Story } from './stories.js'

export interface DemoOptions {
  /** Ends after the play. */
  readonly once?: boolean
}

/** Starts the service in this environment alone, and without a log. Rejects with the error of listening, such as EADDRINUSE. */
export type StartService = (environment: Environment) => Promise<RunningService>

/** A service that runs in this process. */
export interface RunningService {
  close(): Promise<void>
}

/** What stands in for the account's token, so that the calls of the demo are signed as real ones are. */
const VOBIZ_AUTH_TOKEN = 'demo-token'
const API_KEY = 'demo-key-of-the-business'

const PEOPLE = {
  agent: '918888800001',
  customer: '918888800002',
  stranger: '917777700003',
  rider: '918888800011',
  driver: '918888800012',
}
const M1 = '919000000001'
const M2 = '919000000002'
const POOL = ['919000000011', '919000000012', '919000000013']

const API_HEADERS = { Authorization: `Bearer ${API_KEY}`, 'Content-Type': 'application/json' }
const RIDE = JSON.stringify({
  participants: [{ number: `+${PEOPLE.rider}` }, { number: `+${PEOPLE.driver}` }],
  call: { greeting: 'We are calling your driver.', record: { announcement: 'This call is recorded.' } },
})

/** Starts the service on the example numbers and plays calls against it, as the carrier would, and a session. */
export async function demo(io: Io, start: StartService, { once }: DemoOptions): Promise<ExitCode> {
  const { url, service } = await startSomewhere(io, start)
  try {
    const riderDials = await playAll(io, url)
    if (!once) {
      await playExamples({
        dial: async (dialling) => answeredBy(await dial(io, url, dialling)),
        end: (call, story) => playStory(io, call, story),
        talk: (call) => playUntilTalk(io, call),
        open: (session) => post(io, `${url}/v1/sessions`, JSON.stringify(session)),
        close: ({ id }) => post(io, `${url}/v1/sessions/${id}/close`, '{}'),
      })
      sayWhatToTry(io, url, riderDials)
      await io.untilInterrupted()
    }
  } finally {
    await service.close()
  }
  return EXIT.ok
}

/** On the port that is wanted, or on a free one where that is taken. */
async function startSomewhere(io: Io, start: StartService): Promise<Started> {
  const text = io.environment.PORT || String(ConfigSchema.properties.PORT.default)
  if (!/^\d{1,5}$/.test(text)) throw new UsageError('PORT is not valid: it is a TCP port, such as 8001')
  const wanted = Number(text) || (await freePort())
  let started = await startOn(wanted, start)
  if (started) return started
  while (!started) started = await startOn(await freePort(), start)
  say(io, `Port ${wanted} is taken, so the demo runs on port ${started.port}.`)
  return started
}

interface Started {
  readonly port: number
  readonly url: string
  readonly service: RunningService
}

/** Undefined when the port is taken. */
async function startOn(port: number, start: StartService): Promise<Started | undefined> {
  const url = `http://127.0.0.1:${port}`
  try {
    return { port, url, service: await start(environmentOf(url, port)) }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return undefined
    throw new UsageError(startFailure(error))
  }
}

function environmentOf(url: string, port: number): Environment {
  return {
    HOST: '127.0.0.1',
    PORT: String(port),
    WEBHOOK_AUTH: 'required',
    PUBLIC_BASE_URL: url,
    VOBIZ_AUTH_TOKEN,
    M1,
    M2,
    FE: PEOPLE.agent,
    CUSTOMER: PEOPLE.customer,
    MASKING_NUMBERS: POOL.join(','),
    API_KEYS: API_KEY,
    API_DOCS: 'public',
    PIN_LENGTH: '6',
  }
}

/** Plays the static pair, then a session. Returns the number that the rider dials. */
async function playAll(io: Io, url: string): Promise<string> {
  await play(io, url, 'The agent calls the customer', { from: PEOPLE.agent, dialled: M1 })
  await play(io, url, 'The customer calls the agent', { from: PEOPLE.customer, dialled: M2 })
  await play(io, url, 'A stranger tries the same number', { from: PEOPLE.stranger, dialled: M1 })

  const { id, expires_at, participants } = await post(io, `${url}/v1/sessions`, RIDE)
  const [riderDials, driverDials] = participants.map(({ masking_number }) => masking_number.slice(1)) as [
    string,
    string,
  ]
  say(
    io,
    '',
    'The business opens a session for a ride',
    `  request   POST /v1/sessions ${RIDE}`,
    `  session   ${id}, until ${expires_at}`,
    `  numbers   the rider dials ${riderDials}, the driver ${driverDials}`,
  )
  const talk = await play(io, url, 'The rider calls the driver', { from: PEOPLE.rider, dialled: riderDials })
  await playOn(io, 'They talk, and the driver hangs up', talk, 'answered')
  const inVain = await play(io, url, 'The driver calls the rider', {
    from: PEOPLE.driver,
    dialled: driverDials,
  })
  await playOn(io, 'The rider does not answer', inVain, 'no-answer')
  const borrowed = { from: PEOPLE.stranger, dialled: riderDials, pin: participants[0]?.pin }
  await play(io, url, 'The rider calls from a borrowed phone', borrowed)

  const closed = await post(io, `${url}/v1/sessions/${id}/close`, '{}')
  say(io, '', 'The ride is over', `  request   POST /v1/sessions/${id}/close`, `  session   ${closed.status}`)
  await play(io, url, 'The rider calls once more', { from: PEOPLE.rider, dialled: riderDials })
  return riderDials
}

/** Plays the carrier, and shows what came of it. */
async function play(io: Io, url: string, title: string, dialling: Dialling): Promise<AnsweredCall> {
  const { from, dialled, pin } = dialling
  const dialledCall = await dial(io, url, dialling)
  const { reply, digits, read } = dialledCall
  const [reached, shown] = [read.destination, read.callerId].map((number) => number?.replace('+', ''))
  say(
    io,
    '',
    title,
    `  dialled   ${from} (${nameOf(from)}) dials ${dialled}`,
    ...(digits ? [`  enters    ${pin}, the PIN that is asked for`] : []),
    ...(reached && read.words ? [`  hears     ${read.words}`] : []),
    reached
      ? `  reaches   ${reached} (${nameOf(reached)}), whose phone shows ${shown}`
      : `  reaches   nobody, and hears: ${read.words}`,
    `  document  ${reply.document}`,
  )
  return answeredBy(dialledCall)
}

/** A call, and what the service said to it. */
interface Dialled {
  readonly call: Omit<AnsweredCall, 'urls'>
  readonly reply: PlayedReply
  readonly read: ReadDocument
  /** Where the PIN went that was asked for. */
  readonly digits: string | undefined
}

function answeredBy({ call, read }: Dialled): AnsweredCall {
  return { ...call, urls: read.urls }
}

/** On the wire the caller comes with the country code, the dialled number in national form. */
async function dial(io: Io, url: string, { from, dialled, pin }: Dialling): Promise<Dialled> {
  const answer = `${url}/answer`
  const [callId, to] = [randomUUID(), dialled.replace(/^91/, '0')]
  const call = { callId, from, to, url: answer, signedUrl: answer, token: VOBIZ_AUTH_TOKEN, instance: url }
  const first = await playWebhook(io, {
    url: answer,
    fields: { Event: 'StartApp', CallUUID: callId, From: from, To: to },
    token: VOBIZ_AUTH_TOKEN,
    signedUrl: answer,
  })
  const digits = pin && readDocument(first)?.urls.digits
  const reply = digits ? await askCarrier(io, call, digits, { Event: 'Redirect', Digits: pin }) : first
  const read = readDocument(reply)
  if (!read) throw new UsageError(`the service answered a call of the demo with status ${reply.status}`)
  return { call, reply, read, digits }
}

/** Tells the service how a call went on, and shows what it now knows of it. */
async function playOn(io: Io, title: string, call: AnsweredCall, story: Story): Promise<void> {
  const replies = await playStory(io, call, story)
  say(io, '', title)
  const heard = replies.flatMap(({ hearer, words }) =>
    words ? `  ${hearer === 'called' ? 'whoever is called' : 'the caller'} hears: ${words}` : [],
  )
  const record = await ask<CallView>(io, `${call.instance}/v1/calls/${call.callId}`)
  say(
    io,
    ...heard,
    `  request   GET /v1/calls/${call.callId}`,
    ...callLines(record).map((line) => `  ${line}`),
  )
}

/** Asks the API as the business does. */
function post(io: Io, url: string, body: string): Promise<ChangedWithPinsView> {
  return ask(io, url, { method: 'POST', body })
}

async function ask<Body>({ fetch }: Io, url: string, request: RequestInit = {}): Promise<Body> {
  const reply = await fetch(url, { headers: API_HEADERS, ...request })
  if (!reply.ok)
    throw new UsageError(`the service answered a request of the demo with status ${reply.status}`)
  return reply.json() as Promise<Body>
}

function sayWhatToTry(io: Io, url: string, riderDials: string): void {
  say(
    io,
    '',
    `The console shows these calls, and some that still go on: ${url}/console`,
    `Sign in with the key ${API_KEY}`,
    '',
    `The service stays up on port ${new URL(url).port}; end it with Ctrl+C. Ask it yourself, as the carrier:`,
    '',
    `  ${curlCall(url, PEOPLE.agent, M1)}`,
    '',
    'Without its signature it is refused. As the business open the session again, and then call as the rider:',
    '',
    `  curl ${curlHeaders(API_HEADERS)} ${url}/v1/sessions -d '${RIDE}'`,
    '',
    `  ${curlCall(url, PEOPLE.rider, riderDials)}`,
    '',
    `All that the business can ask stands at ${url}/docs.`,
    '',
  )
}

/** Each with a signature of its own: used for two different calls, one would be taken for a replay. */
function curlCall(url: string, from: string, dialled: string): string {
  const headers = signatureHeaders(`${url}/answer`, VOBIZ_AUTH_TOKEN)
  return `curl -X POST ${curlHeaders(headers)} ${url}/answer -d CallUUID=${randomUUID()} -d From=${from} -d To=${dialled}`
}

function curlHeaders(headers: Readonly<Record<string, string>>): string {
  return Object.entries(headers)
    .map(([name, value]) => `-H '${name}: ${value}'`)
    .join(' ')
}

function nameOf(number: string): string {
  const [name] = Object.entries(PEOPLE).find(([, theirs]) => theirs === number) as [string, string]
  return name
}
