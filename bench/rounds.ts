import { setTimeout as sleep } from 'node:timers/promises'
import { atRate, type Load, type Loaded, SpoiltError, saturate } from './load.js'
import type { MeasuredProcess } from './measured-process.js'
import { type Spread, spreadOf } from './statistics.js'

/** One of the servers that are compared, and what it is asked. */
export interface Contender {
  readonly server: MeasuredProcess
  readonly path: string
  readonly load: Load
}

export interface Rounds {
  readonly rounds: number
  /** In each round, to each server. */
  readonly requests: number
  /** Before the first round, enough for the JIT compiler to be done with a server. */
  readonly warmUp: number
  readonly connections: number
}

/** `BENCH_ROUNDS` takes fewer, for a first look. */
export const ROUNDS: Rounds = {
  rounds: Number(process.env.BENCH_ROUNDS ?? 31),
  requests: 2_000,
  warmUp: 30_000,
  connections: 16,
}

/** What the rounds of one server gave. */
export interface Result {
  /** Microseconds of CPU time for a request. */
  readonly cpu: Spread
  readonly perSecond: Spread
  /** Milliseconds. */
  readonly p99: Spread
  /** The CPU time of the first server for a request, in the same rounds, divided by that of this one. */
  readonly share: Spread
}

interface Round extends Loaded {
  readonly cpu: number
}

/** Servers by name. One that this machine cannot have is undefined, and so is its result. */
type Contenders = Readonly<Record<string, Contender | undefined>>
type Results<Some extends Contenders> = {
  readonly [Name in keyof Some]: Some[Name] extends Contender ? Result : Result | undefined
}

/** Measures servers side by side: their rounds alternate, so that whatever else the machine does meets all of them alike. */
export function compare<Some extends Contenders>(contenders: Some, plan = ROUNDS): Promise<Results<Some>> {
  const { connections } = plan
  return alternate(contenders, plan, ({ server, path, load }, requests) =>
    saturate({ url: server.url, path, load, connections }, requests),
  )
}

/** The same at a rate that all of them can bear, in requests a second. */
export function compareAtRate<Some extends Contenders>(
  contenders: Some,
  perSecond: number,
  plan: Rounds,
): Promise<Results<Some>> {
  const { connections } = plan
  return alternate(contenders, plan, ({ server, path, load }, requests) =>
    atRate({ url: server.url, path, load, connections }, perSecond, requests),
  )
}

async function alternate<Some extends Contenders>(
  contenders: Some,
  { rounds, requests, warmUp }: Rounds,
  ask: (contender: Contender, requests: number) => Promise<Loaded>,
): Promise<Results<Some>> {
  const sides = Object.entries(contenders).flatMap(([name, contender]) => {
    return contender ? [[name, contender] as const] : []
  })
  const measured = sides.map((): Round[] => [])
  const spoilt: Spoilt = new Map()
  for (const [name, contender] of sides) await unspoilt(() => ask(contender, warmUp), name, spoilt)
  for (let i = 0; i < rounds; i++) {
    for (const [j, [name, contender]] of sides.entries()) {
      const round = await unspoilt(
        async () => {
          const before = contender.server.cpuMicros()
          const loaded = await ask(contender, requests)
          return { ...loaded, cpu: ((await cpuOnceIdle(contender.server)) - before) / requests }
        },
        name,
        spoilt,
      )
      measured[j]?.push(round)
    }
  }
  for (const [name, count] of spoilt) console.error(`${count} rounds of ${name} were spoilt, and made again`)
  const [first] = measured as [Round[]]
  const results = sides.map(([name], j) => [name, resultOf(measured[j] as Round[], first)])
  return Object.fromEntries(results) as Results<Some>
}

/** Milliseconds in which a server that has nothing left to do uses no more than so many microseconds of CPU time. */
const IDLE_MS = 40
const IDLE_MICROS = 4_000
const IDLE_LIMIT_MS = 10_000

/** The CPU time that a server has used once it is done with what it does behind its replies. */
async function cpuOnceIdle(server: MeasuredProcess): Promise<number> {
  let before = server.cpuMicros()
  for (let waited = 0; waited < IDLE_LIMIT_MS; waited += IDLE_MS) {
    await sleep(IDLE_MS)
    const now = server.cpuMicros()
    if (now - before <= IDLE_MICROS) return now
    before = now
  }
  throw new SpoiltError('a server did not come to rest')
}

/** How many rounds of each server were spoilt. */
type Spoilt = Map<string, number>

/** Of one server. */
const MAX_SPOILT = 20

/** Tries again what was spoilt, and counts that. */
async function unspoilt<Value>(attempt: () => Promise<Value>, name: string, spoilt: Spoilt): Promise<Value> {
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      const count = spoilt.get(name) ?? 0
      if (!(error instanceof SpoiltError) || count >= MAX_SPOILT) throw error
      spoilt.set(name, count + 1)
    }
  }
}

function resultOf(rounds: readonly Round[], first: readonly Round[]): Result {
  return {
    cpu: spreadOf(rounds.map(({ cpu }) => cpu)),
    perSecond: spreadOf(rounds.map(({ perSecond }) => perSecond)),
    p99: spreadOf(rounds.map(({ p99 }) => p99)),
    share: spreadOf(rounds.map(({ cpu }, i) => (first[i] as Round).cpu / cpu)),
  }
}
