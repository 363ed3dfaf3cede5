import type { Rate, Verdict } from './gcra.js'

/**
 * The fields of draft-ietf-httpapi-ratelimit-headers-10. The quota is the burst, its window the seconds in which a spent burst comes
 * back, so that both together are the rate.
 */
export function rateLimitFields(policy: string, { perSecond, burst }: Rate, verdict: Verdict) {
  return {
    'ratelimit-policy': `"${policy}";q=${burst};w=${Math.ceil(burst / perSecond)}`,
    ratelimit: `"${policy}";r=${verdict.remaining};t=${seconds(verdict.allowed ? verdict.resetMs : verdict.retryMs)}`,
  }
}

/** Whole seconds, of which none is too few. */
export function seconds(ms: number): number {
  return Math.ceil(ms / 1_000)
}
