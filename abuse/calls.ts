import { request } from '../faults/http.js'
import { meanwhile } from './service.js'

/** What a call is sent with: the same each time, or made anew for each, as a signature has to be. */
export type HeadersOfCall = () => Readonly<Record<string, string>>

const CALL = {
  method: 'POST',
  path: '/answer',
  body: 'From=918888800001&To=09000000001&Event=StartApp',
} as const
const CONNECTED = '<Number>918888800002</Number>'

/** What the calls of a while were told. */
export interface Calls {
  readonly count: number
  /** Those that were not connected. */
  readonly failed: number
  /** Milliseconds within which 99 of 100 were answered. */
  readonly p99: number
  readonly slowest: number
}

/**
 * Calls until the function that it returns is awaited. The next one does not wait for the answer of the last: callers do not
 * either, and what comes while the service stands still would be missing from the figures.
 */
export function callSteadily(
  port: number,
  pauseMs = 20,
  headersOfCall: HeadersOfCall = () => ({}),
): () => Promise<Calls> {
  const times: number[] = []
  let failed = 0
  const all: Promise<void>[] = []
  const callOnce = async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded', ...headersOfCall() }
    const { text, begun, ended } = await request({ port, ...CALL, headers })
    times.push(ended - begun)
    if (!text.includes(CONNECTED)) failed += 1
  }
  const stop = meanwhile(pauseMs, () => {
    all.push(callOnce())
  })
  return async () => {
    await stop()
    await Promise.all(all)
    times.sort((a, b) => a - b)
    const at = (part: number) => times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? 0
    return { count: times.length, failed, p99: at(0.99), slowest: at(1) }
  }
}

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
