import type { CallFacts, RecordingFacts } from './call-facts.js'
import { TOKEN_LIFE_MS } from './call-tokens.js'
import type { Calls } from './calls.js'
import type { RecordingOfCall } from './work-lists.js'

/** The recordings of calls, which the carrier keeps. */
export interface Recordings {
  /** Which recording of a call can be had. */
  find(callId: string): Promise<FoundRecording>
  /** Deletes all recordings of a call at the carrier, and says so in its record. */
  deleteOf(callId: string): Promise<DeletedRecordings>
  /** Deletes one. Rejects when the carrier does not do it. */
  remove(recording: RecordingOfCall): Promise<void>
}

export type FoundRecording =
  | NoRecording
  | (RecordingOfCall & { readonly kind: 'found'; readonly facts: CallFacts })

/** Why there is no audio. */
export const NO_RECORDING_REASONS = ['not_recorded', 'not_ready', 'deleted', 'lost'] as const
export type NoRecordingReason = (typeof NO_RECORDING_REASONS)[number]

export interface NoRecording {
  readonly kind: 'none'
  readonly reason: NoRecordingReason
  readonly facts: CallFacts
}

export type DeletedRecordings =
  | NoRecording
  | {
      readonly kind: 'deleted'
      readonly facts: CallFacts /** Milliseconds since 1970. */
      readonly at: number
    }

/** There is no call of this id, or not any more. */
export class UnknownCallError extends Error {
  override readonly name = 'UnknownCallError'
}

export interface RecordingsOptions {
  readonly calls: Pick<Calls, 'find' | 'note'>
  /** Deletes one at the carrier. False where it was not there. */
  readonly deleteAtCarrier: (recordingId: string) => Promise<boolean>
  /** Milliseconds since 1970. */
  readonly now: () => number
}

export function createRecordings({ calls, deleteAtCarrier, now }: RecordingsOptions): Recordings {
  return {
    async find(callId) {
      const facts = await factsOf(callId)
      const [best] = kept(facts).sort(([, one], [, other]) => worth(other) - worth(one))
      if (best) return { kind: 'found', callId, recordingId: best[0], facts }
      return { kind: 'none', reason: facts.recordings ? 'deleted' : 'not_recorded', facts }
    },

    async deleteOf(callId) {
      const facts = await factsOf(callId)
      if (!facts.recordings) return { kind: 'none', reason: 'not_recorded', facts }
      for (const [recordingId, recording] of kept(facts)) {
        const wasThere = await deleteAtCarrier(recordingId)
        // Of a call that goes on it may come yet.
        if (!wasThere && !isSettled(facts, recording)) return { kind: 'none', reason: 'not_ready', facts }
        await noteDeleted({ callId, recordingId })
      }
      const { recordings = {} } = await factsOf(callId)
      return {
        kind: 'deleted',
        facts,
        at: Math.max(...Object.values(recordings).map(({ deletedAt = 0 }) => deletedAt)),
      }
    },

    async remove(recording) {
      await deleteAtCarrier(recording.recordingId)
      await noteDeleted(recording)
    },
  }

  async function factsOf(callId: string): Promise<CallFacts> {
    const facts = await calls.find(callId)
    if (!facts) throw new UnknownCallError()
    return facts
  }

  async function noteDeleted({ callId, recordingId }: RecordingOfCall): Promise<void> {
    await calls.note(callId, { recordings: { [recordingId]: { deletedAt: now() } } })
  }

  /** Whether all is known that will ever be told of a recording. */
  function isSettled({ begun }: CallFacts, { ready }: RecordingFacts): boolean {
    return ready === true || now() >= Number(begun?.at) + TOKEN_LIFE_MS
  }
}

/** What a recording is that the carrier does not have (any more). */
export function reasonOfAbsence({ recordings = {} }: CallFacts, recordingId: string): NoRecordingReason {
  return recordings[recordingId]?.ready ? 'lost' : 'not_ready'
}

function kept({ recordings = {} }: CallFacts): [string, RecordingFacts][] {
  return Object.entries(recordings).filter(([, { deletedAt }]) => deletedAt === undefined)
}

/** A call is recorded once. Where it was begun more often, the longest one that is there tells most. */
function worth({ ready, ms = 0 }: RecordingFacts): number {
  return ready ? 1 + ms : 0
}
