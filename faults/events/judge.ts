import { setTimeout as sleep } from 'node:timers/promises'
import type { Instance } from '../fleet.js'
import { realNumbersIn } from '../people.js'
import type { Starvation } from '../starvation.js'
import type { Endpoint, Endpoints } from './endpoints.js'
import { type Deaths, mayBeUnwritten } from './strikes.js'
import { createTold, EVENT_LEAK, listedEvents, readReceived, type TellsOf, type Told } from './told.js'
import { type Acknowledged, type Call, LOST, UNRESOLVED, type Writing } from './writing.js'

/** Milliseconds from what happened until the healthy endpoint is told of it, while nothing dies. */
const HELD_UP_MS = 3_000

const UNTOLD = 'acknowledged changes that nobody was told of'
const UNLISTED = 'acknowledged changes that GET /v1/events does not have'
const NOT_RETRIED = 'acknowledged changes that did not reach an endpoint once it was mended'
const TWO_IDS = 'events of one session and sequence, or of one call and type, with two ids'
const TWO_BODIES = 'events that were sent with two different contents'
const UNSIGNED = 'signatures that do not verify'
const UNLISTED_SENT = 'events that were sent and that GET /v1/events does not have'
const NOT_STARTED = 'calls that were connected without a call.started'
const NOT_ENDED = 'calls whose end was reported without a call.ended'
export const HELD_UP = `events held up for more than ${HELD_UP_MS / 1_000} s by endpoints in trouble`

export const DEMANDS = [
  UNTOLD,
  UNLISTED,
  NOT_RETRIED,
  TWO_IDS,
  TWO_BODIES,
  UNSIGNED,
  UNLISTED_SENT,
  EVENT_LEAK,
  NOT_STARTED,
  NOT_ENDED,
  LOST,
  UNRESOLVED,
]

export interface Judged {
  readonly writing: Writing
  readonly endpoints: Endpoints
  readonly deaths: Deaths
  /** When nothing but endpoints was in trouble, by `Date.now()`. */
  readonly calm: { readonly from: number; readonly until: number }
  readonly starvation: Starvation
  readonly pids: () => readonly number[]
}

const POLL_MS = 250

/** Waits until all is told that has to be, or for so long. Returns how many seconds it took. */
export async function untilTold(judged: Judged, seconds: number): Promise<number> {
  const begun = performance.now()
  const elapsed = () => Math.round((performance.now() - begun) / 1_000)
  while (elapsed() < seconds && !isAllTold(judged)) await sleep(POLL_MS)
  return elapsed()
}

function isAllTold({ writing, endpoints, deaths }: Judged): boolean {
  const [healthy, mended] = [toldTo(endpoints.healthy), toldTo(endpoints.mended)]
  const { sure } = bySurety(writing.acknowledged)
  return (
    [healthy, mended].every((told) => sure.every(told.hasChange)) &&
    startedFor(writing.calls, deaths).every((call) => healthy.hasCall(call, 'call.started')) &&
    endedFor(writing.calls, deaths).every((call) => healthy.hasCall(call, 'call.ended'))
  )
}

function toldTo({ received }: Endpoint): Told {
  const told = createTold()
  told.add(received.filter(({ isTaken }) => isTaken).map(readReceived))
  return told
}

/** Those that the loss of a server may undo are told apart. */
function bySurety(acknowledged: readonly Acknowledged[]) {
  return {
    sure: acknowledged.filter(({ isSure }) => isSure),
    unsure: acknowledged.filter(({ isSure }) => !isSure),
  }
}

/** Whose beginning the instance that answered must have written. */
function startedFor(calls: readonly Call[], deaths: Deaths): Call[] {
  return calls.filter(({ answered }) => !mayBeUnwritten(deaths, answered))
}

function endedFor(calls: readonly Call[], deaths: Deaths): Call[] {
  return startedFor(calls, deaths).filter(({ hungUp }) => hungUp && !mayBeUnwritten(deaths, hungUp))
}

export async function judge(judged: Judged): Promise<void> {
  const { writing, endpoints } = judged
  const { report, instances } = writing
  const [{ port }] = instances as [Instance]
  const listed = await listedEvents(port, report)
  report.count('events in GET /v1/events', listed.length)
  judgeChanges(judged, listed)
  judgeCalls(judged)
  judgeDeliveries(judged, listed)
  judgeTimes(judged, listed)
  for (const { kind, received } of endpoints.all) {
    report.count(`deliveries to an endpoint that ${kind}`, received.length)
    report.count(
      `deliveries again to an endpoint that ${kind}`,
      received.length - new Set(received.map(({ id }) => id)).size,
    )
  }
}

