/** Values that are remembered for a time, and bounded in number. */
export interface Generations<Value> {
  get(key: string): Value | undefined
  set(key: string, value: Value): void
}

export interface GenerationsOptions {
  /** The clock, in milliseconds. */
  readonly now: () => number
  /** Milliseconds for which a value is remembered at least, unless there are too many; twice as long at most. */
  readonly lifeMs: number
  /** How many are remembered at most. At least the last half of them are. */
  readonly capacity: number
}

/**
 * Two generations, of which the older one is forgotten as a whole: taking single entries out of the front of a large `Map`
 * costs more with each one.
 */
export function createGenerations<Value>({ now, lifeMs, capacity }: GenerationsOptions): Generations<Value> {
  let young = new Map<string, Value>()
  let old = new Map<string, Value>()
  let bornAt = now()

  function turn(): void {
    const age = now() - bornAt
    if (age < lifeMs && young.size < capacity / 2) return
    const isNext = age < 2 * lifeMs
    old = isNext ? young : new Map()
    young = new Map()
    // Also where nobody asked when its time was up.
    bornAt = isNext && age >= lifeMs ? bornAt + lifeMs : now()
  }

  return {
    get(key) {
      turn()
      return young.get(key) ?? old.get(key)
    },
    set(key, value) {
      turn()
      young.set(key, value)
    },
  }
}
