import type { Side } from './session.js'

/** A number that a person holds, or held and is still remembered for. Times are milliseconds since 1970. */
export interface Held {
  readonly number: string
  /** The real number of the other side. */
  readonly counterpart: string
  /** When this leg is over, or was. */
  readonly endsAt: number
}

/** A number that may be given. */
export interface Candidate {
  readonly number: string
  /** Whether it is of the person's own country. */
  readonly isHome: boolean
}

/** What a person needs a number for. */
export interface Need {
  /** Where nothing else tells two numbers apart, the earlier one is taken. */
  readonly candidates: readonly Candidate[]
  readonly counterpart: string
  readonly now: number
  /** Milliseconds for which a number rests for this person once its leg is over. */
  readonly restMs: number
  readonly allowShortRest: boolean
}

export interface Given {
  readonly number: string
  /** Milliseconds since this person's last leg on the number ended, if it had another counterpart. */
  readonly restedFor?: number | undefined
  /** It still rests: only their PIN may connect them. */
  readonly pinOnly?: true | undefined
}

/** Why a person cannot be given a number. */
export interface Exhausted {
  /** How many numbers this person would need: all that they hold or that rest, and one more. */
  readonly numbersNeeded: number
  /** When the next number comes free for this person; absent when none ever will. */
  readonly nextFreeAt?: number
}

/**
 * Chooses a number for a person: the pair's own earlier one, else the one that this person has not used for longest,
 * of their own country first, never one in use or at rest. With `allowShortRest` the longest rested is better than none.
 */
export function chooseNumber(held: readonly Held[], need: Need): Given | Exhausted {
  const { candidates, counterpart, now, restMs, allowShortRest } = need
  const heldBy = new Map(held.map((leg) => [leg.number, leg]))
  const endOf = ({ number }: Candidate) => heldBy.get(number)?.endsAt ?? NEVER_USED

  const ended = candidates.filter((candidate) => endOf(candidate) <= now)
  const own = ended.filter(({ number }) => heldBy.get(number)?.counterpart === counterpart)
  const sticky = own.reduce(later(endOf), undefined)
  if (sticky) return { number: sticky.number }

  const rested = ended.filter((candidate) => endOf(candidate) + restMs <= now)
  const atHome = rested.filter(({ isHome }) => isHome)
  const free = (atHome.length > 0 ? atHome : rested).reduce(earlier(endOf), undefined)
  const chosen = free ?? (allowShortRest ? ended.reduce(earlier(endOf), undefined) : undefined)
  if (!chosen) return exhausted(held, need)
  const lastUse = endOf(chosen)
  return lastUse === NEVER_USED
    ? { number: chosen.number }
    : { number: chosen.number, restedFor: now - lastUse }
}

/** Takes one given number for a person, if it is neither in use nor at rest for them. */
export function takeNumber(
  held: readonly Held[],
  {
    number,
    counterpart,
    now,
    restMs,
    allowShortRest,
  }: Omit<Need, 'candidates'> & { readonly number: string },
): Given | { readonly freeAt: number } {
  const leg = held.find((other) => other.number === number)
  if (!leg) return { number }
  if (leg.endsAt > now) return { freeAt: leg.endsAt + restMs }
  if (leg.counterpart === counterpart) return { number }
  const restedFor = now - leg.endsAt
  return restedFor >= restMs || allowShortRest ? { number, restedFor } : { freeAt: leg.endsAt + restMs }
}

const NEVER_USED = Number.NEGATIVE_INFINITY

type Key = (candidate: Candidate) => number

function earlier(key: Key) {
  return (best: Candidate | undefined, next: Candidate) => (best && key(best) <= key(next) ? best : next)
}

function later(key: Key) {
  return (best: Candidate | undefined, next: Candidate) => (best && key(best) >= key(next) ? best : next)
}

function exhausted(held: readonly Held[], { candidates, now, restMs }: Need): Exhausted {
  const taken = held.filter(({ endsAt }) => endsAt + restMs > now)
  const numbers = new Set(candidates.map(({ number }) => number))
  const nextFreeAt = Math.min(
    ...taken.filter(({ number }) => numbers.has(number)).map((leg) => leg.endsAt + restMs),
  )
  return { numbersNeeded: taken.length + 1, ...(Number.isFinite(nextFreeAt) && { nextFreeAt }) }
}

/**
 * Candidates in an order that spreads people over the pool, those of a person's own country before others. The two sides of a
 * session begin half a pool apart: mostly they get different numbers, though each is given one without asking for the other's.
 *
 * @param spread any whole number that is even over sessions
 */
export function candidatesIn(
  numbers: readonly string[],
  { countryCode, spread, side }: { countryCode: string; spread: number; side: Side },
): Candidate[] {
  const candidates = numbers.map((number) => ({ number, isHome: number.startsWith(countryCode) }))
  const atHome = candidates.filter(({ isHome }) => isHome)
  const abroad = candidates.filter(({ isHome }) => !isHome)
  return [atHome, abroad].flatMap((some) => turned(some, spread + side * Math.floor(some.length / 2)))
}

function turned(candidates: readonly Candidate[], from: number): Candidate[] {
  const begin = from % Math.max(candidates.length, 1)
  return [...candidates.slice(begin), ...candidates.slice(0, begin)]
}
