import { StoreUnavailableError } from './storage.js'

/** How often something begins again. Each time it was in vain, somebody else has changed what it was about. */
const MAX_ATTEMPTS = 20

/** Does something until nobody else was faster. */
export async function untilUnchanged<Outcome>(work: () => Promise<Outcome | 'changed'>): Promise<Outcome> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    const outcome = await work()
    if (outcome !== 'changed') return outcome
  }
  throw new StoreUnavailableError()
}
