import { randomUUID } from 'node:crypto'
import { type FastifyReply, type FastifyRequest, fastify } from 'fastify'

export interface StandInNumber {
  e164: string
  country: string
  capabilities: { voice: boolean; sms: boolean; mms: boolean; fax: boolean }
  voice_enabled: boolean
  status: string
  application_id: string | null
  trunk_group_id: string | null
  is_blocked: boolean
  is_trial_number: boolean
  account_id: string
}

export interface StandInApplication {
  app_id: string
  app_name: string
  answer_url: string
  answer_method: string
  hangup_url: string
  hangup_method: string
  fallback_answer_url: string
  fallback_method: string
}

/** A recording as the API shows it, with both real numbers, and its audio. */
export interface StandInRecording {
  readonly recording_id: string
  readonly call_uuid: string
  /** `/media/…`: below the host of the API. Or a whole URL. */
  recording_url: string
  from_number: string
  to_number: string
  /** What is sent for its URL. */
  audio: Uint8Array
}

/** The record of one leg, as the detail endpoint shows it. */
export interface StandInCdr {
  readonly uuid: string
  bridge_uuid: string | null
  caller_id_number: string
  destination_number: string
  ring_time: number
  billsec: number
  total_cost: number | string
  hangup_cause_code: number
  end_time: string
}

/** What happens to a request instead of the real thing. */
export interface Fault {
  status: number
  body?: unknown
  headers?: Record<string, string>
  /** Drop the connection instead of answering. */
  drop?: boolean
  /** First do what was asked, and then answer with the fault or drop: the answer got lost. */
  after?: boolean
}

/** A strict stand-in for the REST API of Vobiz, in memory and on a loopback port. */
export interface StandIn {
  /** `http://127.0.0.1:port/api/v1` */
  readonly base: string
  readonly authId: string
  readonly authToken: string
  /** By `e164`. */
  readonly numbers: Map<string, StandInNumber>
  /** By `app_id`. */
  readonly applications: Map<string, StandInApplication>
  /** Every request so far as `METHOD /path?query`, in order; the path is as sent, without `/api/v1`. */
  readonly requests: string[]
  /** Requests that the reference does not list: a test asserts that it is empty. */
  readonly violations: string[]
  /** By `recording_id`. */
  readonly recordings: Map<string, StandInRecording>
  /** By `uuid`, in the order in which the calls ended. */
  readonly cdrs: Map<string, StandInCdr>
  /** The `call_uuid` of each call that goes on. */
  readonly liveCalls: Set<string>
  /** Whether a part of a file is sent where one is asked for; else the whole is. */
  sendsParts: boolean
  /** What the concurrency endpoint reports; undefined: it answers 404. */
  concurrency: { concurrent_calls: number; max_concurrent: number } | undefined
  /** The `Date` header of every reply, if it is to differ from now. */
  date: Date | undefined
  /** Consulted before each request with its index since the start (0, 1, ...) and its text. */
  fault: ((index: number, request: string) => Fault | undefined) | undefined
  close(): Promise<void>
}

const PREFIX = '/api/v1'
const AUTH_ID = 'MA_TEST1234'
const AUTH_TOKEN = 'stand-in-token'

/** A rented, free number that can be called: everything that is not given is as it should be. */
export function rentedNumber(e164: string, overrides: Partial<StandInNumber> = {}): StandInNumber {
  return {
    e164,
    country: 'IN',
    capabilities: { voice: true, sms: false, mms: false, fax: false },
    voice_enabled: true,
    status: 'active',
    application_id: null,
    trunk_group_id: null,
    is_blocked: false,
    is_trial_number: false,
    account_id: AUTH_ID,
    ...overrides,
  }
}

/** The record of a leg that talked, with the numbers that must get nowhere. */
export function legRecord(uuid: string, overrides: Partial<StandInCdr> = {}): StandInCdr {
  return {
    uuid,
    bridge_uuid: null,
    caller_id_number: '+918888800001',
    destination_number: '918888800002',
    ring_time: 7,
    billsec: 61,
    total_cost: 0.9,
    hangup_cause_code: 4000,
    end_time: '2100-01-01T00:01:00Z',
    ...overrides,
  }
}

