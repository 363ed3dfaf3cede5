import { hint } from '../masking/phone-number.js'
import type { Outcome } from '../masking/resolver.js'
import { readSpelling } from '../masking/spelling.js'
import { loggableCallId, type Webhook } from './webhook.js'

/** What is logged of a call: two digits of the caller, and nothing of a number that is not ours. */
export interface CallLog {
  readonly outcome: Outcome['kind']
  /** Why it was refused. */
  readonly reason: string | undefined
  readonly callUuid: string | undefined
  /** The session that connected, or that had ended. */
  readonly sessionId: string | undefined
  readonly maskingNumber: string | undefined
  readonly caller: string | undefined
  /** Whether the carrier's signature was present and right. */
  readonly signed: boolean
  /** Milliseconds from the arrival of the request to the decision. */
  readonly ms: number
  readonly requestId: string
}

interface AnsweredCall {
  readonly requestId: string
  readonly webhook: Webhook
  readonly outcome: Outcome<string>
  readonly signed: boolean
  readonly elapsedMs: number
}

export function callLog({ requestId, webhook, outcome, signed, elapsedMs }: AnsweredCall): CallLog {
  const caller = readSpelling(webhook.From ?? '')
  return {
    outcome: outcome.kind,
    reason: outcome.kind === 'refuse' ? outcome.reason : undefined,
    callUuid: loggableCallId(webhook),
    sessionId: outcome.kind === 'connect' ? outcome.leg.sessionId : outcome.sessionId,
    maskingNumber: outcome.dialled?.dialable,
    caller: caller && hint(caller.digits),
    signed,
    ms: Math.round(elapsedMs * 100) / 100,
    requestId,
  }
}
