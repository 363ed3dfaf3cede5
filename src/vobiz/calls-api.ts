import { readDecimal } from '../calls/decimal.js'
import { VobizApiError } from './api-error.js'
import type { VobizClient } from './client.js'

/** What the API can do about calls. What it says of them holds real numbers: only what stands here is read. */
export interface CallsApi {
  /** Where the audio of a recording is; undefined where there is none, or not yet. */
  recordingUrl(recordingId: string): Promise<string | undefined>
  /** For good. False where it was not there. */
  deleteRecording(recordingId: string): Promise<boolean>
  /** Ends a call. False where it was over. */
  hangUp(callId: string): Promise<boolean>
  /** What a leg cost; undefined where that is not known, or not yet. */
  charge(legId: string): Promise<Charge | undefined>
  /** The newest calls of the account. */
  recentCalls(limit: number): Promise<RecentCall[]>
}

/** What the record of a leg says. Each leg has one. */
export interface Charge {
  /** Decimal. */
  readonly amount: string
  readonly currency: string
  /** Seconds. */
  readonly talk: number | undefined
  readonly ring: number | undefined
  /** The other leg that it was bridged with. */
  readonly bridgedWith: string | undefined
}

/** A leg of the account, also one that is not ours. */
export interface RecentCall {
  /** The code of the cause of its end. */
  readonly code: string
  /** Milliseconds since 1970; not a number where that is not told. */
  readonly endedAt: number
}

export function callsApi(request: VobizClient, authId: string): CallsApi {
  const id = encodeURIComponent(authId)
  const get = (path: string) => request({ method: 'GET', path, idempotent: true }).then(({ body }) => body)
  const remove = (path: string) => request({ method: 'DELETE', path, idempotent: true }).then(() => true)
  const recordingPath = (recordingId: string) =>
    `/Account/${id}/Recording/${encodeURIComponent(recordingId)}/`

  return {
    async recordingUrl(recordingId) {
      const body = await orIfMissing(undefined, () => get(recordingPath(recordingId)))
      const { recording_url: url } = membersOf(body)
      return typeof url === 'string' && url !== '' ? url : undefined
    },

    deleteRecording: (recordingId) => orIfMissing(false, () => remove(recordingPath(recordingId))),

    hangUp: (callId) =>
      orIfMissing(false, () => remove(`/Account/${id}/Call/${encodeURIComponent(callId)}/`)),

    async charge(legId) {
      // Lower case here, unlike everywhere else: this one has the right currency.
      const body = await orIfMissing(undefined, () => get(`/account/${id}/cdr/${encodeURIComponent(legId)}`))
      return readCharge(membersOf(membersOf(body).data))
    },

    async recentCalls(limit) {
      const { data } = membersOf(await get(`/Account/${id}/cdr/recent?limit=${limit}`))
      return Array.isArray(data) ? data.map((row) => readRecent(membersOf(row))) : []
    },
  }
}

/** What the API says, or what holds where it says that something is not there. */
async function orIfMissing<Known, Missing>(
  missing: Missing,
  ask: () => Promise<Known>,
): Promise<Known | Missing> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof VobizApiError && error.status === 404) return missing
    throw error
  }
}

type Members = Readonly<Record<string, unknown>>

function membersOf(value: unknown): Members {
  return typeof value === 'object' && value !== null ? (value as Members) : {}
}

/** What the list calls US dollars the record itself calls rupees, and those are what is charged. */
const USUAL_CURRENCY = 'INR'

function readCharge(row: Members): Charge | undefined {
  const amount = readDecimal(row.total_cost ?? row.cost)
  if (amount === undefined) return undefined
  const { currency, bridge_uuid: bridge } = row
  return {
    amount,
    currency: typeof currency === 'string' && /^[A-Z]{3}$/.test(currency) ? currency : USUAL_CURRENCY,
    talk: readSeconds(row.billsec),
    ring: readSeconds(row.ring_time),
    bridgedWith: typeof bridge === 'string' && bridge !== '' ? bridge : undefined,
  }
}

function readSeconds(value: unknown): number | undefined {
  return /^\d{1,6}$/.test(String(value)) ? Number(value) : undefined
}

function readRecent({ hangup_cause_code: code, end_time: end }: Members): RecentCall {
  return { code: /^\d{1,5}$/.test(String(code)) ? String(code) : '', endedAt: Date.parse(String(end)) }
}