/** A recording whose audio lies on the host of the API. */
export function standInRecording(
  recording_id: string,
  call_uuid: string,
  audio: Uint8Array,
): StandInRecording {
  const recording_url = `/media/${recording_id}.mp3`
  return {
    recording_id,
    call_uuid,
    recording_url,
    from_number: '918888800001',
    to_number: '918888800002',
    audio,
  }
}

type Fields = Record<string, unknown>

interface Answer {
  status: number
  body?: Fields
}

/** One request that found its route. */
interface Call {
  standIn: StandIn
  /** The last variable part of the path, as sent. */
  key: string
  query: URLSearchParams
  /** The body of a POST; empty for the others. */
  body: Fields
  violation: (why: string) => void
}

interface Route {
  method: string
  path: RegExp
  /** The query parameters that the reference names for it. */
  query: readonly string[]
  handle: (call: Call) => Answer
}

/** A request as it came in, before anything is known about it. */
interface Incoming {
  method: string
  /** Not decoded, as it matters whether a `+` was escaped. */
  url: string
  headers: Record<string, string | string[] | undefined>
  body: string
}

// The four error shapes in use: (a) to (d) in the reference.
function notFound(message: string): Answer {
  const error = { code: 'NOT_FOUND', message, details: {} }
  const timestamp = new Date().toISOString()
  return { status: 404, body: { status: 'error', error, timestamp, requestId: randomUUID() } }
}

function badRequest(details: Record<string, string>): Answer {
  return { status: 400, body: { error: 'Invalid request', details } }
}

function unauthorized(): Answer {
  return { status: 401, body: { error: 'Unauthorized' } }
}

function conflict(message: string): Answer {
  return { status: 409, body: { api_id: randomUUID(), error: 'Conflict', message } }
}

function numberNotFound(): Answer {
  return { status: 404, body: { api_id: randomUUID(), error: 'Phone number not found' } }
}

type Check = (value: unknown) => string | undefined

const isString: Check = (value) => (typeof value === 'string' ? undefined : 'must be a string')
const isBoolean: Check = (value) => (typeof value === 'boolean' ? undefined : 'must be a boolean')
const isMethod: Check = (value) => (value === 'GET' || value === 'POST' ? undefined : 'must be GET or POST')
const isName: Check = (value) =>
  typeof value === 'string' && /^[A-Za-z0-9_-]+$/.test(value)
    ? undefined
    : 'may hold letters, digits, - and _ only'
const isUrl: Check = (value) =>
  typeof value === 'string' && /^https?:\/\//.test(value) && URL.canParse(value)
    ? undefined
    : 'must be a URL with http or https'
// A fallback is off when it is empty, which is also how a reply shows it.
const orEmpty =
  (check: Check): Check =>
  (value) =>
    value === '' ? undefined : check(value)

const APPLICATION_FIELDS = new Map<string, Check>([
  ['app_name', isName],
  ['answer_url', isUrl],
  ['answer_method', isMethod],
  ['hangup_url', isUrl],
  ['hangup_method', isMethod],
  ['fallback_answer_url', orEmpty(isUrl)],
  ['fallback_method', orEmpty(isMethod)],
  ['message_url', isUrl],
  ['message_method', isMethod],
  ['default_number_app', isBoolean],
  ['default_endpoint_app', isBoolean],
  ['sub_account', isString],
  ['application_type', (value) => (value === 'XML' ? undefined : 'must be XML')],
  ['default_app', isBoolean],
  ['enabled', isBoolean],
  ['log_incoming_message', isBoolean],
  ['public_uri', isBoolean],
  ['sip_transfer_method', isMethod],
  ['sip_transfer_url', isUrl],
  ['sip_uri', isString],
])

/** What is wrong with the body of a create or update; an unknown field is a violation too. */
function checkApplication(call: Call, required: readonly string[]): Answer | undefined {
  const details: Record<string, string> = {}
  for (const name of required) if (!(name in call.body)) details[name] = 'is required'
  for (const [name, value] of Object.entries(call.body)) {
    const check = APPLICATION_FIELDS.get(name)
    if (check === undefined) call.violation(`unknown field ${name}`)
    const problem = check === undefined ? 'is not a known field' : check(value)
    if (problem !== undefined) details[name] = problem
  }
  return Object.keys(details).length > 0 ? badRequest(details) : undefined
}

