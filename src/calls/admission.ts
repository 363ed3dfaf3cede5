import { untilUnchanged } from '../masking/attempts.js'
import { type CallOptions, isWithin } from '../masking/call-options.js'
import type { Outcome } from '../masking/resolver.js'
import type { Leg } from '../masking/session.js'
import type { Key, Storage } from '../masking/storage.js'
import { andThen, type MaybePromise } from '../maybe-promise.js'

/** Why an open session does not connect a call. */
export type NotAdmitted = 'outside-hours' | 'too-many-calls'

/** Whether a leg may be used now, by what its session says about its calls. Rejects when the store fails. */
export interface Admission {
  /** @param callId what tells the call from any other: asked again, it is counted once */
  refusalOf(leg: Leg, callId: string): MaybePromise<NotAdmitted | undefined>
}

export interface AdmissionOptions {
  readonly storage: Storage
  readonly defaults: CallOptions
  /** Milliseconds for which is kept how many calls a session connected, after its last one. */
  readonly keptMs: number
}

export function createAdmission({ storage, defaults, keptMs }: AdmissionOptions): Admission {
  return {
    refusalOf(leg, callId) {
      const { hours = defaults.hours, maxCalls = defaults.maxCalls } = leg.call ?? {}
      if (hours && !isWithin(hours, storage.now())) return 'outside-hours'
      const { sessionId } = leg
      if (maxCalls === undefined || sessionId === undefined) return undefined
      return andThen(
        untilUnchanged(() => count(sessionId, callId, maxCalls)),
        (isCounted) => (isCounted ? undefined : 'too-many-calls'),
      )
    },
  }

  /** Whether a call is among those that the session may connect. */
  async function count(sessionId: string, callId: string, maxCalls: number): Promise<boolean | 'changed'> {
    const key = connectedKey(sessionId)
    const [was] = await storage.read([key])
    const connected = (was?.value ?? []) as readonly string[]
    if (connected.includes(callId)) return true
    if (connected.length >= maxCalls) return false
    const until = storage.now() + keptMs
    return (await storage.swap({ key, was, value: [...connected, callId], until })) || 'changed'
  }
}

/** The outcome of a call that the session connects only at some hours, or only so many times. */
export function admit(
  admission: Admission,
  outcome: Outcome<string>,
  callId: string,
): MaybePromise<Outcome<string>> {
  if (outcome.kind === 'refuse') return outcome
  const { leg, dialled } = outcome
  return andThen(admission.refusalOf(leg, callId), (reason) =>
    reason ? { kind: 'refuse', reason, dialled, sessionId: leg.sessionId } : outcome,
  )
}

export const CONNECTED_KIND = 'connected'

/** Which calls a session has connected. */
export function connectedKey(sessionId: string): Key {
  return { kind: CONNECTED_KIND, id: sessionId }
}
