import type { TokenCall } from '../calls/call-tokens.js'
import type { Outcome } from '../masking/resolver.js'
import type { CallReplies } from './call-replies.js'
import { notAdmitted, type Reply, refusalReply } from './replies.js'

export interface CallAnswerOptions {
  readonly replies: CallReplies
  /** What a stranger hears. */
  readonly rejection: string
  /** What a caller hears whose session has ended. */
  readonly closed: string
}

/** Turns what was decided about a call into the document that is its answer. */
export function callAnswer({ replies, rejection, closed }: CallAnswerOptions) {
  const refusal = refusalReply(rejection)
  const farewell = refusalReply(closed)

  return (outcome: Outcome<string>, call: TokenCall | undefined): Reply => {
    if (outcome.kind === 'connect') return replies.connect(outcome.leg, call)
    const { reason, dialled } = outcome
    if (reason !== 'session-ended') return notAdmitted[reason] ?? refusal
    return (dialled && replies.afterEnd(outcome.call, dialled.dialable)) ?? farewell
  }
}
