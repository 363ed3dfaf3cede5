import { type Session, type SessionParticipant, statusOf } from '../masking/session.js'
import type { NewPins } from '../masking/session-store.js'
import { callSettingsView } from './call-options.js'
import type { SessionView } from './session-schemas.js'

/** A session as the API shows it: without a real number. */
export function sessionView(session: Session, now: number): SessionView {
  const { id, participants, createdAt, expiresAt, closedAt, externalId, metadata, call } = session
  return {
    id,
    status: statusOf(session, now),
    participants: participants.map(participantView),
    created_at: isoTime(createdAt),
    expires_at: isoTime(expiresAt),
    ...(closedAt !== undefined && { closed_at: isoTime(closedAt) }),
    ...(externalId !== undefined && { external_id: externalId }),
    ...(metadata && { metadata: { ...metadata } }),
    ...(call && { call: callSettingsView(call) }),
  }
}

/** The same, with the PINs that are shown once. */
export function withPins<View extends SessionView>(view: View, pins: NewPins) {
  return {
    ...view,
    participants: view.participants.map((participant, side) => {
      const pin = pins[side]
      return pin === undefined ? participant : { ...participant, pin }
    }),
  }
}

function participantView({ number, maskingNumber, restedFor, pinOnly }: SessionParticipant) {
  return {
    masking_number: `+${maskingNumber}`,
    hint: `…${number.slice(-2)}`,
    ...(restedFor !== undefined && { rested_for: Math.floor(restedFor / 1_000) }),
    ...(pinOnly && { pin_only: pinOnly }),
  }
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString()
}
