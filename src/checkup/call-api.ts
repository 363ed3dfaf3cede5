import { PROBLEM_TYPE } from '../api/problem.js'
import { entries } from '../config/entries.js'
import { formats } from '../config/rules.js'
import { ConfigSchema } from '../config/schema.js'
import { instanceUrl, nothingAnswers } from './instance.js'
import { UsageError } from './usage-error.js'
import type { World } from './world.js'

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

/** Milliseconds after which the service itself has given a request up. */
const API_PATIENCE_MS = 10_000

/** Asks the management API of a running instance. */
export async function callApi(
  world: World,
  { url, method, path, body, patienceMs = API_PATIENCE_MS }: ApiRequest,
): Promise<ApiReply> {
  const { base, key } = instanceAccess(world, url)
  try {
    const reply = await world.fetch(`${base}/v1${path}`, {
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
  { environment }: Pick<World, 'environment'>,
  url: string | undefined,
): { readonly base: string; readonly key: string } {
  // Nothing else is read from the environment, so that this works on a machine without the service's settings.
  const { API_KEYS = '', ADMIN_PORT, PORT } = environment
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

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
