/** The business: opens, changes and closes sessions, and retries each request until it knows the result. */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type History, type KnownSession, seat } from './history.js'
import type { Answered } from './http.js'
import { between, PEOPLE, pick, realNumbersIn } from './people.js'
import type { Report } from './report.js'
import { askApi, type World } from './world.js'

export const API_ERROR = 'replies of the API that the service should never give'
export const API_LEAK = 'real numbers in a reply of the API'
export const LOST = 'sessions that were acknowledged and are not there, or over'
export const TWINS = 'creates repeated at the same time that got another session'
export const UNRESOLVED = 'requests that never got a definite reply'

/** The same, where the reply left a doubt. */
export const LOST_IN_DOUBT = 'sessions that are not there, or over, as their reply said they could be'
/** The shortest life of a session, in seconds, and how many have it. */
const SHORT_LIFE = 60
const SHORT_LIVES = 0.1
/** Milliseconds by which the clock of the store and ours may be apart. */
const TOLERANCE_MS = 250
/** About so many sessions are open at a time. */
const OPEN_SESSIONS = 60
const RETRY_MS = 300

export interface Business {
  readonly world: World
  readonly history: History
  readonly report: Report
  /** No more new work. */
  readonly isOver: () => boolean
  /** No more work at all. */
  readonly isLate: () => boolean
}

interface Resolved extends Answered {
  /** Whether an earlier attempt may have succeeded without our knowing. */
  readonly wasUnknown: boolean
}

export async function keepWorking(business: Business): Promise<void> {
  const { history, isOver } = business
  while (!isOver()) {
    await sleep(between(30, 150))
    const open = history.sessions.filter(({ closing, busy }) => !closing && !busy)
    const session = pick(open)
    if (!session || Math.random() > open.length / OPEN_SESSIONS / 2)
      await openSession(business, twoOf(PEOPLE), Math.random() < SHORT_LIVES ? SHORT_LIFE : undefined)
    else await pick(ERRANDS)(business, session)
  }
}

type Errand = (business: Business, session: KnownSession) => Promise<unknown>

/** What is done to a session: also two things at once, by two clerks who do not know of each other. */
const ERRANDS: readonly Errand[] = [
  replaceOne,
  replaceOne,
  (business, session) => {
    const [first, second] = newcomers(session)
    return together(session, [replace(business, session, 0, first), replace(business, session, 1, second)])
  },
  (business, session) => together(session, [replaceOne(business, session), close(business, session)]),
  (business, session) => together(session, [close(business, session), close(business, session)]),
  (business, session) => together(session, [close(business, session)]),
  (business, session) => together(session, [close(business, session)]),
]

function replaceOne(business: Business, session: KnownSession): Promise<unknown> {
  return together(session, [replace(business, session, pick([0, 1]), newcomers(session)[0])])
}

/** Nobody else begins something with a session until all is done. */
async function together(session: KnownSession, work: readonly Promise<unknown>[]): Promise<void> {
  session.busy = true
  await Promise.all(work)
  session.busy = false
}

/** Two people who were never in a session. */
function newcomers({ seats }: KnownSession): [string, string] {
  const known = seats.flat().map(({ person }) => person)
  return twoOf(PEOPLE.filter((person) => !known.includes(person)))
}

/** Asks until the reply is definite; undefined when it is too late for that. */
async function ask(
  { world, report, isLate }: Business,
  ...question: [method: string, path: string, options?: { body?: object; key?: string }]
): Promise<Resolved | undefined> {
  for (let wasUnknown = false; !isLate(); wasUnknown = true) {
    const answered = await askApi(world, ...question)
    const { status, text, headers } = answered
    if (realNumbersIn(text + headers).length > 0) report.count(API_LEAK)
    if (status > 0 && status < 500) return { ...answered, wasUnknown }
    report.count('requests of the business with an unknown result')
    if (status === 500) {
      report.count(API_ERROR)
      report.note(`${question[0]} got ${text.slice(0, 200)}`)
    }
    await sleep(RETRY_MS)
  }
  report.count(UNRESOLVED)
  return undefined
}

export async function openSession(
  business: Business,
  people: readonly [string, string],
  life?: number,
): Promise<KnownSession | undefined> {
  const { report } = business
  const key = randomUUID()
  const participants = people.map((number) => ({ number: `+${number}` }))
  const body = { participants, metadata: { key }, ...(life && { expires_in: life }) }
  const begun = performance.now()
  const open = () => ask(business, 'POST', '/v1/sessions', { body, key })
  // Sometimes a client repeats a request while the first one is still under way.
  const [answered, twin] = await Promise.all([open(), ...(Math.random() < 0.2 ? [open()] : [])])
  if (!answered) return undefined
  if (twin) {
    report.count('sessions opened twice at the same time')
    if (areTwo(answered, twin)) report.count(TWINS)
    if (answered.status >= 400 && twin.status < 300)
      return noteOpened(business, { people, key, life, begun }, twin)
  }
  return noteOpened(
    business,
    { people, key, life, begun },
    { ...answered, wasUnknown: answered.wasUnknown || !!twin },
  )
}

function areTwo(a: Answered, b: Answered): boolean {
  return a.status < 300 && b.status < 300 && JSON.parse(a.text).id !== JSON.parse(b.text).id
}

