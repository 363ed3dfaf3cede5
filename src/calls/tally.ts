import { randomBytes } from 'node:crypto'
import { untilUnchanged } from '../masking/attempts.js'
import type { Kept, Key, Storage } from '../masking/storage.js'

/** Counts that all instances add up in the storage: under each key a page of counts, each with a name. */
export interface Tally {
  /** Notes it in memory alone. */
  add(page: string, name: string, count: number): void
  /**
   * To be called every second, one at a time: adds to the pages what was noted since. Rejects with a `StoreUnavailableError` when
   * the store fails. What it did not take is added later, and never twice.
   */
  write(): Promise<void>
}

export interface TallyOptions {
  readonly storage: Storage
  readonly keyOf: (page: string) => Key
  /** Until when a page is kept, in milliseconds since 1970. */
  readonly untilOf: (page: string) => number
}

/** By their names. */
export type Counts = Readonly<Record<string, number>>

/** How many writes a page knows: more than there are instances that write to it within a second or two. */
export const KNOWN_WRITES = 50

/** What is kept under a key. */
interface Page {
  readonly counts: Counts
  /** The ids of the last writes, the newest last. */
  readonly writes: readonly string[]
}

interface Batch {
  readonly id: string
  readonly counts: ReadonlyMap<string, number>
}

export function createTally({ storage, keyOf, untilOf }: TallyOptions): Tally {
  const noted = new Map<string, Map<string, number>>()
  /** Of which the store has not yet said that it has them. They stay as they are: it may have them all the same. */
  const begun = new Map<string, Batch>()

  return {
    add(page, name, count) {
      const counts = noted.get(page) ?? new Map<string, number>()
      counts.set(name, (counts.get(name) ?? 0) + count)
      noted.set(page, counts)
    },

    async write() {
      for (const page of begun.keys()) await finish(page)
      for (const [page, counts] of [...noted]) {
        noted.delete(page)
        begun.set(page, { id: randomBytes(6).toString('base64url'), counts })
        await finish(page)
      }
    },
  }

  async function finish(page: string): Promise<void> {
    const batch = begun.get(page) as Batch
    await untilUnchanged(() => put(page, batch))
    begun.delete(page)
  }

  async function put(page: string, { id, counts }: Batch): Promise<'there' | 'changed'> {
    const key = keyOf(page)
    const [was] = await storage.read([key])
    const { counts: before, writes } = pageIn(was)
    if (writes.includes(id)) return 'there'
    const sums = [...counts].map(([name, count]) => [name, (before[name] ?? 0) + count])
    const value: Page = {
      counts: { ...before, ...Object.fromEntries(sums) },
      writes: [...writes, id].slice(-KNOWN_WRITES),
    }
    return (await storage.swap({ key, was, value, until: untilOf(page) })) ? 'there' : 'changed'
  }
}

/** The counts under each key. What cannot be read is forgotten. */
export async function readCounts(storage: Storage, keys: readonly Key[]): Promise<readonly Counts[]> {
  return (await storage.read(keys)).map((kept) => pageIn(kept).counts)
}

function pageIn(kept: Kept | undefined): Page {
  return kept && !kept.unreadable ? (kept.value as Page) : { counts: {}, writes: [] }
}
