/**
 * Random histories of the API and of calls, against a naive oracle that keeps plain lists and looks through all of them
 * each time. The service must always do what the lists say.
 */
import fc from 'fast-check'
import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import { type Outcome, resolveCall } from '../src/masking/resolver.js'
import { type TestClock, testClock } from './clocks.js'
import { PAIR, webhook } from './fixtures.js'

export const API_KEY = 'a-key-of-the-model-test-0'

/** Six people: two of another country, and the two of the static pair. */
const PEOPLE = ['919800000001', '919800000002', '919800000003', '12015550123', PAIR.FE, PAIR.CUSTOMER]
/** M1 is in the pool as well, so that the static pair takes part. */
const POOL = [PAIR.M1, '919000000011', '12015550199']
const DIALLED = [...POOL, PAIR.M2, '919000000099']
const SECOND = 1_000
const REST_SECONDS = 3 * 24 * 60 * 60
const REST_MS = REST_SECONDS * SECOND
const MEMORY_MS = 7 * 24 * 60 * 60 * SECOND

export const ENVIRONMENT = {
  ...PAIR,
  MASKING_NUMBERS: POOL.map((number) => `+${number}`).join(),
  API_KEYS: API_KEY,
  CLOSED_MESSAGE: 'This number is no longer active.',
  NUMBER_REST: String(REST_SECONDS),
  LOG_LEVEL: 'silent',
}

interface OracleSession {
  readonly id: string
  readonly people: [string, string]
  readonly masks: [string, string]
  expiresAt: number
  closedAt?: number
  readonly name?: string | undefined
  /** The idempotency keys that belong to it. */
  readonly keys: Set<string>
  readonly request: string
}

/** A leg that a person has or had. The oracle keeps them in the order in which they were given. */
interface OracleLeg {
  readonly session: OracleSession
  readonly side: 0 | 1
  readonly person: string
  readonly mask: string
  endedAt?: number
  /** Whom it reached when it ended. */
  reached?: string
}

interface Oracle {
  readonly sessions: OracleSession[]
  readonly legs: OracleLeg[]
  readonly draining: Set<string>
}

/** The service under test, and counts of what it was asked. */
interface Real {
  readonly app: FastifyInstance
  readonly clock: TestClock
  readonly counts: Counts
}

export interface Counts {
  commands: number
  created: number
  exhausted: number
  calls: number
  bridged: number
  farewells: number
}

type Command = fc.AsyncCommand<Oracle, Real>

const endOf = ({ closedAt, expiresAt }: OracleSession) => closedAt ?? expiresAt
const endOfLeg = (leg: OracleLeg) => leg.endedAt ?? endOf(leg.session)
const otherOf = (leg: OracleLeg) => leg.reached ?? (leg.session.people[1 - leg.side] as string)
const isRemembered = (endsAt: number, now: number) => now < endsAt + Math.max(REST_MS, MEMORY_MS)

/** The last leg of a person on a masking number, if it is not forgotten. */
function lastLeg({ legs }: Oracle, person: string, mask: string, now: number): OracleLeg | undefined {
  const leg = legs.findLast((leg) => leg.person === person && leg.mask === mask)
  return leg && isRemembered(endOfLeg(leg), now) ? leg : undefined
}

function isFixed(person: string, mask: string): boolean {
  return (person === PAIR.FE && mask === PAIR.M1) || (person === PAIR.CUSTOMER && mask === PAIR.M2)
}