function judgeChanges({ writing, endpoints }: Judged, listed: readonly TellsOf[]): void {
  const { report, acknowledged } = writing
  const { sure, unsure } = bySurety(acknowledged)
  const inList = createTold()
  inList.add(listed)
  const [healthy, mended] = [toldTo(endpoints.healthy), toldTo(endpoints.mended)]
  const without = (told: Told) => (change: Acknowledged) => !told.hasChange(change)
  const untold = sure.filter(without(healthy))
  report.count(UNTOLD, untold.length)
  for (const change of untold) report.note(`untold: ${JSON.stringify(change)}`)
  report.count(UNLISTED, sure.filter(without(inList)).length)
  report.count(NOT_RETRIED, sure.filter(without(mended)).length)
  report.count('changes acknowledged with a doubt', unsure.length)
  report.count('of them untold', unsure.filter(without(healthy)).length)
}

function judgeCalls({ writing, endpoints, deaths }: Judged): void {
  const { report, calls } = writing
  const healthy = toldTo(endpoints.healthy)
  const started = startedFor(calls, deaths)
  const isUntold = (type: 'call.started' | 'call.ended') => (call: Call) => !healthy.hasCall(call, type)
  report.count(NOT_STARTED, started.filter(isUntold('call.started')).length)
  const ended = endedFor(calls, deaths)
  report.count('calls whose end must be told', ended.length)
  const notEnded = ended.filter(isUntold('call.ended'))
  report.count(NOT_ENDED, notEnded.length)
  for (const call of notEnded) report.note(`no call.ended: ${whatDiedAfter(call, deaths)}`)
  const killed = calls.filter((call) => !started.includes(call))
  report.count('calls whose instance was killed right after the answer', killed.length)
  report.count('of them without a call.started', killed.filter(isUntold('call.started')).length)
}

/** What may have kept an end from being written, in milliseconds after it was reported. */
function whatDiedAfter({ answered, hungUp = answered }: Call, { kills, outages }: Deaths): string {
  const after = (at: number) => Math.round(at - hungUp.at)
  const own = kills.filter(({ instance, at }) => instance === hungUp.instance && at > hungUp.at)
  return JSON.stringify({
    answered: after(answered.at),
    isSameInstance: answered.instance === hungUp.instance,
    kills: own.map(({ at }) => after(at)),
    killsOfAnswering: kills
      .filter(({ instance }) => instance === answered.instance)
      .map(({ at }) => after(at)),
    outages: outages.map(({ from, until }) => [after(from), after(until)]),
  })
}

function judgeDeliveries({ writing: { report }, endpoints }: Judged, listed: readonly TellsOf[]): void {
  const received = endpoints.all.flatMap((endpoint) => endpoint.received)
  report.count(UNSIGNED, received.filter(({ isSigned }) => !isSigned).length)
  for (const { body, headers } of received) report.count(EVENT_LEAK, realNumbersIn(body + headers).length)
  const bodies = setsOf(received.map(({ id, body }) => [id, body]))
  report.count(TWO_BODIES, countOfTwo(bodies))
  const known = new Set(listed.map(({ id }) => id))
  report.count(UNLISTED_SENT, [...bodies.keys()].filter((id) => !known.has(id)).length)
  const ids = setsOf([...received.map(readReceived), ...listed].flatMap((event) => identity(event) ?? []))
  report.count(TWO_IDS, countOfTwo(ids))
}

/** What there is one event of, and its id. */
function identity({ id, type, data }: TellsOf): [pair: [string, string]] | undefined {
  if (data.session_id !== undefined && data.sequence !== undefined)
    return [[`${data.session_id} ${data.sequence}`, id]]
  if (data.call_id !== undefined && type.startsWith('call.')) return [[`${data.call_id} ${type}`, id]]
  return undefined
}

function setsOf(pairs: readonly (readonly [string, string])[]): ReadonlyMap<string, ReadonlySet<string>> {
  const sets = new Map<string, Set<string>>()
  for (const [name, value] of pairs) sets.set(name, (sets.get(name) ?? new Set()).add(value))
  return sets
}

function countOfTwo(sets: ReadonlyMap<string, ReadonlySet<string>>): number {
  return [...sets.values()].filter(({ size }) => size > 1).length
}

/** How long after a change of a session the healthy endpoint was told of it, if it was. */
function judgeTimes(
  { writing: { report }, endpoints, calm, starvation, pids }: Judged,
  listed: readonly TellsOf[],
): void {
  const firstAt = new Map<string, number>()
  for (const { id, at } of endpoints.healthy.received) if (!firstAt.has(id)) firstAt.set(id, at)
  const now = Date.now()
  for (const { id, at: from } of listed.filter(({ type }) => type.startsWith('session.'))) {
    const until = firstAt.get(id) ?? now
    const ms = until - from
    const isCalm = from >= calm.from && from < calm.until - HELD_UP_MS
    report.largest(`slowest delivery ${isCalm ? 'before' : 'while or after'} anything dies, ms`, ms)
    if (!isCalm) continue
    report.count('changes before anything dies')
    const forgiven = ms > HELD_UP_MS ? starvation.between(pids(), from, until) : 0
    if (ms - forgiven > HELD_UP_MS) report.count(HELD_UP)
  }
}