function merge(application: StandInApplication, fields: Fields): StandInApplication {
  const text = (name: keyof StandInApplication): string => {
    const value = fields[name]
    return typeof value === 'string' ? value : application[name]
  }
  return {
    app_id: application.app_id,
    app_name: text('app_name'),
    answer_url: text('answer_url'),
    answer_method: text('answer_method'),
    hangup_url: text('hangup_url'),
    hangup_method: text('hangup_method'),
    fallback_answer_url: text('fallback_answer_url'),
    fallback_method: text('fallback_method'),
  }
}

// Neighbours of this size are the same JavaScript number, so an id that went through one is not found.
let lastApplicationId = 98_765_432_109_876_543n

function createApplication(call: Call): Answer {
  const problem = checkApplication(call, ['app_name', 'answer_url', 'answer_method'])
  if (problem !== undefined) return problem
  lastApplicationId += 1n
  const app_id = String(lastApplicationId)
  const defaults: StandInApplication = {
    app_id,
    app_name: '',
    answer_url: '',
    answer_method: '',
    hangup_url: String(call.body.answer_url),
    hangup_method: 'POST',
    fallback_answer_url: '',
    fallback_method: '',
  }
  call.standIn.applications.set(app_id, merge(defaults, call.body))
  return { status: 201, body: { api_id: randomUUID(), app_id, message: 'created' } }
}

/** A whole number from the query; NaN for anything else that was given. */
function wholeNumber(query: URLSearchParams, name: string, otherwise: number): number {
  const text = query.get(name)
  if (text === null) return otherwise
  return /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
}

function listApplications(call: Call): Answer {
  const limit = wholeNumber(call.query, 'limit', 20)
  const offset = wholeNumber(call.query, 'offset', 0)
  if (!(limit >= 1 && limit <= 100) || Number.isNaN(offset)) {
    call.violation('limit or offset out of range')
    return badRequest({ limit: 'must be from 1 to 100', offset: 'must be 0 or more' })
  }
  const all = [...call.standIn.applications.values()]
  const link = (to: number) => `${PREFIX}/Account/${AUTH_ID}/Application/?limit=${limit}&offset=${to}`
  const next = offset + limit < all.length ? link(offset + limit) : null
  const previous = offset > 0 ? link(Math.max(0, offset - limit)) : null
  const meta = { limit, offset, total_count: all.length, next, previous }
  return { status: 200, body: { api_id: randomUUID(), meta, objects: all.slice(offset, offset + limit) } }
}

function getApplication({ standIn, key }: Call): Answer {
  const application = standIn.applications.get(key)
  return application === undefined
    ? notFound('Application not found')
    : { status: 200, body: { ...application } }
}

function updateApplication(call: Call): Answer {
  const application = call.standIn.applications.get(call.key)
  if (application === undefined) return notFound('Application not found')
  const problem = checkApplication(call, [])
  if (problem !== undefined) return problem
  call.standIn.applications.set(call.key, merge(application, call.body))
  return { status: 200, body: { api_id: randomUUID(), message: 'changed' } }
}

function deleteApplication({ standIn, key }: Call): Answer {
  if (!standIn.applications.has(key)) return notFound('Application not found')
  const attached = [...standIn.numbers.values()].some((number) => number.application_id === key)
  if (attached) return conflict('Application has phone numbers attached')
  standIn.applications.delete(key)
  return { status: 204 }
}

function listNumbers(call: Call): Answer {
  const page = wholeNumber(call.query, 'page', 1)
  const perPage = wholeNumber(call.query, 'per_page', 25)
  const search = call.query.get('search') ?? ''
  // An unescaped plus sign arrives as a space.
  if (!(page >= 1) || !(perPage >= 1) || search.includes(' ')) {
    call.violation('page, per_page or search out of range')
    return badRequest({ page: 'must be 1 or more', per_page: 'must be 1 or more', search: 'must be digits' })
  }
  const all = [...call.standIn.numbers.values()].filter((number) => number.e164.includes(search))
  const items = all.slice((page - 1) * perPage, page * perPage).map(listedNumber)
  return { status: 200, body: { items, page, per_page: perPage, total: all.length } }
}

