import { untilUnchanged } from '../masking/attempts.js'
import { type CallOptions, isWithin } from '../masking/call-options.js'
import { CONNECTED_KIND } from '../masking/keys.js'
import type { Outcome } from '../masking/resolver.js'
import type { Leg } from '../masking/session.js'
import type { Kept, Key, Storage } from '../masking/storage.js'
import { andThen, type MaybePromise } from '../maybe-promise.js'

/** Why an open session does not connect a call. */
export type NotAdmitted = 'outside-hours' | 'too-many-calls'

/** Whether a leg may be used now, by what its session says about its calls. Rejects when the store fails. */
export interface Admission {
  /** @param callId what tells the call from any other: asked again, it is counted once */
  refusalOf(leg: Leg, callId: string): MaybePromise<NotAdmitted | undefined>
  /** The same for one more call, of which nothing is counted. */
  refusalOfNext(leg: Leg): MaybePromise<NotAdmitted | undefined>
  /** Forgets which calls a session connected. */
  forget(sessionId: string): Promise<void>
}

export interface AdmissionOptions {
  readonly storage: Storage
  readonly defaults: CallOptions
  /** Milliseconds for which is kept how many calls a session connected, after its last one: as long as a session may be open. */
  readonly keptMs: number
}

export function createAdmission({ storage, defaults, keptMs }: AdmissionOptions): Admission {
  return {
    refusalOf(leg, callId) {
      if (isOutside(leg)) return 'outside-hours'
      const limit = limitOf(leg)
      if (!limit) return undefined
      return andThen(
        untilUnchanged(() => count(limit, callId)),
        (isCounted) => (isCounted ? undefined : 'too-many-calls'),
      )
    },

    refusalOfNext(leg) {
      if (isOutside(leg)) return 'outside-hours'
      const limit = limitOf(leg)
      if (!limit) return undefined
      return andThen(storage.read([connectedKey(limit.sessionId)]), ([kept]) =>
        connectedIn(kept).length < limit.maxCalls ? undefined : 'too-many-calls',
      )
    },

    async forget(sessionId) {
      const key = connectedKey(sessionId)
      await untilUnchanged(async () => {
        const [was] = await storage.read([key])
        return !was || (await storage.swap({ key, was, value: undefined, until: 0 })) || 'changed'
      })
    },
  }

  function isOutside({ call }: Leg): boolean {
    const hours = call?.hours ?? defaults.hours
    return hours !== undefined && !isWithin(hours, storage.now())
  }

  /** The static pair has no end, so its calls are not counted. */
  function limitOf({ call, sessionId }: Leg): Limit | undefined {
    const maxCalls = call?.maxCalls ?? defaults.maxCalls
    return maxCalls === undefined || sessionId === undefined ? undefined : { sessionId, maxCalls }
  }

  /** Whether a call is among those that the session may connect. */
  async function count({ sessionId, maxCalls }: Limit, callId: string): Promise<boolean | 'changed'> {
    const key = connectedKey(sessionId)
    const [was] = await storage.read([key])
    const connected = connectedIn(was)
    if (connected.includes(callId)) return true
    if (connected.length >= maxCalls) return false
    const until = storage.now() + keptMs
    return (await storage.swap({ key, was, value: [...connected, callId], until })) || 'changed'
  }
}

/** The outcome of a call that the session connects only at some hours, or only so many times. */
export function admit(
  admission: Pick<Admission, 'refusalOf'>,
  outcome: Outcome<string>,
  callId: string,
): MaybePromise<Outcome<string>> {
  if (outcome.kind === 'refuse') return outcome
  const { leg, dialled } = outcome
  return andThen(admission.refusalOf(leg, callId), (reason) =>
    reason ? { kind: 'refuse', reason, dialled, sessionId: leg.sessionId } : outcome,
  )
}

interface Limit {
  readonly sessionId: string
  readonly maxCalls: number
}

function connectedIn(kept: Kept | undefined): readonly string[] {
  return (kept?.value ?? []) as readonly string[]
}

/** Which calls a session has connected. */
export function connectedKey(sessionId: string): Key {
  return { kind: CONNECTED_KIND, id: sessionId }
}
