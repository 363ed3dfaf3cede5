import { type ApiReply, type ApiRequest, callApi } from '../checkup/call-api.js'
import { EXIT, type ExitCode, type Io, say, sayJson, UsageError, waitFor } from './io.js'

/** The options of every command that asks the API. */
export interface ApiOptions {
  readonly url?: string
  readonly json?: boolean
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
