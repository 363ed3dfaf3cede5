import type { Clock } from './clock.js'
import { StoreUnavailableError } from './masking/storage.js'

/**
 * Repeats work every so many milliseconds, never beside itself, until the returned function is called.
 *
 * @param onError told of an error that is no failure of the store
 */
export function everyAlone(
  clock: Pick<Clock, 'every'>,
  ms: number,
  work: () => Promise<unknown>,
  onError: (error: unknown) => void,
): () => void {
  let isBusy = false
  return clock.every(ms, async () => {
    if (isBusy) return
    isBusy = true
    await work().catch((error) => {
      if (!(error instanceof StoreUnavailableError)) onError(error)
    })
    isBusy = false
  })
}
