import type { Held } from './allocation.js'
import type { PoolUsage } from './session-store.js'

export interface SurveyOptions {
  readonly pool: readonly string[]
  readonly draining: ReadonlySet<string>
  readonly now: number
  readonly restMs: number
}

/** Counts the use of a pool, person by person. */
export interface Survey {
  /** One person, and what they hold or is still at rest for them. */
  add(held: readonly Held[]): void
  result(): PoolUsage
}

export function createSurvey({ pool, draining, now, restMs }: SurveyOptions): Survey {
  const active = new Set(pool.filter((number) => !draining.has(number)))
  const openLegs = new Map(pool.map((number) => [number, 0]))
  let headRoom = active.size

  return {
    add(held) {
      const open = held.filter(({ endsAt }) => now < endsAt)
      for (const { number } of open) openLegs.set(number, (openLegs.get(number) ?? 0) + 1)
      const taken = held.filter(({ number, endsAt }) => active.has(number) && now < endsAt + restMs)
      if (open.length > 0) headRoom = Math.min(headRoom, active.size - taken.length)
    },
    result() {
      const numbers = [...openLegs].filter(([number]) => pool.includes(number))
      return {
        numbers: numbers.map(([number, legs]) => ({
          number,
          state: draining.has(number) ? 'draining' : 'active',
          openLegs: legs,
        })),
        headRoom,
      }
    },
  }
}
