import type { Outcome } from '../masking/resolver.js'
import { createGenerations } from '../stores/generations.js'
import { NONCE_RETRY_MS, type NonceUse } from './nonces.js'

/** Holds a request that comes again to what it got the first time. */
export interface Retries {
  /** The outcome of a request, or a refusal where a new leg is on its masking number since it first came. */
  settle(nonce: string, use: NonceUse, outcome: Outcome<string>): Outcome<string>
}

/** How many outcomes are remembered at most. */
export const OUTCOME_CAPACITY = 50_000
const REFUSED = ''

/**
 * Retries of what this instance answered are held to the very leg. Of what another instance answered, or nobody, it is the
 * time that tells: a leg that is older than the first request is what that got or would have got. So nothing has to be
 * written once a call is decided, and a retry also connects where the first instance died of it.
 *
 * @param now the clock, in milliseconds
 */
export function createRetries({ now }: { readonly now: () => number }): Retries {
  const legs = createGenerations<string>({ now, lifeMs: NONCE_RETRY_MS, capacity: OUTCOME_CAPACITY })

  return {
    settle(nonce, use, outcome) {
      const leg = legOf(outcome)
      if (use.kind === 'new') legs.set(nonce, leg)
      if (use.kind === 'new' || outcome.kind === 'refuse') return outcome
      const first = legs.get(nonce)
      const isSame = first === undefined ? isOlder(outcome.leg.since, use.at) : first === leg
      return isSame ? outcome : { kind: 'refuse', reason: 'outdated-retry', dialled: outcome.dialled }
    },
  }
}

/** Whom a request reached, and in which session. It stays in this process's memory, where sessions are too. */
function legOf(outcome: Outcome<string>): string {
  if (outcome.kind === 'refuse') return REFUSED
  const { sessionId = '', destination } = outcome.leg
  return `${sessionId} ${destination}`
}

/** The static pair has always been there. */
function isOlder(since: number | undefined, at: number): boolean {
  return since === undefined || since < at
}
