import type { CountryCode } from 'libphonenumber-js'
import { POOL } from './keys.js'
import { indexNumbers, type NumberIndex } from './number-index.js'
import type { ParticipantRules } from './participant.js'
import { countryOf, isSameNumber, type PhoneNumber, splitNumber, wholeNumber } from './phone-number.js'
import {
  activeIn,
  createPool,
  numbersIn,
  type PoolChange,
  type PoolNumber,
  type PoolStep,
  writePool,
} from './pool.js'
import { type Kept, type Storage, StoreUnavailableError, type Unreadable } from './storage.js'

/**
 * The pool as one instance follows it. While the store is down, what was seen last goes on. Whatever asks the store rejects with
 * a `StoreUnavailableError` when that fails, or when the pool cannot be read.
 */
export interface LivePool {
  /** What was seen last; before the first time, the numbers of the configuration. */
  readonly seen: PoolCopy
  /** Looks at the store now. */
  look(): Promise<PoolCopy>
  /** The same for a call to a number that was not seen. Strangers cannot make it ask more often than once in `ASK_MS`. */
  ask(): Promise<PoolCopy>
  /** Whole numbers that may be given to new sessions, as they were at most `MAX_AGE_MS` ago. */
  active(): Promise<readonly string[]>
  change(step: PoolStep): Promise<PoolChange>
  /** To be called every second: looks at the store, and confirms what this instance changed and may still be lost. */
  upkeep(): Promise<void>
}

/** The pool at one moment. */
export interface PoolCopy {
  readonly numbers: readonly KnownNumber[]
  /** Whole numbers that may be given to new sessions. */
  readonly active: readonly string[]
  /** Those of all numbers, as `countryOf` tells them. */
  readonly countries: ReadonlySet<string>
  readonly find: NumberIndex
  /** @param whole without `+` */
  has(whole: string): boolean
}

export interface KnownNumber extends PoolNumber {
  readonly split: PhoneNumber
  readonly country: string
}

/** Numbers that only one of the two has: the configuration and the pool. */
export interface PoolDifference {
  readonly onlyConfigured: number
  readonly onlyInPool: number
}

export interface LivePoolOptions {
  readonly storage: Storage
  /** For those who cannot wait long. */
  readonly forCalls: Storage
  /** The clock, in milliseconds since 1970. */
  readonly now: () => number
  /** The numbers of the configuration. They fill an empty pool. */
  readonly configured: readonly PhoneNumber[]
  /** Told once, if the configuration has numbers, and others than the pool. */
  readonly onDifference: (difference: PoolDifference) => void
  readonly onUnreadable: (reason: Unreadable) => void
  /** Tells what became of the pool so far. */
  readonly tell?: () => Promise<void>
}

/** Milliseconds for which the answer to a number that was not seen stands for all such numbers. */
export const ASK_MS = 1_000
/** Milliseconds after which what was seen is too old for numbers to be given by it. */
export const MAX_AGE_MS = 5_000
/** How many changes that may still be lost an instance remembers: what they replaced may be large. */
export const MAX_REPLACED = 100

