import { PROBLEM_TYPE } from '../api/problem.js'
import { entries } from '../config/entries.js'
import { formats } from '../config/rules.js'
import { ConfigSchema } from '../config/schema.js'
import { instanceUrl, nothingAnswers } from './instance.js'
import { EXIT, type ExitCode, type Io, say, sayJson, UsageError, waitFor } from './io.js'

export interface ApiRequest {
  /** The instance, by default the local one. */
  readonly url?: string | undefined
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Below `/v1`. */
  readonly path: string
  readonly body?: unknown
  /** Milliseconds to wait, where the work may take longer than usual. */
  readonly patienceMs?: number
}

/** What came back. */
export interface ApiReply {
  readonly status: number
  /** Undefined when it is not JSON. */
  readonly body: unknown
  /** Whether it is a problem from the API. Any other error comes from something else. */
  readonly isProblem: boolean
}

/** The options of every command that asks the API. */
export interface ApiOptions {
  readonly url?: string
  readonly json?: boolean
}

/** Milliseconds after which the service itself has given a request up. */
const API_PATIENCE_MS = 10_000

/** Asks the management API of a running instance. */
export async function callApi(
  io: Io,
  { url, method, path, body, patienceMs = API_PATIENCE_MS }: ApiRequest,
): Promise<ApiReply> {
  const { base, key } = instanceAccess(io, url)
  try {
    const reply = await io.fetch(`${base}/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      redirect: 'manual',
      signal: AbortSignal.timeout(patienceMs),
    })
    return {
      status: reply.status,
      body: parsed(await reply.text()),
      isProblem: String(reply.headers.get('content-type')).startsWith(PROBLEM_TYPE),
    }
  } catch {
    throw nothingAnswers()
  }
}

/** Where an instance is, and the key to ask it with. Throws a `UsageError`. */
export function instanceAccess(
  io: Pick<Io, 'environment'>,
  url: string | undefined,
): { readonly base: string; readonly key: string } {
  // Nothing else is read from the environment, so that this works on a machine without the service's settings.
  const { API_KEYS = '', ADMIN_PORT, PORT } = io.environment
  if (!formats.secrets(API_KEYS)) {
    throw new UsageError('API_KEYS is missing or not valid: set it to a key of the running service')
  }
  const [key = ''] = entries(API_KEYS)
  const base = instanceUrl(url, ADMIN_PORT || PORT || ConfigSchema.properties.PORT.default)
  // The key and real numbers go there, so they are not sent in the clear over a network.
  if (!formats['public-base-url'](base)) {
    throw new UsageError(
      'the address is not valid: --url takes an https URL (http only for this machine), ADMIN_PORT or PORT a TCP port',
    )
  }
  return { base, key }
}

/** Asks the API and shows what it says: as JSON for scripts, as lines for people. */
export async function showReply<Body>(
  io: Io,
  { url, json }: ApiOptions,
  request: ApiRequest,
  lines: (body: Body) => string[],
): Promise<ExitCode> {
  const reply = await ask(io, { ...request, url })
  if (json) sayJson(io, reply.body)
  if (reply.isProblem) return tellProblem(io, reply)
  if (!json) say(io, ...lines(reply.body as Body))
  return EXIT.ok
}

/** Asks the API for something that is shown beside other things. Undefined where it answers with a problem, which is told. */
export async function readReply<Body>(
  io: Io,
  { url, json }: ApiOptions,
  request: ApiRequest,
): Promise<Body | undefined> {
  const reply = await ask(io, { ...request, url })
  if (!reply.isProblem) return reply.body as Body
  if (json) sayJson(io, reply.body)
  tellProblem(io, reply)
  return undefined
}

async function ask(io: Io, request: ApiRequest): Promise<ApiReply> {
  const reply = await waitFor(io, 'asking the service', callApi(io, request))
  refuseForeign(reply)
  return reply
}

function tellProblem(io: Io, { body }: ApiReply): ExitCode {
  io.stderr.write(problemText(body as ProblemView))
  return EXIT.failed
}

/** A reply that the API did not write says nothing about a session or a call. */
function refuseForeign({ status, body, isProblem }: ApiReply): void {
  if (body !== undefined && (isProblem || status < 300)) return
  if (status === 404) {
    throw new UsageError('the instance there has no management API: start it with API_KEYS or API_KEY_HASHES')
  }
  throw new UsageError(
    `something else than callmask answers there (status ${status}): check --url and what stands before the service`,
  )
}

/** The parts of a problem that a person reads. */
interface ProblemView {
  readonly title: string
  readonly detail: string
  readonly errors?: readonly { readonly field: string; readonly message: string }[]
}

function problemText({ title, detail, errors = [] }: ProblemView): string {
  const fields = errors.map(({ field, message }) => `  ${field} ${message}\n`)
  return [`error: ${title}. ${detail}\n`, ...fields].join('')
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
