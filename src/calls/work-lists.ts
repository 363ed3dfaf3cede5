import type { Entry, Key } from '../masking/storage.js'

/** Lists of what is still to be done about calls at the carrier, so that nobody has to look at all calls for it. */

/** Recordings, by when their calls began. */
export const RECORDED: Key = { kind: 'calls', id: 'recorded' }
/** Calls whose cost is not known yet, by when it is asked for. */
export const UNCOSTED: Key = { kind: 'calls', id: 'uncosted' }

/** Milliseconds after the end of a call, within which its recording has to come. */
export const RECORDING_LIMIT_MS = 60 * 60 * 1_000
/** Calls whose recording has to come, by when it is given up. */
export const AWAITED: Key = { kind: 'calls', id: 'awaited' }

/** The place in the list of recordings of those that are to be deleted at once. */
export const AT_ONCE = 0

/** A recording in its list. Neither id has a point in it. */
export function recordedEntry({ callId, recordingId }: RecordingOfCall, at: number): Entry {
  return { id: `${callId}.${recordingId}`, at }
}

export interface RecordingOfCall {
  readonly callId: string
  readonly recordingId: string
}

export function readRecorded({ id }: Entry): RecordingOfCall {
  const [callId = '', recordingId = ''] = id.split('.')
  return { callId, recordingId }
}

/** A call that waits for its cost, which was asked for so often before. */
export function uncostedEntry(callId: string, asked: number, at: number): Entry {
  return { id: `${callId}.${asked}`, at }
}

export function readUncosted({ id }: Entry): { readonly callId: string; readonly asked: number } {
  const [callId = '', asked] = id.split('.')
  return { callId, asked: Number(asked) }
}