/** All numbers that a person may be given now for this counterpart: several when they are equally good. */
function allowed(oracle: Oracle, person: string, counterpart: string, now: number, short: boolean): string[] {
  const ended = POOL.filter((mask) => {
    const leg = lastLeg(oracle, person, mask, now)
    return !oracle.draining.has(mask) && !isFixed(person, mask) && !(leg && endOfLeg(leg) > now)
  })
  const lastUse = (mask: string) => {
    const leg = lastLeg(oracle, person, mask, now)
    return leg ? endOfLeg(leg) : Number.NEGATIVE_INFINITY
  }
  const own = ended.filter((mask) => {
    const leg = lastLeg(oracle, person, mask, now)
    return leg && otherOf(leg) === counterpart
  })
  if (own.length > 0) return own.filter((mask) => lastUse(mask) === Math.max(...own.map(lastUse)))
  const free = ended.filter((mask) => lastUse(mask) + REST_MS <= now)
  const home = free.filter((mask) => mask.startsWith('91') === person.startsWith('91'))
  const best = home.length > 0 ? home : free
  const choice = best.length > 0 ? best : short ? ended : []
  return choice.filter((mask) => lastUse(mask) === Math.min(...choice.map(lastUse)))
}

/** What the refusal of an exhausted pool must say for this person. */
function exhaustion(oracle: Oracle, person: string, now: number) {
  const taken = POOL.filter((mask) => {
    const leg = lastLeg(oracle, person, mask, now)
    return isFixed(person, mask) || (leg && endOfLeg(leg) + REST_MS > now)
  })
  // M2 is held by the static pair as well, though it is not in the pool.
  const held = taken.length + (person === PAIR.CUSTOMER ? 1 : 0)
  const frees = taken
    .filter((mask) => !oracle.draining.has(mask) && !isFixed(person, mask))
    .map((mask) => endOfLeg(lastLeg(oracle, person, mask, now) as OracleLeg) + REST_MS)
  return {
    numbers_needed: held + 1,
    next_free_at: frees.length === 0 ? null : new Date(Math.min(...frees)).toISOString(),
  }
}

function expect(condition: unknown, what: string): void {
  if (!condition) throw new Error(what)
}

async function ask(
  { app }: Real,
  method: 'GET' | 'POST' | 'PATCH' | 'PUT',
  url: string,
  payload?: object,
  headers: Record<string, string> = {},
): Promise<LightMyRequestResponse> {
  const reply = await app.inject({
    method,
    url,
    headers: { authorization: `Bearer ${API_KEY}`, ...headers },
    ...(payload && { payload }),
  })
  const text = reply.body + JSON.stringify(reply.headers)
  for (const person of PEOPLE)
    expect(!text.includes(person.slice(-10)), `a real number in the reply of ${method}`)
  return reply
}

interface Wish {
  readonly people: readonly [number, number]
  readonly seconds: number
  readonly name: 'a' | 'b' | undefined
  readonly key: 'a' | 'b' | undefined
  readonly short: boolean
}

/** Opens a session, or asks again for one. */
function create({ people, seconds, name, key, short }: Wish): Command {
  return {
    check: () => people[0] !== people[1],
    toString: () =>
      `create(${people} for ${seconds} s, named ${name}, key ${key}${short ? ', short rest' : ''})`,
    async run(oracle, real) {
      real.counts.commands += 1
      const now = real.clock.time
      const pair = people.map((i) => PEOPLE[i]) as [string, string]
      const body = {
        participants: pair.map((number) => ({ number: `+${number}` })),
        expires_in: seconds,
        ...(short && { allow_short_rest: true }),
        ...(name && { external_id: name }),
      }
      const headers: Record<string, string> = key ? { 'idempotency-key': key } : {}
      const reply = await ask(real, 'POST', '/v1/sessions', body, headers)

      const keyed = oracle.sessions.findLast(
        (session) => key && session.keys.has(key) && isRemembered(endOf(session), now),
      )
      const holder = oracle.sessions.findLast(
        (session) => name && session.name === name && endOf(session) > now,
      )
      const known = keyed ?? holder
      if (known) {
        const isSame = known.request === JSON.stringify(body)
        expect(reply.statusCode === (isSame ? 200 : 409), `a known key got ${reply.statusCode}`)
        expect(!isSame || reply.json().id === known.id, 'a known key got another session')
        expect(isSame || reply.json().code === 'idempotency_conflict', 'a conflict with another code')
        if (isSame && key) known.keys.add(key)
        return
      }
      const choices = [0, 1].map((side) =>
        allowed(oracle, pair[side] as string, pair[1 - side] as string, now, short),
      )
      const exhaustedSide = choices.findIndex((choice) => choice.length === 0)
      if (exhaustedSide >= 0) {
        real.counts.exhausted += 1
        const { code, participant, numbers_needed, next_free_at } = reply.json()
        const expected = {
          code: 'pool_exhausted',
          participant: exhaustedSide,
          ...exhaustion(oracle, pair[exhaustedSide] as string, now),
        }
        const seen = JSON.stringify({ code, participant, numbers_needed, next_free_at })
        expect(seen === JSON.stringify(expected), `${seen} instead of ${JSON.stringify(expected)}`)
        return
      }
      expect(reply.statusCode === 201, `not created: ${reply.body}`)
      real.counts.created += 1
      const { id, participants } = reply.json()
      const masks = participants.map(({ masking_number }: { masking_number: string }) =>
        masking_number.slice(1),
      )
      for (const side of [0, 1]) {
        expect(
          choices[side]?.includes(masks[side]),
          `${masks[side]} for side ${side}, not one of ${choices[side]}`,
        )
      }
      const session: OracleSession = {
        id,
        people: [...pair],
        masks,
        expiresAt: now + seconds * SECOND,
        name,
        keys: new Set(key ? [key] : []),
        request: JSON.stringify(body),
      }
      oracle.sessions.push(session)
      for (const side of [0, 1] as const) {
        oracle.legs.push({ session, side, person: pair[side], mask: masks[side] })
      }
    },
  }
}

