import type { Key, Storage } from '../masking/storage.js'
import type { Meter } from './meter.js'

/** The operations that are timed. What walks through everything is background work, and nobody waits for it. */
type Timed = 'read' | 'swap' | 'enlist' | 'delist' | 'entries' | 'confirm'

/**
 * The same storage, with its operations timed and counted.
 *
 * @param elapsed milliseconds since any moment, by a clock that nobody sets
 */
export function timedStorage(storage: Storage, meter: Meter, elapsed: () => number): Storage {
  return {
    ...storage,
    read(keys) {
      const begun = elapsed()
      const found = readOrCount(keys)
      if (found instanceof Promise) watch('read', begun, found)
      else note('read', begun)
      return found
    },
    swap(change) {
      const swapped = watch('swap', elapsed(), storage.swap(change))
      swapped.then((isSwapped) => isSwapped || meter.count('storeConflicts'), passOver)
      return swapped
    },
    enlist: (list, entry, until) => watch('enlist', elapsed(), storage.enlist(list, entry, until)),
    delist: (list, entries) => watch('delist', elapsed(), storage.delist(list, entries)),
    entries: (list, piece) => watch('entries', elapsed(), storage.entries(list, piece)),
    confirm(keys) {
      const confirmed = watch('confirm', elapsed(), storage.confirm(keys))
      confirmed.then((isConfirmed) => isConfirmed || meter.count('storeUnconfirmed'), passOver)
      return confirmed
    },
  }

  /** What is read at once also fails at once. */
  function readOrCount(keys: readonly Key[]): ReturnType<Storage['read']> {
    try {
      return storage.read(keys)
    } catch (error) {
      meter.count('storeFailures', 'read')
      throw error
    }
  }

  function watch<Answer>(operation: Timed, begun: number, asked: Promise<Answer>): Promise<Answer> {
    asked.then(
      () => note(operation, begun),
      () => meter.count('storeFailures', operation),
    )
    return asked
  }

  function note(operation: Timed, begun: number): void {
    meter.time('storeOperations', (elapsed() - begun) / 1_000, operation)
  }
}

/** Whoever asked is told of it. */
function passOver(): void {}
