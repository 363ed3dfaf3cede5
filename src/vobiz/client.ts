import { saidBy, VobizApiError, withoutSecrets } from './api-error.js'

/** How to reach the API, and as whom. */
export interface VobizAccess {
  /** `https://api.vobiz.ai/api/v1` */
  readonly base: string
  readonly authId: string
  readonly authToken: string
  /** What else an error of the API may not show, such as the path secret in an Answer URL. */
  readonly secrets: readonly string[]
}

/** The world outside, so that tests can stand in for it. */
export interface Transport {
  readonly fetch: typeof fetch
  /** Resolves after so many milliseconds. */
  readonly sleep: (ms: number) => Promise<void>
}

export interface VobizRequest {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** Below the base, with its exact case and slashes. */
  readonly path: string
  readonly body?: Readonly<Record<string, string>>
  /** True when asking twice has the effect of asking once, so that it is tried again also after an unclear failure. */
  readonly idempotent: boolean
}

export interface VobizReply {
  readonly body: unknown
  /** The clock of the API. */
  readonly date: Date | undefined
}

export type VobizClient = (request: VobizRequest) => Promise<VobizReply>

/** Milliseconds that one attempt may take. */
export const ATTEMPT_TIMEOUT_MS = 10_000
/** How often a request is sent at most. */
export const MAX_ATTEMPTS = 4
const FIRST_BACKOFF_MS = 500
/** Milliseconds: the longest wait that a `Retry-After` can ask of us. */
export const MAX_WAIT_MS = 30_000

/** How long the API is waited for. */
export interface Patience {
  /** How often a request is sent at most. */
  readonly attempts: number
  /** Milliseconds that one attempt may take. */
  readonly attemptMs: number
  /** Milliseconds that are waited between two attempts at most. */
  readonly waitMs: number
}

/** Of a command line, where somebody sees that it waits. */
const PATIENT: Patience = { attempts: MAX_ATTEMPTS, attemptMs: ATTEMPT_TIMEOUT_MS, waitMs: MAX_WAIT_MS }

/** Sends requests with the account's credentials, and sends them again while the API is busy or broken. */
export function createVobizClient(
  { base, authId, authToken, secrets }: VobizAccess,
  { fetch, sleep }: Transport,
  { attempts, attemptMs, waitMs }: Patience = PATIENT,
): VobizClient {
  return (request) => attempt(request, 1)

  async function attempt(request: VobizRequest, count: number): Promise<VobizReply> {
    const reply = await send(request)
    if (reply?.ok) return { body: await bodyOf(reply), date: dateOf(reply) }
    if (count === attempts || !isWorthRetrying(request, reply)) throw await failure(reply)
    await sleep(Math.min(waitBefore(count, reply), waitMs))
    return attempt(request, count + 1)
  }

  /** Undefined when no answer came. */
  async function send({ method, path, body }: VobizRequest): Promise<Response | undefined> {
    const headers = { 'x-auth-id': authId, 'x-auth-token': authToken, 'content-type': 'application/json' }
    const signal = AbortSignal.timeout(attemptMs)
    const sent = body && { body: JSON.stringify(body) }
    // A redirect would take the token along to wherever it leads.
    return fetch(base + path, { method, headers, signal, redirect: 'manual', ...sent }).catch(() => undefined)
  }

  async function failure(reply: Response | undefined): Promise<VobizApiError> {
    const said = reply ? saidBy(await bodyOf(reply)) : ''
    return new VobizApiError(reply?.status, withoutSecrets(said, [authToken, ...secrets]))
  }
}

function isWorthRetrying({ idempotent }: VobizRequest, reply: Response | undefined): boolean {
  if (reply?.status === 429) return true
  return idempotent && (reply === undefined || reply.status >= 500)
}

function waitBefore(attempt: number, reply: Response | undefined): number {
  const seconds = Number(reply?.headers.get('retry-after') ?? Number.NaN)
  return seconds >= 0 ? seconds * 1_000 : FIRST_BACKOFF_MS * 2 ** (attempt - 1)
}

async function bodyOf(reply: Response): Promise<unknown> {
  try {
    return JSON.parse(await reply.text())
  } catch {
    return undefined
  }
}

function dateOf(reply: Response): Date | undefined {
  const date = new Date(reply.headers.get('date') ?? Number.NaN)
  return Number.isNaN(date.getTime()) ? undefined : date
}