/** With the fields that nothing here depends on, because a client must cope with them. */
function listedNumber(number: StandInNumber): Fields {
  return {
    id: `number-${number.e164.slice(1)}`,
    region: null,
    provider: 'stand-in',
    setup_fee: 100,
    monthly_fee: 200,
    currency: 'INR',
    tags: [],
    purchased_at: '2026-01-01T00:00:00Z',
    released_at: null,
    ...number,
  }
}

/** The number that a path names, which has its plus sign escaped. */
function numberOf(call: Call): StandInNumber | undefined {
  if (!/^%2B\d+$/.test(call.key)) {
    call.violation('the number in the path is not %2B and digits')
    return undefined
  }
  return call.standIn.numbers.get(decodeURIComponent(call.key))
}

function attachNumber(call: Call): Answer {
  const { application_id: applicationId, ...others } = call.body
  if (typeof applicationId !== 'string' || Object.keys(others).length > 0) {
    call.violation('the body is not exactly {"application_id": "..."}')
    return badRequest({ application_id: 'must be a string, and the only field' })
  }
  const number = numberOf(call)
  if (number === undefined) return numberNotFound()
  const application = call.standIn.applications.get(applicationId)
  if (application === undefined) return notFound('Application not found')
  number.application_id = applicationId
  const { app_id, app_name } = application
  const message = 'Phone number attached to application'
  return { status: 200, body: { message, number: number.e164, application: { app_id, app_name } } }
}

function detachNumber(call: Call): Answer {
  const number = numberOf(call)
  if (number === undefined) return numberNotFound()
  number.application_id = null
  return { status: 200, body: { message: 'Phone number detached from application', number: number.e164 } }
}

function getConcurrency({ standIn }: Call): Answer {
  if (standIn.concurrency === undefined) return notFound('Concurrency not found')
  const { concurrent_calls, max_concurrent } = standIn.concurrency
  const utilization_pct = max_concurrent > 0 ? (100 * concurrent_calls) / max_concurrent : 0
  return { status: 200, body: { account_id: AUTH_ID, concurrent_calls, max_concurrent, utilization_pct } }
}

function getRecording({ standIn, key }: Call): Answer {
  const recording = standIn.recordings.get(key)
  if (recording === undefined) return notFound('Recording not found')
  const { audio: _, recording_url, ...shown } = recording
  const url = recording_url.startsWith('/') ? new URL(recording_url, standIn.base).href : recording_url
  return {
    status: 200,
    body: {
      api_id: randomUUID(),
      ...shown,
      recording_url: url,
      recording_format: 'mp3',
      recording_type: 'call',
      add_time: '2100-01-01 05:31:10.12345+05:30',
      recording_duration_ms: '61000.00000',
      rounded_recording_duration: 120,
    },
  }
}

function deleteRecording({ standIn, key }: Call): Answer {
  return standIn.recordings.delete(key) ? { status: 204 } : notFound('Recording not found')
}

function hangUpCall({ standIn, key }: Call): Answer {
  return standIn.liveCalls.delete(key) ? { status: 204 } : notFound('Call not found')
}

/** With the fields that nothing here depends on. The detail has the right currency, the lists do not. */
function shownCdr(cdr: StandInCdr, currency: 'INR' | 'USD'): Fields {
  return {
    id: 1,
    account_id: AUTH_ID,
    call_direction: 'inbound',
    caller_id_name: cdr.caller_id_number,
    duration: cdr.ring_time + cdr.billsec,
    cost: cdr.total_cost,
    streaming_cost: 0,
    currency,
    hangup_cause: 'NORMAL_CLEARING',
    hangup_cause_name: 'Normal Hangup',
    hangup_source: 'Caller',
    start_time: '2100-01-01T00:00:00Z',
    answer_time: null,
    mos: 4.3,
    ...cdr,
  }
}

function getCdr({ standIn, key }: Call): Answer {
  const cdr = standIn.cdrs.get(key)
  if (cdr === undefined) return { status: 404, body: { error: 'CDR not found' } }
  return { status: 200, body: { data: shownCdr(cdr, 'INR'), success: true } }
}

function listRecentCdrs({ standIn, query, violation }: Call): Answer {
  const limit = wholeNumber(query, 'limit', 20)
  if (!(limit >= 1 && limit <= 100)) {
    violation('limit out of range')
    return badRequest({ limit: 'must be from 1 to 100' })
  }
  const data = [...standIn.cdrs.values()]
    .reverse()
    .slice(0, limit)
    .map((cdr) => shownCdr(cdr, 'USD'))
  return { status: 200, body: { account_id: AUTH_ID, count: data.length, data, success: true } }
}

