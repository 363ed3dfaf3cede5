import { hint } from '../masking/phone-number.js'
import type { Outcome } from '../masking/resolver.js'
import { readSpelling } from '../masking/spelling.js'
import type { TraceIds } from '../telemetry/request-span.js'
import { loggableCallId, type Webhook } from './webhook.js'

/** What is logged of a call: two digits of the caller, and nothing of a number that is not ours. */
export interface CallLog extends Partial<TraceIds> {
  readonly outcome: Outcome['kind'] | 'ask'
  /** Why it was refused, or why a PIN was asked for; undefined there, where only a PIN connects. */
  readonly reason: string | undefined
  readonly callUuid: string | undefined
  /** The session that connected, or that had ended. */
  readonly sessionId: string | undefined
  readonly maskingNumber: string | undefined
  readonly caller: string | undefined
  /** A PIN was entered. */
  readonly pin?: true
  /** Whether the carrier's signature was present and right. */
  readonly signed: boolean
  /** Milliseconds from the arrival of the request to the decision. */
  readonly ms: number
  readonly requestId: string
}

interface AnsweredCall {
  readonly requestId: string
  readonly traceIds?: TraceIds | undefined
  readonly webhook: Webhook
  readonly outcome: Outcome<string>
  /** Whether a PIN is asked for in its place. */
  readonly isAsked?: boolean
  /** Whether a PIN was entered. */
  readonly isPinEntered?: boolean
  readonly signed: boolean
  readonly elapsedMs: number
}

/** Why a call was refused, or a PIN asked for. */
export function reasonOf(outcome: Outcome<string>): string | undefined {
  return outcome.kind === 'refuse' ? outcome.reason : undefined
}

export function callLog(call: AnsweredCall): CallLog {
  const { requestId, traceIds, webhook, outcome, isAsked, isPinEntered, signed, elapsedMs } = call
  const caller = readSpelling(webhook.From ?? '')
  return {
    outcome: isAsked ? 'ask' : outcome.kind,
    reason: reasonOf(outcome),
    callUuid: loggableCallId(webhook),
    sessionId: outcome.kind === 'connect' ? outcome.leg.sessionId : outcome.sessionId,
    maskingNumber: outcome.dialled?.dialable,
    caller: caller && hint(caller.digits),
    signed,
    ...(isPinEntered && { pin: true }),
    ms: Math.round(elapsedMs * 100) / 100,
    requestId,
    ...traceIds,
  }
}
