import type { Kept, Key } from '../masking/storage.js'
import type { BusinessEvent } from './event.js'

/** Records of one kind that have something to tell. */
export interface Source {
  /** Where those are listed that do. */
  readonly list: Key
  /** Where a record is kept. */
  keyOf(id: string): Key
  /** What a record tells. `nothing`: not now; `gone`: never again. It is asked for nothing that cannot be read. */
  newsIn(id: string, kept: Kept | undefined): News | 'nothing' | 'gone'
}

export interface News {
  readonly events: readonly BusinessEvent[]
  /** What takes the place of the record, once the events are in the outbox. */
  readonly told: unknown
}
