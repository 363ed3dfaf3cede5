import { type Entry, isBefore, type Piece } from '../masking/storage.js'

/** Entries in the order of time. */
export interface MemoryList {
  readonly size: number
  insert(entry: Entry): void
  remove(entries: readonly Entry[]): void
  piece(piece: Piece): Entry[]
}

/** Entries at most in one run: what an insertion or a removal moves at most. */
export const RUN_ENTRIES = 512

/** Neighbours in the order of time. Ids and times stand in arrays of their own: an object for each entry would cost three times as much. */
interface Run {
  readonly ids: string[]
  readonly times: number[]
}

/** Where an entry stands, or would stand. */
interface Place {
  readonly run: number
  readonly i: number
}

/** In runs, the oldest first: in one array an entry that came into the midst of 100,000 moved half of them. */
export function createMemoryList(): MemoryList {
  /** Never none, and only one that is alone is empty. */
  const runs: Run[] = [{ ids: [], times: [] }]
  let size = 0

  return {
    get size() {
      return size
    },
    insert(entry) {
      const place = placeOf(entry)
      if (isAt(place, entry)) return
      insertAt(place, entry)
      size += 1
    },
    remove(entries) {
      for (const entry of entries) {
        const place = placeOf(entry)
        if (!isAt(place, entry)) continue
        removeAt(place)
        size -= 1
      }
    },
    piece({ order, after, limit }) {
      const count = Math.min(limit, size)
      if (order === 'newest first') return backwards(after ? placeOf(after) : behindAll(), count)
      const from = after ? placeOf(after) : { run: 0, i: 0 }
      const isThere = after !== undefined && isAt(from, after)
      return forwards(isThere ? { ...from, i: from.i + 1 } : from, count)
    },
  }

  /** Of the first entry that is not before this one; at the end of the last run where there is none. */
  function placeOf(entry: Entry): Place {
    const run = firstOf(runs.length - 1, (i) => {
      const one = runAt(i)
      return !isBefore(entryIn(one, one.ids.length - 1), entry)
    })
    const one = runAt(run)
    return { run, i: firstOf(one.ids.length, (i) => !isBefore(entryIn(one, i), entry)) }
  }

  function behindAll(): Place {
    const run = runs.length - 1
    return { run, i: runAt(run).ids.length }
  }

  function isAt({ run, i }: Place, { id, at }: Entry): boolean {
    const { ids, times } = runAt(run)
    return ids[i] === id && times[i] === at
  }

  function insertAt({ run, i }: Place, { id, at }: Entry): void {
    const { ids, times } = runAt(run)
    // Most come as the newest: then a full run stays full.
    if (i === RUN_ENTRIES) {
      runs.push({ ids: [id], times: [at] })
      return
    }
    ids.splice(i, 0, id)
    times.splice(i, 0, at)
    if (ids.length <= RUN_ENTRIES) return
    const half = RUN_ENTRIES / 2
    runs.splice(run + 1, 0, { ids: ids.splice(half), times: times.splice(half) })
  }

  function removeAt({ run, i }: Place): void {
    const { ids, times } = runAt(run)
    ids.splice(i, 1)
    times.splice(i, 1)
    if (ids.length === 0 && runs.length > 1) runs.splice(run, 1)
  }

  function forwards({ run, i }: Place, count: number): Entry[] {
    const entries: Entry[] = []
    for (let at = run; at < runs.length && entries.length < count; at += 1) {
      const one = runAt(at)
      const begin = at === run ? i : 0
      for (let j = begin; j < one.ids.length && entries.length < count; j += 1) entries.push(entryIn(one, j))
    }
    return entries
  }

  /** Those before a place. */
  function backwards({ run, i }: Place, count: number): Entry[] {
    const entries: Entry[] = []
    for (let at = run; at >= 0 && entries.length < count; at -= 1) {
      const one = runAt(at)
      const end = at === run ? i : one.ids.length
      for (let j = end - 1; j >= 0 && entries.length < count; j -= 1) entries.push(entryIn(one, j))
    }
    return entries
  }

  function runAt(i: number): Run {
    return runs[i] as Run
  }
}

/** The first of so many for which it holds, which then holds for all behind it; their count where it holds for none. */
function firstOf(count: number, holds: (i: number) => boolean): number {
  let [low, high] = [0, count]
  while (low < high) {
    const middle = (low + high) >> 1
    if (holds(middle)) high = middle
    else low = middle + 1
  }
  return low
}

function entryIn({ ids, times }: Run, i: number): Entry {
  return { id: ids[i] as string, at: times[i] as number }
}
