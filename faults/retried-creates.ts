/** Part four: replies get lost, so creates are repeated. None may open two sessions or leave a number taken. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Session } from '../src/masking/session.js'
import type { CreateOutcome, SessionStore } from '../src/masking/session-store.js'
import { ABANDONED_MS } from '../src/stores/redis/redis-sessions.js'
import { freePorts } from '../test/ports.js'
import { pick } from './people.js'
import { startRedis } from './processes.js'
import { createReport, type Report } from './report.js'
import { openStore, phoneNumber, UNAVAILABLE, unlessUnavailable, untilAnswered } from './store.js'
import { startProxy } from './tcp-proxy.js'

export const RETRIED_CREATES_SECONDS = 120

const NOT_ONE = 'keys that have not exactly one session'
const ANOTHER = 'repeated creates that got another session'
const REFUSED = 'creates that were refused'
const STAYS_TAKEN = 'numbers that a person cannot get though all is closed'
const STAYS_OPEN = 'legs that the usage still counts at the end'

const STORES = 4
const REPLY_LOSS = 0.04
const POOL = Array.from({ length: 24 }, (_, i) => String(919_000_000_201 + i))
const BUSY = Array.from({ length: 20 }, (_, i) => String(919_810_000_000 + i))
const OTHERS = Array.from({ length: 10 }, (_, i) => String(919_820_000_000 + i))
const HELPERS = POOL.map((_, i) => String(919_830_000_000 + i))
const ABANDONED_CREATES = 40
const REST_MS = 1_000
const LIFE_MS = 30 * 24 * 3_600_000
/** So many people that no helper needs more numbers than there are. */
const BATCH = 15

interface Wanted {
  readonly key: string
  readonly people: readonly [string, string]
}

export async function runRetriedCreates(): Promise<boolean> {
  const wanted = BUSY.flatMap((busy) =>
    OTHERS.map((other) => ({ key: `${busy}/${other}`, people: [busy, other] as const })),
  )
  const givenUp = Array.from({ length: ABANDONED_CREATES }, (_, i) => ({
    key: `given up ${i}`,
    people: [BUSY[i % BUSY.length], BUSY[(i + 1) % BUSY.length]] as [string, string],
  }))
  const report = createReport(`${wanted.length} creates whose replies get lost`)
  for (const what of [NOT_ONE, ANOTHER, REFUSED, STAYS_TAKEN, STAYS_OPEN]) report.demand(what)

  const [port = 0] = await freePorts(1)
  const redis = await startRedis(port)
  const proxy = await startProxy(port)
  let travelled = 0
  const now = () => Date.now() + travelled
  const stores = Array.from({ length: STORES }, () =>
    openStore({ port: proxy.port, pool: POOL, restMs: REST_MS, now }),
  )
  const [first] = stores.map(({ sessions }) => sessions) as [SessionStore]
  await untilAnswered(() => first.usage())

  const draftOf = ({ key, people }: Wanted) => ({
    participants: [phoneNumber(people[0]), phoneNumber(people[1])] as const,
    createdAt: now(),
    expiresAt: now() + LIFE_MS,
    metadata: { key },
    idempotencyKey: key,
    fingerprint: key,
    allowShortRest: false,
  })
  const ask = (want: Wanted) =>
    unlessUnavailable<CreateOutcome>(() => pick(stores).sessions.create(draftOf(want)))

  proxy.setReplyLoss(REPLY_LOSS)
  const told = new Map<string, string>()
  await Promise.all([
    ...wanted.map(async (want) => {
      for (let attempt = 1; ; attempt++) {
        await sleep(Math.random() * 500)
        const outcome = await ask(want)
        if (outcome === UNAVAILABLE) continue
        report.count(attempt === 1 ? 'creates answered at once' : 'creates answered after repetition')
        report.largest('most attempts of one create', attempt)
        if ('session' in outcome) told.set(want.key, outcome.session.id)
        else refused(report, outcome)
        return
      }
    }),
    ...givenUp.map(async (want) => {
      await sleep(Math.random() * 5_000)
      if ((await ask(want)) === UNAVAILABLE) report.count('creates given up without an answer')
    }),
  ])
  proxy.setReplyLoss(0)

  const sessions = await allOf(first)
  const of = (key: string) => sessions.filter(({ metadata }) => metadata?.key === key)
  for (const { key } of wanted) {
    const found = of(key)
    if (found.length !== 1) report.count(NOT_ONE)
    else if (found[0]?.id !== told.get(key)) report.count(ANOTHER)
  }
  for (const { key } of givenUp) if (of(key).length > 1) report.count(NOT_ONE)
  for (const want of wanted) {
    const again = await untilAnswered(() => first.create(draftOf(want)))
    if (!('session' in again) || again.session.id !== told.get(want.key)) report.count(ANOTHER)
  }

  for (const { id } of sessions) await untilAnswered(() => first.close(id))
  travelled += ABANDONED_MS + REST_MS
  report.count('legs left by creates that were given up', await openLegs(first))

  const people = [...BUSY, ...OTHERS]
  for (let from = 0; from < people.length; from += BATCH) {
    const batch = people.slice(from, from + BATCH)
    await Promise.all(batch.map((person) => takeAllNumbers(person)))
    for (const { id, closedAt } of await allOf(first))
      if (!closedAt) await untilAnswered(() => first.close(id))
    travelled += REST_MS
  }
  report.count(STAYS_OPEN, await openLegs(first))

  for (const store of stores) store.close()
  await Promise.all([redis.kill(), proxy.close()])
  return report.print()

  /** A person must be able to get every number of the pool. */
  async function takeAllNumbers(person: string): Promise<void> {
    for (const helper of HELPERS) {
      const key = `all/${person}/${helper}`
      const outcome = await untilAnswered(() => first.create(draftOf({ key, people: [person, helper] })))
      if ('session' in outcome) report.count('sessions opened to take all numbers')
      else {
        report.count(STAYS_TAKEN)
        report.note(JSON.stringify(outcome))
      }
    }
  }
}

function refused(report: Report, outcome: CreateOutcome): void {
  report.count(REFUSED)
  report.note(JSON.stringify(outcome))
}

async function openLegs(sessions: SessionStore): Promise<number> {
  const { numbers } = await untilAnswered(() => sessions.usage())
  return numbers.reduce((sum, { openLegs }) => sum + openLegs, 0)
}

async function allOf(store: SessionStore): Promise<Session[]> {
  const found: Session[] = []
  let cursor: string | undefined
  do {
    const page = await untilAnswered(() => store.list({ limit: 200, cursor }))
    found.push(...page.sessions)
    cursor = page.next
  } while (cursor !== undefined)
  return found
}
