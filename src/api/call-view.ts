import type { RecordingFacts } from '../calls/call-facts.js'
import { stateOf, summaryOf } from '../calls/call-summary.js'
import type { Call, CallPage } from '../calls/calls.js'
import { otherSide } from '../masking/session.js'
import { causeInWords } from '../vobiz/hangup-causes.js'
import type { CallPageView, CallView } from './call-schemas.js'

/** A call as the API shows it: without a real number. */
export function callView({ id, facts }: Call): CallView {
  const { begun, pinUsed, recordings = {} } = facts
  const { outcome, cost, refused, ring, talk, endedBy, code } = summaryOf(facts)
  const { side } = begun
  const [recording] = Object.values(recordings)
  return {
    id,
    session_id: begun.sessionId ?? null,
    began_at: new Date(begun.at).toISOString(),
    masking_number: begun.maskingNumber === undefined ? null : `+${begun.maskingNumber}`,
    caller: side ?? null,
    called: side === undefined ? null : otherSide(side),
    state: stateOf({ outcome }),
    outcome: outcome ?? null,
    ...(refused !== undefined && { refused_because: refused.replaceAll('-', '_') }),
    ring_seconds: ring ?? null,
    talk_seconds: talk ?? null,
    ended_by: endedBy ?? null,
    cause: causeInWords(code) ?? null,
    cause_code: code ?? null,
    cost: cost ?? null,
    pin_used: pinUsed === true,
    recording: recordingState(recording),
    ...(recording?.ms !== undefined && { recording_seconds: Math.round(recording.ms / 1_000) }),
  }
}

function recordingState(recording: RecordingFacts | undefined): CallView['recording'] {
  if (!recording) return 'none'
  if (recording.deletedAt !== undefined) return 'deleted'
  return recording.ready ? 'ready' : 'in_progress'
}

export function callPageView({ calls, next }: CallPage): CallPageView {
  return { calls: calls.map(callView), next_cursor: next ?? null }
}
