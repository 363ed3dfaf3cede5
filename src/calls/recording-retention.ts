import { createLease } from '../masking/lease.js'
import type { Entry, Storage } from '../masking/storage.js'
import { AT_ONCE, RECORDED, type RecordingOfCall, readRecorded } from './work-lists.js'

/** Deletes recordings whose time is over, in the background, on one instance at a time. */
export interface RecordingRetention {
  /** To be called every second: a few of those that have waited longest. */
  upkeep(): Promise<void>
}

export interface RecordingRetentionOptions {
  readonly storage: Storage
  /** Milliseconds from the beginning of a call until its recording is deleted; undefined: it is kept. */
  readonly retentionMs: number | undefined
  /** Milliseconds after which nothing is known of a call any more, and so nothing of a recording that is kept. */
  readonly callRetentionMs: number
  /** Undefined where the carrier cannot be asked. */
  readonly remove: ((recording: RecordingOfCall) => Promise<void>) | undefined
  /** Told of each recording that could not be deleted. It is tried again. */
  readonly onFailed: (error: unknown) => void
}

/** How many recordings are looked at, and deleted, at once. */
export const RECORDING_STEP = 8
/** Milliseconds after a failure in which nothing is tried: the carrier is busy, or refuses all. */
export const RECORDING_PAUSE_MS = 60_000
/** Milliseconds after which another instance goes on for one that has gone. */
const LEASE_MS = 60_000

export function createRecordingRetention(options: RecordingRetentionOptions): RecordingRetention {
  const { storage, retentionMs, callRetentionMs, remove, onFailed } = options
  const lease = createLease(storage, { kind: 'call-lease', id: 'recordings' }, LEASE_MS)
  /** Behind it, so that those which the carrier does not delete do not keep the others. */
  let seen: Entry | undefined
  let pausedUntil = 0

  return {
    async upkeep() {
      if (storage.now() < pausedUntil) return
      const entries = await storage.entries(RECORDED, {
        order: 'oldest first',
        after: seen,
        limit: RECORDING_STEP,
      })
      const due = entries.filter(({ at }) => at + limitOf(at) <= storage.now())
      seen = due.length === RECORDING_STEP ? due.at(-1) : undefined
      if (due.length === 0 || !(await lease.take())) return
      const done = await Promise.all(due.map(isDone))
      await storage.delist(
        RECORDED,
        due.filter((_, i) => done[i]),
      )
    },
  }

  /** Milliseconds that an entry stays in the list. */
  function limitOf(at: number): number {
    return at === AT_ONCE ? 0 : (retentionMs ?? callRetentionMs)
  }

  async function isDone(entry: Entry): Promise<boolean> {
    const isToDelete = entry.at === AT_ONCE || retentionMs !== undefined
    if (!remove || !isToDelete) return true
    try {
      await remove(readRecorded(entry))
      return true
    } catch (error) {
      onFailed(error)
      pausedUntil = storage.now() + RECORDING_PAUSE_MS
      return false
    }
  }
}
