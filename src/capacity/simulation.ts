import { emitWarning } from 'node:process'
import { setImmediate as turn } from 'node:timers/promises'
import { HASHED_KINDS } from '../masking/keys.js'
import { type PhoneNumber, wholeNumber } from '../masking/phone-number.js'
import { createSessions } from '../masking/sessions.js'
import { createMemoryTexts } from '../stores/memory-texts.js'
import { createMemoryScript, createStorage } from '../stores/storage.js'
import { type Arrival, arrivalsOf, type Load, mostWithin } from './load.js'
import { smallestEnough } from './search.js'

/** What a simulation showed. */
export interface Simulated {
  /** How many sessions were asked for. */
  readonly sessions: number
  /** With how many numbers nobody is refused, and with one less somebody is: the most that one person holds at once, open or at rest. */
  readonly smallestPool: number
  /** What the busiest people want: the most that any one person did. */
  readonly busiest: Busiest
}

export interface Busiest {
  readonly openAtOnce: number
  /** Within 24 hours, whenever these begin. */
  readonly sessionsPerDay: number
}

/** What a pool refused. */
export interface Refused {
  readonly sessions: number
  /** How many different people that were. */
  readonly people: number
}

const SECOND = 1_000
const DAY = 24 * 60 * 60 * SECOND
/** Any moment. */
const BEGIN = Date.UTC(2000, 0, 1)
/** How many sessions are opened between two upkeeps. */
const UPKEEP_EVERY = 500

/** Searches for the smallest pool that refuses nobody, by opening the same sessions with pools of several sizes. */
export async function simulate(load: Load): Promise<Simulated> {
  const arrivals = arrivalsOf(load)
  const { sessionLength, rest } = load
  const isEnough = async (numbers: number) =>
    (await play(numbers, load, arrivals, 'to the first refusal')).sessions === 0
  // The search begins where the answer is likely. What is true is what the rules say.
  const guess = mostWithin(arrivals, (sessionLength + rest) * SECOND)
  return {
    sessions: arrivals.length,
    smallestPool: await smallestEnough(isEnough, guess),
    busiest: {
      openAtOnce: mostWithin(arrivals, sessionLength * SECOND),
      sessionsPerDay: mostWithin(arrivals, DAY),
    },
  }
}

/** What a pool of so many numbers would refuse. */
export function refusedWith(numbers: number, load: Load): Promise<Refused> {
  return play(numbers, load, arrivalsOf(load), 'to the end')
}

/** Opens the sessions by the same rules as the service does, in the memory of this process and in time that is made up. */
async function play(
  numbers: number,
  { sessionLength, rest }: Load,
  arrivals: readonly Arrival[],
  howFar: 'to the end' | 'to the first refusal',
): Promise<Refused> {
  let time = BEGIN
  const storage = createStorage(
    createMemoryTexts(() => time),
    createMemoryScript(HASHED_KINDS),
  )
  const pool = Array.from({ length: numbers }, (_, i) => wholeNumber(madeUp('masking', i)))
  const sessions = createSessions({
    storage,
    activeNumbers: async () => pool,
    restMs: rest * SECOND,
    retentionMs: 0,
    fixed: [],
    onUnreadable: emitWarning,
  })
  const refused: number[] = []
  for (const [i, { at, person }] of arrivals.entries()) {
    time = BEGIN + at
    const { kind } = await sessions.create({
      participants: [madeUp('person', person), madeUp('other', i)],
      createdAt: time,
      expiresAt: time + sessionLength * SECOND,
      fingerprint: '',
      allowShortRest: false,
    })
    if (kind === 'exhausted') refused.push(person)
    if (howFar === 'to the first refusal' && refused.length > 0) break
    if (i % UPKEEP_EVERY > 0) continue
    await sessions.upkeep()
    // Whoever waits may give up.
    await turn()
  }
  return { sessions: refused.length, people: new Set(refused).size }
}

const FIRST_DIGIT = { masking: 1, person: 2, other: 3 } as const

/** Numbers under a country code that nobody has. */
function madeUp(whose: keyof typeof FIRST_DIGIT, i: number): PhoneNumber {
  const national = FIRST_DIGIT[whose] + String(i).padStart(8, '0')
  return { countryCode: '999', national, dialable: `+999${national}` }
}
