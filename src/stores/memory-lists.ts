import { type Entry, isBefore, type Piece } from '../masking/storage.js'

/**
 * Entries in the order of time, in runs, the oldest first: in one array, an entry that comes into the midst of 100,000 moves half of
 * them. Data alone, because there is a list for each session: functions of its own would weigh three times as much.
 */
export interface MemoryList {
  /** Never none, and only one that is alone is empty. */
  readonly runs: Run[]
  size: number
}

/** Neighbours in the order of time. Ids and times stand in arrays of their own: an object for each entry would weigh as much again. */
interface Run {
  readonly ids: string[]
  readonly times: number[]
}

/** Where an entry stands, or would stand. */
interface Place {
  /** Its number among the runs. */
  readonly run: number
  readonly i: number
}

/** Entries at most in one run: what an insertion or a removal moves at most. */
export const RUN_ENTRIES = 512

export function createMemoryList(): MemoryList {
  return { runs: [{ ids: [], times: [] }], size: 0 }
}

/** Adds an entry, unless it is there. */
export function insertInto(list: MemoryList, entry: Entry): void {
  const { runs } = list
  const place = placeOf(runs, entry)
  if (isAt(runs, place, entry)) return
  // Most lists never have a second entry, and an array that grows takes room for seventeen.
  if (list.size === 0) runs[0] = { ids: [entry.id], times: [entry.at] }
  else insertAt(runs, place, entry)
  list.size += 1
}

export function removeFrom(list: MemoryList, entries: readonly Entry[]): void {
  const { runs } = list
  for (const entry of entries) {
    const place = placeOf(runs, entry)
    if (!isAt(runs, place, entry)) continue
    removeAt(runs, place)
    list.size -= 1
  }
}

export function pieceOf({ runs, size }: MemoryList, { order, after, limit }: Piece): Entry[] {
  const count = Math.min(limit, size)
  if (order === 'newest first') return backwards(runs, after ? placeOf(runs, after) : behindAll(runs), count)
  const from = after ? placeOf(runs, after) : { run: 0, i: 0 }
  const isThere = after !== undefined && isAt(runs, from, after)
  return forwards(runs, isThere ? { ...from, i: from.i + 1 } : from, count)
}

/** Of the first entry that is not before this one; at the end of the last run where there is none. */
function placeOf(runs: readonly Run[], entry: Entry): Place {
  const run = firstOf(runs.length - 1, (i) => {
    const one = runAt(runs, i)
    return !isBefore(entryIn(one, one.ids.length - 1), entry)
  })
  const one = runAt(runs, run)
  return { run, i: firstOf(one.ids.length, (i) => !isBefore(entryIn(one, i), entry)) }
}

function behindAll(runs: readonly Run[]): Place {
  const run = runs.length - 1
  return { run, i: runAt(runs, run).ids.length }
}

function isAt(runs: readonly Run[], { run, i }: Place, { id, at }: Entry): boolean {
  const { ids, times } = runAt(runs, run)
  return ids[i] === id && times[i] === at
}

function insertAt(runs: Run[], { run, i }: Place, { id, at }: Entry): void {
  const { ids, times } = runAt(runs, run)
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

function removeAt(runs: Run[], { run, i }: Place): void {
  const { ids, times } = runAt(runs, run)
  ids.splice(i, 1)
  times.splice(i, 1)
  if (ids.length === 0 && runs.length > 1) runs.splice(run, 1)
}

function forwards(runs: readonly Run[], { run, i }: Place, count: number): Entry[] {
  const entries: Entry[] = []
  for (let at = run; at < runs.length && entries.length < count; at += 1) {
    const one = runAt(runs, at)
    const begin = at === run ? i : 0
    for (let j = begin; j < one.ids.length && entries.length < count; j += 1) entries.push(entryIn(one, j))
  }
  return entries
}

/** Those before a place. */
function backwards(runs: readonly Run[], { run, i }: Place, count: number): Entry[] {
  const entries: Entry[] = []
  for (let at = run; at >= 0 && entries.length < count; at -= 1) {
    const one = runAt(runs, at)
    const end = at === run ? i : one.ids.length
    for (let j = end - 1; j >= 0 && entries.length < count; j -= 1) entries.push(entryIn(one, j))
  }
  return entries
}

function runAt(runs: readonly Run[], i: number): Run {
  return runs[i] as Run
}

function entryIn({ ids, times }: Run, i: number): Entry {
  return { id: ids[i] as string, at: times[i] as number }
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