/** One of the sessions so far. */
const nth = ({ sessions }: Oracle, n: number) => sessions[n % Math.max(sessions.length, 1)]

function onSession(
  name: string,
  n: number,
  run: (session: OracleSession, oracle: Oracle, real: Real) => Promise<void>,
): Command {
  return {
    check: (oracle) => oracle.sessions.length > 0,
    toString: () => `${name} of session ${n}`,
    async run(oracle, real) {
      real.counts.commands += 1
      await run(nth(oracle, n) as OracleSession, oracle, real)
    },
  }
}

const close = (n: number) =>
  onSession('close', n, async (session, _oracle, real) => {
    const reply = await ask(real, 'POST', `/v1/sessions/${session.id}/close`)
    if (!isRemembered(endOf(session), real.clock.time))
      return expect(reply.statusCode === 404, 'not forgotten')
    if (endOf(session) > real.clock.time) session.closedAt = real.clock.time
    expect(
      reply.json().status === (session.closedAt === undefined ? 'expired' : 'closed'),
      'not over after a close',
    )
  })

const reschedule = (n: number, seconds: number) =>
  onSession(`expire in ${seconds} s`, n, async (session, _oracle, real) => {
    const now = real.clock.time
    const reply = await ask(real, 'PATCH', `/v1/sessions/${session.id}`, { expires_in: seconds })
    if (!isRemembered(endOf(session), now)) return expect(reply.statusCode === 404, 'not forgotten')
    if (endOf(session) <= now)
      return expect(reply.json().code === 'session_ended', 'an ended session came to life')
    session.expiresAt = now + seconds * SECOND
    expect(Date.parse(reply.json().expires_at) === session.expiresAt, 'another end than asked for')
  })

