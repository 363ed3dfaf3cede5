import { inPieces } from '../in-pieces.js'
import { isOver } from './call-facts.js'
import type { Call, Calls } from './calls.js'

/** What became of the calls of a session that were to be ended. */
export interface HungUp {
  readonly ended: number
  /** How many may go on, because the carrier did not end them. */
  readonly left: number
}

export interface HangUpOptions {
  readonly calls: Pick<Calls, 'list'>
  /** Ends a call at the carrier. False where it was over. */
  readonly hangUp: (callId: string) => Promise<boolean>
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Told of each call that could not be ended. */
  readonly onFailed: (error: unknown) => void
}

/** Milliseconds after which the platform has ended each call by itself. */
export const LONGEST_CALL_MS = 24 * 60 * 60 * 1_000
/** How many calls are ended at once. */
export const HANG_UP_STEP = 8
/** How many calls are looked at for one page. */
const PAGE = 200

/** Ends the live calls of a session: those that began within a day, and whose end nobody has told. */
export function createHangUp({ calls, hangUp, now, onFailed }: HangUpOptions) {
  return async (sessionId: string): Promise<HungUp> => {
    const live = await liveCalls(sessionId)
    let [ended, left] = [0, 0]
    await inPieces(live, HANG_UP_STEP, end)
    return { ended, left }

    async function end({ id }: Call): Promise<void> {
      try {
        if (await hangUp(id)) ended += 1
      } catch (error) {
        left += 1
        onFailed(error)
      }
    }
  }

  async function liveCalls(sessionId: string): Promise<Call[]> {
    const from = now() - LONGEST_CALL_MS
    const live: Call[] = []
    let cursor: string | undefined
    do {
      const page = await calls.list({ sessionId, from, cursor, limit: PAGE })
      live.push(...page.calls.filter(({ facts }) => !isOver(facts)))
      cursor = page.next
    } while (cursor !== undefined)
    return live
  }
}
