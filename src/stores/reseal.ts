import { AS_BEFORE, type Found, type Key, type Storage } from '../masking/storage.js'

/** What was written again. */
export interface Resealed {
  /** How many texts there are. */
  readonly seen: number
  /** How many were sealed with a key that writes no more, and are not now. */
  readonly resealed: number
  /** How many still are: somebody who writes with that key was faster. */
  readonly left: number
  /** How many nobody with these keys can read. */
  readonly unreadable: number
}

/** How many texts are written at once. */
const STEP = 32

/**
 * Writes everything again that is sealed with an older key, so that this key can be dropped. Safe beside running instances: what
 * somebody changes meanwhile stays as they wrote it.
 *
 * @param kinds of all that is kept
 */
export async function resealAll(storage: Storage, kinds: readonly string[]): Promise<Resealed> {
  const count = { seen: 0, resealed: 0, left: 0, unreadable: 0 }
  for (const kind of kinds) {
    for await (const found of storage.all(kind)) {
      count.seen += found.length
      count.unreadable += found.filter(({ unreadable }) => unreadable).length
      const old = found.filter(({ isOld }) => isOld)
      for (let i = 0; i < old.length; i += STEP) {
        const done = await Promise.all(old.slice(i, i + STEP).map((one) => reseal(storage, kind, one)))
        for (const isDone of done) count[isDone ? 'resealed' : 'left'] += 1
      }
    }
  }
  return count
}

/** The same for one thing that is kept for ever, and may not be written for years. */
export async function resealKey(storage: Storage, key: Key): Promise<void> {
  const [there] = await storage.read([key])
  if (there?.isOld) await storage.swap({ key, was: there, value: there.value, until: AS_BEFORE })
}

/** False when it is still sealed with an older key. */
async function reseal(storage: Storage, kind: string, found: Found): Promise<boolean> {
  const key = { kind, id: found.name }
  if (await storage.swap({ key, was: found, value: found.value, until: AS_BEFORE })) return true
  const [there] = await storage.read([key])
  return there?.isOld !== true
}
