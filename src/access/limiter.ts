import { judge, type Rate, type Verdict } from './gcra.js'
import { createRecent } from './recent.js'

/** Says of one more request whether it is within the rate of whoever asks. */
export type Limiter = (asker: string) => Promise<Verdict>

/** Of so many askers an instance keeps how much they asked. */
export const MAX_ASKERS = 10_000

/** For the requests of this instance alone. */
export function createLocalLimiter(rate: Rate, now: () => number): (asker: string) => Verdict {
  const freeAt = createRecent<number>(MAX_ASKERS)
  return (asker) => {
    const verdict = judge(rate, freeAt.get(asker) ?? 0, now())
    freeAt.set(asker, verdict.freeAt)
    return verdict
  }
}

/**
 * For the requests of all instances. What is too much for one already is refused without asking the store; and where
 * the store does not answer, each instance counts for itself.
 */
export function createLimiter(
  rate: Rate,
  now: () => number,
  shared?: (asker: string, rate: Rate) => Promise<Verdict | undefined>,
): Limiter {
  const local = createLocalLimiter(rate, now)
  return async (asker) => {
    const here = local(asker)
    if (!here.allowed || !shared) return here
    return (await shared(asker, rate)) ?? here
  }
}
