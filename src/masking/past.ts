import { pastOf } from './keys.js'
import type { Entry, Storage } from './storage.js'

/** How many entries are read at once. */
const STEP = 200

/** All sessions of a person that the book may not lead to, the oldest first. */
export async function pastEntries(storage: Storage, person: string): Promise<readonly Entry[]> {
  const all: Entry[] = []
  for (;;) {
    const piece = await storage.entries(pastOf(person), {
      order: 'oldest first',
      after: all.at(-1),
      limit: STEP,
    })
    all.push(...piece)
    if (piece.length < STEP) return all
  }
}
