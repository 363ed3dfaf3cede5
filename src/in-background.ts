import type { Clock } from './clock.js'
import { StoreUnavailableError } from './masking/storage.js'

export interface BackgroundWork {
  readonly clock: Pick<Clock, 'every'>
  /** Milliseconds from one beginning to the next. */
  readonly ms: number
  readonly work: () => Promise<unknown>
  /** Told of an error that is no failure of the store: those are told of where the store is watched. */
  readonly onError: (error: unknown) => void
}

/** Repeats work, one at a time: a turn is left out while the one before lasts. Returns what stops it. */
export function inBackground({ clock, ms, work, onError }: BackgroundWork): () => void {
  let isBusy = false
  return clock.every(ms, async () => {
    if (isBusy) return
    isBusy = true
    try {
      await work()
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) onError(error)
    } finally {
      isBusy = false
    }
  })
}