const APPLICATIONS = /^\/Account\/([^/]+)\/Application\/$/
const APPLICATION = /^\/Account\/([^/]+)\/Application\/([^/]+)\/$/
const NUMBERS = /^\/Account\/([^/]+)\/numbers$/
const NUMBER_APPLICATION = /^\/Account\/([^/]+)\/numbers\/([^/]+)\/application$/
const RECORDING = /^\/Account\/([^/]+)\/Recording\/([^/]+)\/$/
const CALL = /^\/Account\/([^/]+)\/Call\/([^/]+)\/$/
const RECENT_CDRS = /^\/Account\/([^/]+)\/cdr\/recent$/
// In lower case, unlike the lists.
const CDR = /^\/account\/([^/]+)\/cdr\/([^/]+)$/
const CONCURRENCY = /^\/account\/([^/]+)\/concurrency$/

// The numbers are paged by page and per_page: limit and offset are known there, and ignored.
const NUMBERS_QUERY = ['page', 'per_page', 'search', 'limit', 'offset']

const ROUTES: readonly Route[] = [
  { method: 'POST', path: APPLICATIONS, query: [], handle: createApplication },
  { method: 'GET', path: APPLICATIONS, query: ['limit', 'offset'], handle: listApplications },
  { method: 'GET', path: APPLICATION, query: [], handle: getApplication },
  { method: 'POST', path: APPLICATION, query: [], handle: updateApplication },
  { method: 'DELETE', path: APPLICATION, query: [], handle: deleteApplication },
  { method: 'GET', path: NUMBERS, query: NUMBERS_QUERY, handle: listNumbers },
  { method: 'POST', path: NUMBER_APPLICATION, query: [], handle: attachNumber },
  { method: 'DELETE', path: NUMBER_APPLICATION, query: [], handle: detachNumber },
  { method: 'GET', path: RECORDING, query: [], handle: getRecording },
  { method: 'DELETE', path: RECORDING, query: [], handle: deleteRecording },
  { method: 'DELETE', path: CALL, query: [], handle: hangUpCall },
  { method: 'GET', path: RECENT_CDRS, query: ['limit'], handle: listRecentCdrs },
  { method: 'GET', path: CDR, query: [], handle: getCdr },
  { method: 'GET', path: CONCURRENCY, query: [], handle: getConcurrency },
]

/** Whether a path would be a known one in another case, or with a slash at its end. */
function isNearMiss(path: string): boolean {
  return ROUTES.some((route) => {
    const loose = new RegExp(route.path.source, 'i')
    return !route.path.test(path) && (loose.test(path) || loose.test(`${path}/`))
  })
}

function parseObject(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
  } catch {
    return undefined
  }
}

function describe(method: string, url: string): string {
  return `${method} ${url.startsWith(`${PREFIX}/`) ? url.slice(PREFIX.length) : url}`
}

/** The real thing: what the API does with a request, and answers. */
function perform(standIn: StandIn, { method, url, headers, body }: Incoming): Answer {
  const violation = (why: string) => standIn.violations.push(`${describe(method, url)}: ${why}`)
  if (headers['x-auth-id'] !== AUTH_ID || headers['x-auth-token'] !== AUTH_TOKEN) return unauthorized()

  const [fullPath = '', queryText = ''] = url.split(/\?(.*)/s)
  const path = fullPath.startsWith(`${PREFIX}/`) ? fullPath.slice(PREFIX.length) : undefined
  const route = ROUTES.find((each) => path !== undefined && each.method === method && each.path.test(path))
  if (path === undefined || route === undefined) {
    violation('no such path or method')
    return path !== undefined && isNearMiss(path) ? unauthorized() : notFound('Not found')
  }
  const [, account, key = ''] = route.path.exec(path) ?? []
  if (account !== AUTH_ID) {
    violation('the path names another account')
    return unauthorized()
  }
  const query = new URLSearchParams(queryText)
  const unknown = [...query.keys()].find((name) => !route.query.includes(name))
  if (unknown !== undefined) {
    violation(`unknown query parameter ${unknown}`)
    return notFound('Not found')
  }
  if (method !== 'POST') {
    if (body === '') return route.handle({ standIn, key, query, body: {}, violation })
    violation('a body where none belongs')
    return notFound('Not found')
  }
  const fields = parseObject(body)
  const isJson = /^application\/json\s*(;|$)/i.test(String(headers['content-type'] ?? ''))
  if (isJson && fields !== undefined) return route.handle({ standIn, key, query, body: fields, violation })
  violation('the body is not a JSON object with its content type')
  return badRequest({ body: 'must be a JSON object' })
}

