/** Sessions that are made up. Times are whole seconds. */
export interface Load {
  /** How many people there are on the busy side: drivers, agents. Each session has somebody new on the other side. */
  readonly people: number
  /** How many sessions each of them has a day, on average. They come by chance, at any hour. */
  readonly sessionsPerDay: number
  /** How long each session lasts. */
  readonly sessionLength: number
  /** For how long a number rests for a person. */
  readonly rest: number
  readonly days: number
  /** The same seed makes the same sessions. */
  readonly seed: number
}

/** A session that begins. */
export interface Arrival {
  /** Milliseconds since the beginning. */
  readonly at: number
  /** Who it is, as a count from 0. */
  readonly person: number
}

/** How many sessions a simulation may have, as `expectedSessions` counts them. */
export const MAX_SIMULATED_SESSIONS = 20_000
/** How many numbers each person may hold in it, as `expectedHeld` counts them. */
export const MAX_SIMULATED_HELD = 200
const DAY_SECONDS = 24 * 60 * 60

export function expectedSessions({ people, sessionsPerDay, days }: Load): number {
  return people * sessionsPerDay * days
}

/** How many numbers each person holds, on average. */
export function expectedHeld({ sessionsPerDay, sessionLength, rest }: Load): number {
  return (sessionsPerDay * (sessionLength + rest)) / DAY_SECONDS
}

/** After how many whole days there is no more difference to any later day, and one day more. */
export function daysToShow({ sessionLength, rest }: Pick<Load, 'sessionLength' | 'rest'>): number {
  return Math.ceil((sessionLength + rest) / DAY_SECONDS) + 1
}

/** All sessions in the order of time: of each person as many as chance has it. */
export function arrivalsOf({ people, sessionsPerDay, days, seed }: Load): Arrival[] {
  const random = createRandom(seed)
  const day = DAY_SECONDS * 1_000
  const arrivals: Arrival[] = []
  for (let person = 0; person < people; person += 1) {
    let at = 0
    for (;;) {
      at += (-Math.log(1 - random()) * day) / sessionsPerDay
      if (at >= days * day) break
      arrivals.push({ at: Math.floor(at), person })
    }
  }
  return arrivals.sort((one, other) => one.at - other.at)
}

/** The most sessions of one person that begin within any time of this length, in milliseconds. */
export function mostWithin(arrivals: readonly Arrival[], ms: number): number {
  const recent = new Map<number, number[]>()
  let most = 0
  for (const { at, person } of arrivals) {
    const times = (recent.get(person) ?? []).filter((time) => at < time + ms)
    times.push(at)
    recent.set(person, times)
    most = Math.max(most, times.length)
  }
  return most
}

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
