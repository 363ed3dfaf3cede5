import { inPieces } from '../in-pieces.js'
import type { Entry, Storage } from '../masking/storage.js'
import type { CallFacts } from './call-facts.js'
import { summaryOf } from './call-summary.js'
import type { Calls } from './calls.js'
import { AWAITED } from './work-lists.js'

/** Finds the calls that were to be recorded, and of which no recording came: nobody tells of those. */
export interface MissingRecordings {
  /** To be called every second: looks at a few whose time is up. Two instances that look at one call say the same of it. */
  upkeep(): Promise<void>
}

export interface MissingRecordingsOptions {
  readonly storage: Storage
  readonly calls: Pick<Calls, 'find' | 'note'>
}

/** How many calls are looked at each time, and how many at once. */
export const MISSING_STEP = 40
const AT_A_TIME = 4

export function createMissingRecordings({ storage, calls }: MissingRecordingsOptions): MissingRecordings {
  return {
    async upkeep() {
      const waiting = await storage.entries(AWAITED, { order: 'oldest first', limit: MISSING_STEP })
      const due = waiting.filter(({ at }) => at <= storage.now())
      if (due.length > 0) await inPieces(due, AT_A_TIME, look)
    },
  }

  async function look(entry: Entry): Promise<void> {
    const facts = await calls.find(entry.id)
    if (facts && isMissing(facts)) await calls.note(entry.id, { recordingMissing: true })
    // Before it leaves its place, or a crash in between would forget it.
    await storage.delist(AWAITED, [entry])
  }
}

/** Nobody can record those who did not talk. */
function isMissing(facts: CallFacts): boolean {
  const hasCome = Object.values(facts.recordings ?? {}).some(({ ready }) => ready)
  return !hasCome && summaryOf(facts).outcome === 'talked'
}
