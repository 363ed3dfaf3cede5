import type { Storage } from './storage.js'

/** Something was to be written through a view that only reads. */
export class ReadOnlyError extends Error {
  override readonly name = 'ReadOnlyError'

  constructor() {
    super('this view of the storage only reads')
  }
}

/**
 * A storage as it would look at another time, if nothing happened until then. Whatever would change it throws a `ReadOnlyError`.
 *
 * @param aheadMs milliseconds by which its clock is ahead of the storage's own
 */
export function readOnly(storage: Storage, aheadMs: number): Storage {
  return {
    read: (keys) => storage.read(keys),
    entries: (list, piece) => storage.entries(list, piece),
    all: (kind) => storage.all(kind),
    nameOf: (key) => storage.nameOf(key),
    now: () => storage.now() + aheadMs,
    swap: refuse,
    enlist: refuse,
    delist: refuse,
    // There is nothing of this view that could be lost.
    confirm: refuse,
    upkeep: refuse,
  }
}

async function refuse(): Promise<never> {
  throw new ReadOnlyError()
}