const replace = (n: number, side: 0 | 1, newPerson: number, short: boolean) =>
  onSession(
    `side ${side} is person ${newPerson} now${short ? ', short rest' : ''}`,
    n,
    async (session, oracle, real) => {
      const now = real.clock.time
      const person = PEOPLE[newPerson] as string
      const participants = side === 0 ? [{ number: `+${person}` }, {}] : [{}, { number: `+${person}` }]
      const reply = await ask(real, 'PATCH', `/v1/sessions/${session.id}`, {
        participants,
        allow_short_rest: short,
      })
      if (!isRemembered(endOf(session), now)) return expect(reply.statusCode === 404, 'not forgotten')
      if (endOf(session) <= now)
        return expect(reply.json().code === 'session_ended', 'an ended session changed')
      if (session.people[1 - side] === person)
        return expect(reply.json().code === 'equal_participants', 'both the same')
      if (session.people[side] === person)
        return expect(reply.statusCode === 200, 'a replacement by oneself failed')
      const mask = session.masks[side]
      const before = lastLeg(oracle, person, mask, now)
      const isOwn = before && otherOf(before) === session.people[1 - side]
      const isOpen = isFixed(person, mask) || (before !== undefined && endOfLeg(before) > now)
      const isResting = before !== undefined && endOfLeg(before) + REST_MS > now && !isOwn && !short
      if (isOpen || isResting) return expect(reply.json().code === 'number_taken', `not taken: ${reply.body}`)
      expect(reply.statusCode === 200, `not replaced: ${reply.body}`)
      const old = oracle.legs.findLast((leg) => leg.session === session && leg.side === side) as OracleLeg
      old.endedAt = now
      old.reached = otherOf(old)
      session.people[side] = person
      oracle.legs.push({ session, side, person, mask })
    },
  )

/** All sessions of a name that are not forgotten, the newest first. */
function listNamed(name: 'a' | 'b'): Command {
  return {
    check: () => true,
    toString: () => `list those named ${name}`,
    async run(oracle, real) {
      real.counts.commands += 1
      const reply = await ask(real, 'GET', `/v1/sessions?external_id=${name}`)
      expect(reply.statusCode === 200, `not listed: ${reply.body}`)
      const seen: { id: string; created_at: string }[] = reply.json().sessions
      const ids = oracle.sessions
        .filter((session) => session.name === name && isRemembered(endOf(session), real.clock.time))
        .map(({ id }) => id)
      const times = seen.map(({ created_at }) => created_at)
      const isOrdered = `${times}` === `${times.toSorted().toReversed()}`
      expect(isOrdered, 'not the newest first')
      const listed = seen.map(({ id }) => id).sort()
      expect(`${listed}` === `${ids.sort()}`, `those named ${name} are ${listed} instead of ${ids}`)
    },
  }
}

function setState(n: number, state: 'active' | 'draining'): Command {
  const mask = POOL[n] as string
  return {
    check: () => true,
    toString: () => `${mask} is ${state}`,
    async run(oracle, real) {
      real.counts.commands += 1
      const reply = await ask(real, 'PUT', `/v1/numbers/${mask}`, { state })
      expect(reply.statusCode === 200, `the state was not set: ${reply.body}`)
      if (state === 'draining') oracle.draining.add(mask)
      else oracle.draining.delete(mask)
    },
  }
}

function wait(seconds: number): Command {
  return {
    check: () => true,
    toString: () => `wait ${seconds} s`,
    async run(_oracle, real) {
      real.counts.commands += 1
      real.clock.time += seconds * SECOND
      real.clock.tick()
    },
  }
}

/** Somebody calls a number, over HTTP. */
function call(who: number, dialled: number): Command {
  const [person, mask] = [PEOPLE[who] as string, DIALLED[dialled] as string]
  return {
    check: () => true,
    toString: () => `${person} calls ${mask}`,
    async run(oracle, { app, clock, counts }) {
      counts.commands += 1
      const { body, statusCode } = await app.inject(webhook({ From: person, To: mask }))
      const [, shown = '', reached = ''] = /callerId="\+?(\d+)".*<Number>\+?(\d+)<\/Number>/.exec(body) ?? []
      expect(statusCode === 200, 'a call was not answered')
      const seen = reached
        ? `${reached} sees ${shown}`
        : body.includes('no longer active')
          ? 'farewell'
          : 'refusal'
      judge({ oracle, counts, person, mask, now: clock.time }, seen)
    },
  }
}

/** Everybody calls every number, without the detour over HTTP. */
function callAll(): Command {
  return {
    check: () => true,
    toString: () => 'everybody calls every number',
    async run(oracle, { app, clock, counts }) {
      counts.commands += 1
      for (const person of PEOPLE) {
        for (const mask of DIALLED) {
          const outcome = await resolveCall(app.legs, { from: person, to: mask })
          judge({ oracle, counts, person, mask, now: clock.time }, seenIn(outcome))
        }
      }
    },
  }
}

