import { StoreUnavailableError } from '../masking/storage.js'
import { type CallFacts, joinFacts } from './call-facts.js'
import type { Calls } from './calls.js'

/** Notes what happens to calls, and keeps it in the process for a while when the store does not take it. */
export interface Recorder {
  /** Notes the beginning of a call, once its answer is on its way: no answer waits for it. */
  begin(id: string, facts: CallFacts): void
  /** Never rejects. Resolves once the facts are noted, or kept for later. */
  note(id: string, facts: CallFacts): Promise<void>
  /** To be called every second: tries again what is kept. */
  upkeep(): Promise<void>
}

export interface RecorderOptions {
  readonly calls: Pick<Calls, 'note'>
  /** Milliseconds. */
  readonly now: () => number
  /** Told of each call whose end becomes known, once. */
  readonly onEnded: (id: string, facts: CallFacts) => void
  /** Told of each call of which something is lost: of too many, after too long a time, or because nobody knows the call. */
  readonly onDropped: (why: Dropped) => void
  /** Told of an error that is no failure of the store. */
  readonly onError: (error: unknown) => void
}

/** Where nobody could read what is noted. */
export const noRecorder: Recorder = {
  begin: () => undefined,
  note: async () => undefined,
  upkeep: async () => undefined,
}

export type Dropped = 'too-many' | 'too-old' | 'unknown-call'

/** Of how many calls something is kept at most. */
export const MAX_KEPT = 10_000
/** Milliseconds for which something is kept while the store does not take it. */
export const KEPT_MS = 10 * 60 * 1_000
/** Milliseconds for which the end of a call is kept whose beginning is not there yet. */
export const UNKNOWN_MS = 60 * 1_000
/** How many calls each upkeep tries again. */
const UPKEEP_STEP = 200

interface Waiting {
  readonly facts: CallFacts
  readonly since: number
  readonly limitMs: number
}

export function createRecorder(options: RecorderOptions): Recorder {
  const { calls, now, onEnded, onDropped, onError } = options
  const waiting = new Map<string, Waiting>()

  return {
    begin(id, facts) {
      setImmediate(() => attempt(id, facts, now()))
    },

    async note(id, facts) {
      await attempt(id, facts, now())
    },

    async upkeep() {
      let isUp = true
      for (const [id, kept] of [...waiting].slice(0, UPKEEP_STEP)) {
        waiting.delete(id)
        const { facts, since, limitMs } = kept
        if (now() - since >= limitMs) onDropped(limitMs === UNKNOWN_MS ? 'unknown-call' : 'too-old')
        else if (isUp) isUp = await attempt(id, facts, since)
        else keep(id, kept)
      }
    },
  }

  /** False when the store did not answer: then it is no use to ask it for more. */
  async function attempt(id: string, facts: CallFacts, since: number): Promise<boolean> {
    try {
      const { kind, ended } = await calls.note(id, facts)
      if (ended) onEnded(id, ended)
      // Events come in any order, and from any instance: the beginning may be on its way.
      if (kind === 'unknown') keep(id, { facts, since, limitMs: UNKNOWN_MS })
      return true
    } catch (error) {
      const isStore = error instanceof StoreUnavailableError
      if (!isStore) onError(error)
      keep(id, { facts, since, limitMs: KEPT_MS })
      return !isStore
    }
  }

  function keep(id: string, { facts, since, limitMs }: Waiting): void {
    const before = waiting.get(id)
    if (!before && waiting.size >= MAX_KEPT) {
      onDropped('too-many')
      return
    }
    waiting.set(id, {
      facts: before ? joinFacts(before.facts, facts) : facts,
      since: Math.min(since, before?.since ?? since),
      limitMs: Math.max(limitMs, before?.limitMs ?? limitMs),
    })
  }
}
