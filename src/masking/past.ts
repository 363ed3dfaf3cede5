import { pastOf, recordKey } from './keys.js'
import type { Entry, Storage } from './storage.js'

/** How many entries of the list are looked at to forget some, and in how many of so many writes. */
const FORGET_STEP = 64
const FORGET_EVERY = 16
/** Milliseconds after which an entry without a session is no session that is just being opened. */
const SETTLED_MS = 60 * 60 * 1_000

/**
 * Notes a session for a person whose book does not lead to it, or not for as long as it is kept: whoever looks for all that is
 * kept of the person has to find it. To be done before the book or the session says so.
 */
export async function notePast(storage: Storage, person: string, entry: Entry, until: number): Promise<void> {
  await storage.enlist(pastOf(person), entry, until)
  // The list of a person who always has sessions never ends, so what is gone has to be taken out.
  if (entry.at % FORGET_EVERY === 0) await forgetOld(storage, person)
}

async function forgetOld(storage: Storage, person: string): Promise<void> {
  const entries = await storage.entries(pastOf(person), { order: 'oldest first', limit: FORGET_STEP })
  const old = entries.filter(({ at }) => at < storage.now() - SETTLED_MS)
  const records = await storage.read(old.map(({ id }) => recordKey(id)))
  const gone = old.filter((_, i) => records[i] === undefined)
  if (gone.length > 0) await storage.delist(pastOf(person), gone)
}

/** All entries of the list. */
export async function pastEntries(storage: Storage, person: string): Promise<readonly Entry[]> {
  const all: Entry[] = []
  for (;;) {
    const piece = await storage.entries(pastOf(person), {
      order: 'oldest first',
      after: all.at(-1),
      limit: FORGET_STEP,
    })
    all.push(...piece)
    if (piece.length < FORGET_STEP) return all
  }
}
