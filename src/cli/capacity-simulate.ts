import {
  daysToShow,
  expectedHeld,
  expectedSessions,
  type Load,
  MAX_SIMULATED_HELD,
  MAX_SIMULATED_SESSIONS,
} from '../capacity/load.js'
import { type Refused, refusedWith, type Simulated, simulate } from '../capacity/simulation.js'
import { counted, timeOf } from '../capacity/words.js'
import { MAX_POOL_NUMBERS } from '../masking/pool.js'
import { readTime } from './capacity.js'
import { EXIT, type ExitCode, type Io, say, sayJson, UsageError, waitFor } from './io.js'
import { table } from './layout.js'

export interface SimulateOptions {
  readonly people: number
  readonly sessionsPerDay: number
  readonly rest: string
  readonly sessionLength: string
  readonly days?: number
  /** Also say what a pool of so many would refuse. */
  readonly numbers?: number
  readonly seed: number
  readonly json?: boolean
}

/** What a pool of some size refused. */
interface Tried extends Refused {
  readonly numbers: number
}

/** A seed is a whole number of 32 bits. */
const MAX_SEED = 2 ** 32 - 1

/** Opens made-up sessions by the rules of the service, in this process alone, and says how many numbers they need. */
export async function simulateCapacity(io: Io, options: SimulateOptions): Promise<ExitCode> {
  const load = readLoad(options)
  const { simulated, tried } = await waitFor(io, 'simulating', run(load, options.numbers))
  if (options.json) sayJson(io, viewOf(load, simulated, tried))
  else say(io, ...sentences(load, simulated, tried, options.numbers), '', ...tableOf(tried))
  return EXIT.ok
}

async function run(
  load: Load,
  numbers: number | undefined,
): Promise<{ simulated: Simulated; tried: readonly Tried[] }> {
  const simulated = await simulate(load)
  const { smallestPool } = simulated
  const sizes = new Set([smallestPool - 1, smallestPool, ...(numbers === undefined ? [] : [numbers])])
  const tried: Tried[] = []
  for (const numbers of [...sizes].sort((one, other) => one - other)) {
    tried.push({ numbers, ...(await refusedWith(numbers, load)) })
  }
  return { simulated, tried }
}

function readLoad(options: SimulateOptions): Load {
  const { people, sessionsPerDay, numbers = 0, seed } = options
  const rest = readTime('--rest', options.rest)
  const sessionLength = readTime('--session-length', options.sessionLength)
  const days = options.days ?? daysToShow({ sessionLength, rest })
  for (const [option, count] of Object.entries({
    '--people': people,
    '--sessions-per-day': sessionsPerDay,
    '--session-length': sessionLength,
    '--days': days,
  })) {
    if (count < 1) throw new UsageError(`${option} is not valid: it must be more than 0`)
  }
  if (numbers > MAX_POOL_NUMBERS) throw new UsageError(`--numbers is not valid: at most ${MAX_POOL_NUMBERS}`)
  if (seed > MAX_SEED) throw new UsageError(`--seed is not valid: at most ${MAX_SEED}`)
  const load = { people, sessionsPerDay, sessionLength, rest, days, seed }
  const [sessions, held] = [expectedSessions(load), expectedHeld(load)]
  if (sessions > MAX_SIMULATED_SESSIONS) {
    throw new UsageError(
      `that is ${sessions} sessions in ${days} days, and a simulation has at most ${MAX_SIMULATED_SESSIONS}: take fewer people, of whom a sample does, or fewer --days`,
    )
  }
  if (held > MAX_SIMULATED_HELD) {
    throw new UsageError(
      `each person would hold ${Math.ceil(held)} numbers on average, and a simulation has at most ${MAX_SIMULATED_HELD}: let sessions or rests be shorter, or fewer a day`,
    )
  }
  return load
}

function sentences(
  { people, sessionsPerDay, sessionLength, rest, days, seed }: Load,
  { sessions, smallestPool, busiest }: Simulated,
  tried: readonly Tried[],
  numbers: number | undefined,
): string[] {
  const given = tried.find((other) => other.numbers === numbers)
  return [
    `${counted(people, 'person', 'people')} with ${counted(sessionsPerDay, 'session')} a day each, ${timeOf(sessionLength)} long, and a rest of ${timeOf(rest)}: ${counted(sessions, 'session')} in ${counted(days, 'day')} (seed ${seed}).`,
    `The smallest pool that refuses nobody has ${counted(smallestPool, 'number')}: so many the busiest person holds at once, open or at rest.`,
    `The most that one person had were ${counted(busiest.openAtOnce, 'session')} open at once, and ${busiest.sessionsPerDay} within 24 hours.`,
    ...(given
      ? [
          `A pool of ${given.numbers} refuses ${counted(given.sessions, 'session')}, of ${counted(given.people, 'person', 'people')}.`,
        ]
      : []),
  ]
}

function tableOf(tried: readonly Tried[]): string[] {
  const rows = tried.map(({ numbers, sessions, people }) => [numbers, sessions, people].map(String))
  return table(['NUMBERS', 'REFUSED SESSIONS', 'OF PEOPLE'], rows)
}

function viewOf(
  { people, sessionsPerDay, sessionLength, rest, days, seed }: Load,
  { sessions, smallestPool, busiest }: Simulated,
  tried: readonly Tried[],
) {
  return {
    people,
    sessions_per_day: sessionsPerDay,
    session_length: sessionLength,
    rest,
    days,
    seed,
    sessions,
    smallest_pool: smallestPool,
    busiest: {
      held: smallestPool,
      open_at_once: busiest.openAtOnce,
      sessions_per_day: busiest.sessionsPerDay,
    },
    pools: tried.map((pool) => ({
      numbers: pool.numbers,
      refused_sessions: pool.sessions,
      refused_people: pool.people,
    })),
  }
}