export function createLivePool(options: LivePoolOptions): LivePool {
  const { storage, forCalls, now, configured, onDifference, onUnreadable } = options
  const kept = createPool(storage, options.tell)
  const ofConfiguration = configured.map((number) => activeNumber(wholeNumber(number)))
  let seen = copyOf(ofConfiguration)
  let seenAt: number | undefined
  let seenVersion: string | undefined
  /** Looks are numbered, so that one that was overtaken does not bring back what was there before. */
  let [begun, taken] = [0, 0]
  let isCompared = false
  let looking: Promise<PoolCopy> | undefined
  let asked: { readonly at: number; readonly answer: Promise<PoolCopy> } | undefined
  /** What changes of ours replaced that may still be lost. Where it stands again, they were. */
  const replaced = new Set<string>()

  return {
    get seen() {
      return seen
    },
    look,
    ask() {
      if (asked && isWithin(asked.at, ASK_MS)) return asked.answer
      asked = { at: now(), answer: read(forCalls).then(() => seen) }
      return asked.answer
    },
    async active() {
      const isFresh = seenAt !== undefined && isWithin(seenAt, MAX_AGE_MS)
      return (isFresh ? seen : await look()).active
    },
    async change(step) {
      // An empty pool is filled before it is changed, and what was lost comes back.
      if (!isCompared || replaced.size > 0) await look()
      const change = await kept.change(step)
      begun += 1
      take(change.after, { at: now(), turn: begun, version: undefined })
      if (change.durable) replaced.clear()
      else remember(change)
      return change
    },
    async upkeep() {
      await look()
      const { size } = replaced
      if (size > 0 && (await storage.confirm([POOL])) && replaced.size === size) replaced.clear()
    },
  }

  function look(): Promise<PoolCopy> {
    looking ??= lookNow().finally(() => {
      looking = undefined
    })
    return looking
  }

  async function lookNow(): Promise<PoolCopy> {
    const found = await read(storage)
    const missing = whatIsMissing(found)
    // Whoever was faster has filled it too: then that is there to be seen.
    if (missing && !(await writePool(storage, found, missing))) await read(storage)
    else if (missing) {
      begun += 1
      take(missing, { at: now(), turn: begun, version: undefined })
    }
    compareOnce()
    return seen
  }

  /**
   * What belongs into a pool that is empty at the start, and into one that was lost with a server, or changes of it: that one
   * comes back as it was seen last.
   */
  function whatIsMissing(found: Kept | undefined): readonly PoolNumber[] | undefined {
    if (isLost(found)) {
      const numbers = seen.numbers.map(({ split: _split, country: _country, ...number }) => number)
      return found || numbers.length > 0 ? numbers : undefined
    }
    const isToFill = !isCompared && ofConfiguration.length > 0 && numbersIn(found).length === 0
    return isToFill ? ofConfiguration : undefined
  }

  function isLost(found: Kept | undefined): boolean {
    return !found || replaced.has(found.version)
  }

  function remember({ replaced: version }: PoolChange): void {
    if (version === undefined) return
    const [oldest] = replaced
    if (oldest !== undefined && replaced.size >= MAX_REPLACED) replaced.delete(oldest)
    replaced.add(version)
  }

  /** Takes over what a storage has, if it has anything. */
  async function read(from: Storage): Promise<Kept | undefined> {
    begun += 1
    const [turn, at] = [begun, now()]
    const [found] = await from.read([POOL])
    if (found?.unreadable) {
      onUnreadable(found.unreadable)
      throw new StoreUnavailableError()
    }
    if (found && !isLost(found)) take(numbersIn(found), { at, turn, version: found.version })
    return found
  }

  function take(numbers: readonly PoolNumber[], look: Look): void {
    if (look.turn < taken) return
    taken = look.turn
    seenAt = look.at
    if (look.version !== undefined && look.version === seenVersion) return
    seenVersion = look.version
    seen = copyOf(numbers, seen)
  }

  function compareOnce(): void {
    if (isCompared) return
    isCompared = true
    const onlyConfigured = configured.filter((number) => !seen.has(wholeNumber(number))).length
    const onlyInPool = seen.numbers.filter(
      ({ split }) => !configured.some((number) => isSameNumber(number, split)),
    ).length
    if (configured.length > 0 && onlyConfigured + onlyInPool > 0) onDifference({ onlyConfigured, onlyInPool })
  }

  /** A clock that was set back counts as one that went on for long. */
  function isWithin(since: number, ms: number): boolean {
    const age = now() - since
    return age >= 0 && age < ms
  }
}

/** One look at the store. */
interface Look {
  readonly at: number
  readonly turn: number
  /** Undefined where we wrote it ourselves. */
  readonly version: string | undefined
}

function activeNumber(number: string): PoolNumber {
  return { number, state: 'active' }
}

/** @param before what is known of its numbers need not be found out again */
function copyOf(numbers: readonly PoolNumber[], before?: PoolCopy): PoolCopy {
  const known = new Map(before?.numbers.map((number) => [number.number, number]))
  const all = numbers.map((number): KnownNumber => {
    const { split = splitNumber(number.number), country = countryOf(split) } = known.get(number.number) ?? {}
    return { ...number, split, country }
  })
  const wholes = new Set(all.map(({ number }) => number))
  return {
    numbers: all,
    active: activeIn(numbers),
    countries: new Set(all.map(({ country }) => country)),
    find: indexNumbers(all.map(({ split }) => split)),
    has: (whole) => wholes.has(whole),
  }
}

export interface LiveRulesOptions {
  readonly pool: Pick<LivePool, 'seen'>
  readonly country: CountryCode
  /** The countries that the configuration lists, if it does. */
  readonly listed: ReadonlySet<string> | undefined
  /** Masking numbers besides those of the pool. */
  readonly others: readonly PhoneNumber[]
}

/** Who can be a participant, by the pool as it was seen last: other countries the carrier does not connect. */
export function liveRules({ pool, country, listed, others }: LiveRulesOptions): ParticipantRules {
  const besides = new Set(others.map(wholeNumber))
  return {
    country,
    get allowedCountries() {
      const { countries } = pool.seen
      return listed ?? (countries.size > 0 ? countries : undefined)
    },
    isMasking: (whole) => besides.has(whole) || pool.seen.has(whole),
  }
}
