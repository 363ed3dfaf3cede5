import type { CreateOutcome, SessionDraft } from '../src/masking/session-store.js'
import { DAY, HOUR, POOL, person, START, whole } from './session-store-contract.js'
import type { StoreOptions } from './store-under-test.js'

/** Options with a clock that stands still until it is moved. */
export function standing(more: Partial<StoreOptions> = {}) {
  const world = { time: START }
  const options: StoreOptions = { now: () => world.time, pool: POOL, restMs: HOUR, fixed: [], ...more }
  return Object.assign(world, { options })
}

/** A draft of a session of two people that lasts for a month. */
export function draft(first: number, second: number, more: Partial<SessionDraft> = {}): SessionDraft {
  return {
    participants: [person(first), person(second)],
    createdAt: START,
    expiresAt: START + 30 * DAY,
    fingerprint: `${first}-${second}`,
    allowShortRest: false,
    ...more,
  }
}

/** The session of an outcome that has one. */
export function sessionIn(outcome: CreateOutcome) {
  if (outcome.kind === 'created' || outcome.kind === 'existing') return outcome.session
  throw new Error(`no session: ${JSON.stringify(outcome)}`)
}

/** The change that replaces the second participant. */
export const replace = (n: number) => ({
  replace: { side: 1, number: whole(person(n)) } as const,
  allowShortRest: false,
})
