import { setTimeout as sleep } from 'node:timers/promises'
import type { Call } from './calls.js'
import { type MeasuredProcess, startMeasured } from './measured-process.js'
import { API_HEADERS, API_KEY, createStrangers } from './new-sessions.js'
import { SERVER_CORE } from './pinning.js'

/** The service as it is measured: on a port of its own, and unsigned calls let in. */
const SERVICE = { HOST: '127.0.0.1', PORT: '0', DRAIN_DELAY: '0', WEBHOOK_AUTH: 'optional' }

/** With the static pair, and without an API. */
export const PAIR = { M1: '919000000001', M2: '919000000002', FE: '918888800001', CUSTOMER: '918888800002' }
export const CALL_OF_PAIR: Call = { caller: PAIR.FE, dialled: PAIR.M1, reached: PAIR.CUSTOMER }

/** With sessions over a pool of twenty numbers. */
const POOL_SIZE = 20
export const WITH_SESSIONS = {
  ...SERVICE,
  MASKING_NUMBERS: Array.from({ length: POOL_SIZE }, (_, i) => 919_000_000_101 + i).join(','),
  API_KEYS: API_KEY,
  API_RATE: '10000',
}

/** What signed calls need. */
const TOKEN = 'bench-token'
const PUBLIC_BASE_URL = 'https://mask.example.com'
export const STRICT = { WEBHOOK_AUTH: 'required', PUBLIC_BASE_URL, VOBIZ_AUTH_TOKEN: TOKEN }
export const SIGNING = [`${PUBLIC_BASE_URL}/answer`, TOKEN] as const

/** Another build of the service can be measured beside others: `BENCH_SERVER` names its `server.js`. */
export const SERVER = process.env.BENCH_SERVER ?? 'dist/src/server.js'

const FLOOR = 'bench/floor.mjs'

export const WITH_PAIR = { ...SERVICE, ...PAIR }

export function startWithPair(
  settings: NodeJS.ProcessEnv = {},
  cores = SERVER_CORE,
): Promise<MeasuredProcess> {
  return startMeasured(SERVER, { ...WITH_PAIR, ...settings }, { cores })
}

export async function startWithSessions(settings: NodeJS.ProcessEnv = {}): Promise<MeasuredProcess> {
  const service = await startMeasured(SERVER, { ...WITH_SESSIONS, ...settings })
  await untilItHasTheStore(service)
  return service
}

export function startFloor(): Promise<MeasuredProcess> {
  return startMeasured(FLOOR, {})
}

const STORE_LIMIT_MS = 10_000
const POLL_MS = 50

/** An instance listens before it has reached its store. */
async function untilItHasTheStore({ url }: MeasuredProcess): Promise<void> {
  for (let waited = 0; waited < STORE_LIMIT_MS; waited += POLL_MS) {
    const reply = await fetch(`${url}/v1/status`, { headers: API_HEADERS })
    const { store } = (await reply.json()) as { store: { state: string } }
    if (store.state !== 'down') return
    await sleep(POLL_MS)
  }
  throw new Error('an instance did not reach its store')
}

/** Opens sessions over the API. Each of their people makes a call. */
export async function openSessions({ url }: MeasuredProcess, count: number): Promise<Call[]> {
  const next = createStrangers()
  const calls: Call[] = []
  for (let i = 0; i < count; i++) {
    const body = next()
    const reply = await fetch(`${url}/v1/sessions`, { method: 'POST', headers: API_HEADERS, body })
    const text = await reply.text()
    if (reply.status !== 201) throw new Error(`no new session, but ${reply.status}`)
    const [first, second] = participantsIn(body).map(({ number }) => number) as [string, string]
    const [toFirst, toSecond] = participantsIn(text).map((side) => side.masking_number)
    calls.push({ caller: first, dialled: String(toFirst), reached: second })
    calls.push({ caller: second, dialled: String(toSecond), reached: first })
  }
  return calls
}

/** The participants of a request or a reply, with their numbers as the carrier writes them. */
function participantsIn(json: string): Record<string, string>[] {
  return JSON.parse(json.replaceAll('"+', '"')).participants
}
