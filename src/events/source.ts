import type { Entry, KeptValue, Key } from '../masking/storage.js'
import type { BusinessEvent } from './event.js'

/** Records of one kind that have something to tell. */
export interface Source {
  /** Where those are listed that do. */
  readonly list: Key
  /** Where a record is kept. */
  keyOf(id: string): Key
  /**
   * What a record tells. `nothing`: not now; `gone`: never again. It is asked for nothing that cannot be read.
   *
   * @param entries all that are known to lead to it
   */
  newsIn(id: string, record: KeptValue | undefined, entries: readonly Entry[]): News | 'nothing' | 'gone'
}

export interface News {
  readonly events: readonly BusinessEvent[]
  /** Those that lead to nothing more, once the events are in the outbox. */
  readonly entries: readonly Entry[]
  /** What takes the place of the record then, where it says itself what is to be told. */
  readonly told?: unknown
}