/** What goes back to the client; undefined: the connection is dropped. */
function respond(
  standIn: StandIn,
  incoming: Incoming,
): { status: number; body: unknown; headers: Record<string, string> } | undefined {
  const headers: Record<string, string> = {}
  if (standIn.date !== undefined) headers.date = standIn.date.toUTCString()
  const text = describe(incoming.method, incoming.url)
  const index = standIn.requests.push(text) - 1
  const fault = standIn.fault?.(index, text)
  if (fault === undefined) {
    const { status, body } = perform(standIn, incoming)
    return { status, body, headers }
  }
  if (fault.after) perform(standIn, incoming)
  if (fault.drop) return undefined
  return { status: fault.status, body: fault.body, headers: { ...headers, ...fault.headers } }
}

/** A file of audio, which wants the credentials too, as a server of files sends it. */
function sendMedia(standIn: StandIn, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { 'x-auth-id': id, 'x-auth-token': token, range } = request.headers
  standIn.requests.push(`${request.method} ${request.url}${range === undefined ? '' : ` ${range}`}`)
  if (id !== AUTH_ID || token !== AUTH_TOKEN) return reply.code(401).send({ error: 'Unauthorized' })
  const recording = [...standIn.recordings.values()].find(
    ({ recording_url }) => recording_url === request.url,
  )
  if (!recording) return reply.code(404).send()
  const { audio } = recording
  reply.type('audio/mpeg')
  const [, from, to = ''] = /^bytes=(\d+)-(\d*)$/.exec(standIn.sendsParts ? (range ?? '') : '') ?? []
  if (from === undefined) return reply.send(audio)
  const [first, last] = [Number(from), Math.min(to === '' ? audio.length : Number(to), audio.length - 1)]
  if (first > last) return reply.code(416).header('content-range', `bytes */${audio.length}`).send()
  reply.code(206).header('content-range', `bytes ${first}-${last}/${audio.length}`)
  return reply.send(audio.subarray(first, last + 1))
}

export async function startStandIn(numbers: StandInNumber[] = []): Promise<StandIn> {
  // Requests that Fastify refuses on its own: a malformed path or content type.
  const refuse = (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    const text = describe(request.method, request.raw.url ?? '')
    standIn.requests.push(text)
    standIn.violations.push(`${text}: ${String(error)}`)
    const { status, body } = badRequest({ request: String(error) })
    reply.code(status).send(body)
  }
  const app = fastify({ forceCloseConnections: true, frameworkErrors: refuse })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body))
  app.get('/media/*', (request, reply) => sendMedia(standIn, request, reply))
  app.all('/*', (request, reply) => {
    const { method = '', url = '', headers } = request.raw
    // Fastify leaves the body of a GET unread.
    const unread = method === 'GET' && Number(headers['content-length'] ?? 0) > 0 ? 'unread' : ''
    const body = typeof request.body === 'string' ? request.body : unread
    const answer = respond(standIn, { method, url, headers, body })
    if (answer === undefined) {
      reply.hijack()
      request.raw.socket.destroy()
      return
    }
    reply.code(answer.status).headers(answer.headers).send(answer.body)
  })
  app.setErrorHandler(refuse)
  const origin = await app.listen({ host: '127.0.0.1', port: 0 })
  const standIn: StandIn = {
    base: `${origin}${PREFIX}`,
    authId: AUTH_ID,
    authToken: AUTH_TOKEN,
    numbers: new Map(numbers.map((number) => [number.e164, { ...number }])),
    applications: new Map(),
    recordings: new Map(),
    cdrs: new Map(),
    liveCalls: new Set(),
    sendsParts: true,
    requests: [],
    violations: [],
    concurrency: { concurrent_calls: 0, max_concurrent: 10 },
    date: undefined,
    fault: undefined,
    close: () => app.close(),
  }
  return standIn
}
