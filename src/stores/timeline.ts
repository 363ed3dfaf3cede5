/** What a timeline orders. */
export interface Dated {
  readonly id: string
  /** Milliseconds since 1970. */
  readonly createdAt: number
}

/** Items in the order of their creation, so that a page of them can be found again however many were added since. */
export interface Timeline<Item extends Dated> {
  insert(item: Item): void
  /** The newest first; with a position, only those older than it. */
  newest(before?: Dated): Iterable<Item>
  /** Looks at the next so many items and drops those that are not to be kept. Starts over at the end. */
  sift(limit: number, isKept: (item: Item) => boolean): void
}

export function createTimeline<Item extends Dated>(): Timeline<Item> {
  const items: Item[] = []
  let sifted = 0

  /** How many items are older than this position. */
  function olderThan(position: Dated): number {
    let [low, high] = [0, items.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (isOlder(items[middle] as Item, position)) low = middle + 1
      else high = middle
    }
    return low
  }

  return {
    insert(item) {
      items.splice(olderThan(item), 0, item)
    },
    *newest(before) {
      for (let i = before ? olderThan(before) : items.length; i > 0; i--) yield items[i - 1] as Item
    },
    sift(limit, isKept) {
      const looked = items.slice(sifted, sifted + limit)
      const kept = looked.filter(isKept)
      items.splice(sifted, looked.length, ...kept)
      sifted = looked.length < limit ? 0 : sifted + kept.length
    },
  }
}

export function isOlder(a: Dated, b: Dated): boolean {
  return a.createdAt < b.createdAt || (a.createdAt === b.createdAt && a.id < b.id)
}

/** A position as text: the cursor of a page. */
export function cursorAt({ createdAt, id }: Dated): string {
  return `${createdAt}.${id}`
}

/** The position that a text means. */
export function positionOf(cursor: string): Dated {
  const [createdAt, id = ''] = cursor.split('.')
  return { createdAt: Number(createdAt), id }
}
