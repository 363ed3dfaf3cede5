import autocannon from 'autocannon'
import type { MeasuredProcess } from './measured-process.js'

const ROUNDS = 50
const REQUESTS_PER_ROUND = 2_000
/** Enough for the JIT compiler to be done with every server. */
const WARM_UP_REQUESTS = 40_000
const CONNECTIONS = 16
/** How often autocannon checks for the end of a round, in milliseconds. Its default, a second, outlasts most rounds. */
const TICK_MS = 20

/** One of the servers that are compared, and what it is asked. */
export interface Contender {
  readonly server: MeasuredProcess
  readonly path: string
  readonly load: Load
  /** Whether something happened since it was last asked that makes a round invalid. */
  readonly wasSpoilt?: () => boolean
}

export type Load = Pick<autocannon.Options, 'headers' | 'body' | 'requests'>

export interface Round {
  readonly cpuPerRequest: number
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
}

export interface Result {
  readonly best: Round
  readonly median: Round
}

/**
 * Measures servers side by side, prints what each can do, and stops them. Rounds alternate, and each one's best round
 * counts, because whatever else the machine does can only make a round worse.
 */
export async function compare<Name extends string>(
  contenders: Record<Name, Contender>,
): Promise<Record<Name, Result>> {
  const sides = Object.entries<Contender>(contenders).map(([name, contender]) => {
    return { name, contender, rounds: [] as Round[] }
  })
  for (const { contender } of sides) await measure(contender, WARM_UP_REQUESTS)
  for (let i = 0; i < ROUNDS; i++) {
    for (const { contender, rounds } of sides) {
      contender.wasSpoilt?.()
      const round = await measure(contender, REQUESTS_PER_ROUND)
      if (!contender.wasSpoilt?.()) rounds.push(round)
    }
  }
  await Promise.all(sides.map(({ contender }) => contender.server.stop()))
  for (const { name, rounds } of sides) {
    if (rounds.length < ROUNDS)
      console.log(`${name}: ${ROUNDS - rounds.length} of ${ROUNDS} rounds were spoilt`)
    if (rounds.length === 0) throw new Error('no round counts')
  }
  const results = sides.map(({ name, rounds }) => [name, resultOf(rounds)] as const)
  for (const [name, { best }] of results) print(name, best)
  return Object.fromEntries(results) as Record<Name, Result>
}

/** How much more CPU time the one takes for a request than the other. */
export function cpuRatio(one: Result, other: Result): string {
  const ratio = (key: keyof Result) => (one[key].cpuPerRequest / other[key].cpuPerRequest).toFixed(2)
  return `${ratio('best')} by CPU time, best rounds (medians ${ratio('median')})`
}

/** One round: so many requests, over so many connections. */
export async function measure(
  { server, path, load }: Contender,
  requests: number,
  connections = CONNECTIONS,
): Promise<Round> {
  const before = await server.cpuMicros()
  const result = await autocannon({
    ...load,
    url: server.url + path,
    method: 'POST',
    connections,
    amount: requests,
    sampleInt: TICK_MS,
  })
  const used = (await server.cpuMicros()) - before
  const answered = result['2xx']
  if (result.errors > 0 || result.non2xx > 0) throw new Error('a request failed, so the round counts nothing')
  return {
    cpuPerRequest: used / answered,
    perSecond: answered / result.duration,
    p50: result.latency.p50,
    p99: result.latency.p99,
  }
}

function resultOf(rounds: readonly Round[]): Result {
  const ordered = rounds.toSorted((a, b) => a.cpuPerRequest - b.cpuPerRequest)
  return { best: ordered[0] as Round, median: ordered[ordered.length >> 1] as Round }
}

function print(name: string, { cpuPerRequest, perSecond, p50, p99 }: Round): void {
  const columns = [
    name.padEnd(9),
    `${cpuPerRequest.toFixed(1)} µs CPU per request`.padStart(28),
    `${perSecond.toFixed(0)} requests/s`.padStart(20),
    `p50 ${p50} ms, p99 ${p99} ms`.padStart(24),
  ]
  console.log(columns.join(''))
}