function seenIn(outcome: Outcome): string {
  if (outcome.kind === 'refuse') return outcome.reason === 'session-ended' ? 'farewell' : 'refusal'
  const { destination, callerIdShown } = outcome.leg
  return `${destination} sees ${callerIdShown}`.replaceAll('+', '')
}

interface Judged {
  readonly oracle: Oracle
  readonly counts: Counts
  readonly person: string
  readonly mask: string
  readonly now: number
}

function judge({ oracle, counts, person, mask, now }: Judged, seen: string): void {
  counts.calls += 1
  if (seen === 'farewell') counts.farewells += 1
  else if (seen !== 'refusal') counts.bridged += 1
  const expected = expectedCall(oracle, person, mask, now)
  expect(seen === expected, `${person} dialled ${mask}: ${seen} instead of ${expected}`)
}

function expectedCall(oracle: Oracle, person: string, mask: string, now: number): string {
  if (person === PAIR.FE && mask === PAIR.M1) return `${PAIR.CUSTOMER} sees ${PAIR.M2}`
  if (person === PAIR.CUSTOMER && mask === PAIR.M2) return `${PAIR.FE} sees ${PAIR.M1}`
  const leg = lastLeg(oracle, person, mask, now)
  if (!leg || leg.endedAt !== undefined) return 'refusal'
  const { session, side } = leg
  if (now < endOf(session)) return `${otherOf(leg)} sees ${session.masks[1 - side]}`
  return now < endOf(session) + REST_MS ? 'farewell' : 'refusal'
}

const person = fc.nat(PEOPLE.length - 1)
const side = fc.constantFrom(0 as const, 1 as const)
const seconds = fc.constantFrom(60, 3_600, 86_400, 864_000)
const which = fc.nat(30)

const commands = [
  fc
    .record<Wish>({
      people: fc.tuple(person, person),
      seconds,
      name: fc.constantFrom(undefined, undefined, undefined, 'a', 'b'),
      key: fc.constantFrom(undefined, undefined, undefined, 'a', 'b'),
      short: fc.boolean(),
    })
    .map(create),
  fc.constantFrom('a' as const, 'b' as const).map(listNamed),
  which.map(close),
  fc.tuple(which, seconds).map(([n, s]) => reschedule(n, s)),
  fc.tuple(which, side, person, fc.boolean()).map(([n, s, p, short]) => replace(n, s, p, short)),
  fc
    .tuple(fc.nat(POOL.length - 1), fc.constantFrom('active' as const, 'draining' as const))
    .map(([n, s]) => setState(n, s)),
  fc.constantFrom(1, 59, 60, 3_600, 86_400, REST_SECONDS, 604_800).map(wait),
  fc.tuple(person, fc.nat(DIALLED.length - 1)).map(([who, dialled]) => call(who, dialled)),
  fc.constant(null).map(callAll),
]

/** How many commands a history has at most, and how many histories are tried. */
export interface ModelSize {
  readonly maxCommands: number
  readonly histories: number
}

export function nothingYet(): Counts {
  return { commands: 0, created: 0, exhausted: 0, calls: 0, bridged: 0, farewells: 0 }
}

/** Tries random histories, and adds to the counts what happened. Rejects with the shortest one that goes wrong. */
export async function tryHistories(
  makeApp: (clock: TestClock) => Promise<FastifyInstance>,
  { maxCommands, histories }: ModelSize,
  counts: Counts,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.commands(commands, { maxCommands, size: 'max' }), async (history) => {
      const clock = testClock()
      const app = await makeApp(clock)
      const setup = () => ({
        model: { sessions: [], legs: [], draining: new Set<string>() } satisfies Oracle,
        real: { app, clock, counts },
      })
      // Also after a failure: what stays open would keep the process alive.
      await fc.asyncModelRun(setup, history).finally(() => app.close())
    }),
    { numRuns: histories },
  )
}
