import type { Outbox } from '../events/outbox.js'

/** Says what has changed since it was asked before, by what the business is told: on whichever instance it happened. */
export interface Changes {
  /** Begins anew: what happened before does not count, but for the last moments. */
  begin(): void
  /** The kinds of things that have changed, such as `session` and `call`. Rejects as the store fails. */
  next(): Promise<readonly string[]>
}

export interface ChangesOptions {
  readonly outbox: Pick<Outbox, 'list'>
  /** The store's clock, in milliseconds since 1970. */
  readonly now: () => number
}

/** How many of the newest events are looked at. Of more at once, those that are left out are hardly of another kind. */
const LOOKED_AT = 50
/** Milliseconds that a page may take from being made to being told of changes. */
const PAGE_MS = 3_000

export function createChanges({ outbox, now }: ChangesOptions): Changes {
  let since = 0
  let seen: ReadonlySet<string> = new Set()

  return {
    begin() {
      since = now() - PAGE_MS
      seen = new Set()
    },
    async next() {
      const { events } = await outbox.list({ order: 'newest first', from: since, limit: LOOKED_AT })
      // By their ids and not by a time: an event may become visible after one that came into the outbox later.
      const fresh = events.filter(({ id }) => !seen.has(id))
      seen = new Set(events.map(({ id }) => id))
      return [...new Set(fresh.map(({ type }) => type.split('.')[0] as string))]
    },
  }
}
