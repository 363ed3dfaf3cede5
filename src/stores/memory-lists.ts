import { type Entry, isBefore, type Piece } from '../masking/storage.js'

/** Entries in the order of time. */
export interface MemoryList {
  readonly size: number
  insert(entry: Entry): void
  remove(entries: readonly Entry[]): void
  piece(piece: Piece): Entry[]
}

/** The oldest first. Ids and times stand in arrays of their own: an object for each entry would cost three times as much. */
export function createMemoryList(): MemoryList {
  const ids: string[] = []
  const times: number[] = []

  return {
    get size() {
      return ids.length
    },
    insert(entry) {
      const i = countBefore(entry)
      if (ids[i] === entry.id && times[i] === entry.at) return
      ids.splice(i, 0, entry.id)
      times.splice(i, 0, entry.at)
    },
    remove(entries) {
      if (entries.length === 0) return
      const places = entries.map(countBefore)
      const [from, to] = [Math.min(...places), Math.max(...places) + 1]
      const removed = new Set(entries.map(({ id }) => id))
      // In one step: each step moves all that is behind it.
      let end = from
      for (let i = from; i < ids.length; i += 1) {
        if (i < to && removed.has(ids[i] as string)) continue
        ids[end] = ids[i] as string
        times[end] = times[i] as number
        end += 1
      }
      ids.length = end
      times.length = end
    },
    piece({ order, after, limit }) {
      if (order === 'newest first') {
        const end = after ? countBefore(after) : ids.length
        return slice(Math.max(0, end - limit), end).reverse()
      }
      const begin = after ? countBefore(after) : 0
      const from = after && isAt(begin, after) ? begin + 1 : begin
      return slice(from, Math.min(ids.length, from + limit))
    },
  }

  function countBefore(entry: Entry): number {
    let [low, high] = [0, ids.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (isBefore(at(middle), entry)) low = middle + 1
      else high = middle
    }
    return low
  }

  function slice(from: number, to: number): Entry[] {
    const entries: Entry[] = []
    for (let i = from; i < to; i += 1) entries.push(at(i))
    return entries
  }

  function isAt(i: number, { id, at }: Entry): boolean {
    return ids[i] === id && times[i] === at
  }

  function at(i: number): Entry {
    return { id: ids[i] as string, at: times[i] as number }
  }
}
