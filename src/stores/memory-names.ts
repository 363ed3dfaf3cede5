import { type Dated, isOlder } from './timeline.js'

/** An item that may have a name, which later items may have after it. */
export interface Named extends Dated {
  readonly externalId: string | undefined
}

/** The sessions that had a name, one after the other. */
export interface Names<Item extends Named> {
  /** The last one that took the name. */
  latest(name: string): Item | undefined
  /** The newest first; with a position, only those older than it. */
  newest(name: string, before?: Dated): Item[]
  insert(item: Item): void
  remove(item: Item): void
}

/** Names in maps: most are used once, and then cost one entry. */
export function createNames<Item extends Named>(): Names<Item> {
  const latestOf = new Map<string, Item>()
  const earlierOf = new Map<string, readonly Item[]>()

  function itemsOf(name: string): Item[] {
    const latest = latestOf.get(name)
    return latest ? [latest, ...(earlierOf.get(name) ?? [])] : []
  }

  function write(name: string, [latest, ...earlier]: readonly Item[]): void {
    if (latest) latestOf.set(name, latest)
    else latestOf.delete(name)
    if (earlier.length > 0) earlierOf.set(name, earlier)
    else earlierOf.delete(name)
  }

  return {
    latest: (name) => latestOf.get(name),
    newest(name, before) {
      const items = itemsOf(name).filter((item) => !before || isOlder(item, before))
      return items.sort((a, b) => (isOlder(a, b) ? 1 : -1))
    },
    insert(item) {
      if (item.externalId !== undefined) write(item.externalId, [item, ...itemsOf(item.externalId)])
    },
    remove(item) {
      const { externalId } = item
      if (externalId === undefined) return
      write(
        externalId,
        itemsOf(externalId).filter((other) => other !== item),
      )
    },
  }
}