interface Opening {
  readonly people: readonly [string, string]
  readonly key: string
  /** Seconds, where it is short. */
  readonly life: number | undefined
  readonly begun: number
}

function noteOpened(
  business: Business,
  { people, key, life, begun }: Opening,
  answered: Resolved,
): KnownSession | undefined {
  const { history, report, world } = business
  const { status, text, ended, wasUnknown } = answered
  if (status === 409 && text.includes('pool_exhausted')) {
    report.count('sessions for which no number was free')
    return undefined
  }
  if (status !== 201 && !(status === 200 && wasUnknown)) {
    unexpected(business, 'POST /v1/sessions', answered)
    return undefined
  }
  report.count('sessions opened')
  if (wasUnknown) report.count('sessions opened by more than one attempt')
  const { id, participants, durable } = JSON.parse(text)
  const isSure = world.topology.servers.length === 1 || durable === true
  if (!isSure) report.count('sessions opened with a doubt in the reply')
  const sit = (person: string) => {
    const taken = seat(person, begun, isSure ? ended : Number.POSITIVE_INFINITY)
    if (life) taken.certainlyUntil = begun + life * 1_000
    return [taken]
  }
  const session: KnownSession = {
    id,
    key,
    masks: participants.map(({ masking_number }: { masking_number: string }) => masking_number.slice(1)),
    seats: [sit(people[0]), sit(people[1])],
    isSure,
    // One that ends by itself is left alone.
    ...(life && { expiresAt: ended + life * 1_000 + TOLERANCE_MS }),
    closing: life !== undefined,
    busy: false,
  }
  history.sessions.push(session)
  return session
}

async function close(business: Business, session: KnownSession): Promise<void> {
  const { report } = business
  session.closing = true
  const begun = performance.now()
  for (const seat of session.seats.flat()) seat.certainlyUntil = Math.min(seat.certainlyUntil, begun)
  const answered = await closeForSure(business, session)
  if (!answered) return
  if (answered.status === 404) return lost(business, session, 'close')
  if (answered.status !== 200) return unexpected(business, 'close', answered)
  report.count('sessions closed')
  session.closedAt = Math.min(session.closedAt ?? answered.ended, answered.ended)
}

/** Asks until the reply leaves no doubt. */
async function closeForSure(business: Business, { id }: KnownSession): Promise<Resolved | undefined> {
  for (;;) {
    const answered = await ask(business, 'POST', `/v1/sessions/${id}/close`)
    if (answered?.status !== 202) return answered
    business.report.count('closes with a doubt in the reply, asked for again')
    await sleep(RETRY_MS)
  }
}

async function replace(
  business: Business,
  session: KnownSession,
  side: 0 | 1,
  number: string,
): Promise<void> {
  const { report } = business
  const participants = [0, 1].map((i) => (i === side ? { number: `+${number}` } : {}))
  const leaving = session.seats[side].at(-1)
  if (!leaving) return

  const begun = performance.now()
  leaving.certainlyUntil = Math.min(leaving.certainlyUntil, begun)
  const joining = seat(number, begun, Number.POSITIVE_INFINITY)
  session.seats[side].push(joining)
  const change = () => ask(business, 'PATCH', `/v1/sessions/${session.id}`, { body: { participants } })
  // Sometimes a client repeats a request while the first one is still under way. The later reply counts.
  const both = await Promise.all([change(), ...(Math.random() < 0.3 ? [change()] : [])])
  if (both.length > 1) report.count('participants replaced twice at the same time')
  const [answered] = both.toSorted((a, b) => (a?.status ?? 999) - (b?.status ?? 999))
  if (!answered) return
  const { status, text } = answered
  const ended = Math.max(...both.map((reply) => reply?.ended ?? 0))
  const wasUnknown = both.some((reply) => reply?.wasUnknown)
  if (status === 200 || status === 202) {
    report.count(`participants replaced, ${status === 200 ? 'for sure' : 'with a doubt in the reply'}`)
    // With a doubt, both of them may be in it from now on.
    if (status === 202) return
    leaving.possiblyUntil = ended
    if (!session.closing && session.isSure) joining.certainlyFrom = ended
    return
  }
  if (text.includes('session_ended') && session.closing) return
  if (status === 404 || text.includes('session_ended')) return lost(business, session, 'PATCH')
  if (status !== 409 || !text.includes('number_taken')) return unexpected(business, 'PATCH', answered)
  report.count('replacements for whom the number was taken')
  // An attempt without a reply may still have succeeded, so from now on both are possible.
  if (wasUnknown) return close(business, session)
  session.seats[side].pop()
  if (!session.closing) leaving.certainlyUntil = Number.POSITIVE_INFINITY
}

function lost({ report }: Business, session: KnownSession, what: string): void {
  session.closing = true
  for (const seat of session.seats.flat()) seat.certainlyFrom = Number.POSITIVE_INFINITY
  report.count(session.isSure ? LOST : LOST_IN_DOUBT)
  if (!session.isSure) return
  report.note(`${what}: ${session.id} is not there, or over`)
}

function unexpected({ report }: Business, what: string, { status, text }: Answered): void {
  report.count(API_ERROR)
  report.note(`${what} got ${status}: ${text.slice(0, 200)}`)
}

function twoOf(people: readonly string[]): [string, string] {
  const first = pick(people)
  return [first, pick(people.filter((person) => person !== first))]
}
