import type { CallView } from '../api/call-schemas.js'
import { type ApiOptions, showReply } from './api.js'
import { callLines } from './calls.js'
import { withInput } from './input.js'
import type { ExitCode, Io } from './io.js'
import { labelled } from './layout.js'

export interface ExplainOptions extends ApiOptions {
  readonly from: string
  readonly to: string
  /** The session that the asker knows, of which alone is told what to dial instead. */
  readonly session?: string
}

/** The parts of the API's explanation of a call that are shown. */
interface Explained {
  readonly outcome: string
  readonly rule: string
  readonly explanation: string
  readonly masking_number?: string
  readonly session_id?: string
  readonly dial_instead: readonly string[]
}

interface ExplanationReply extends Explained {
  readonly session_ended_at?: string
  readonly last_call?: CallView
}

/** Asks a running instance what would happen to a call now, and why. */
export async function explain(io: Io, options: ExplainOptions): Promise<ExitCode> {
  const { from, to } = await withInput(io, options, ['from', 'to'])
  const body = { from, to, session_id: options.session }
  return showReply(io, options, { method: 'POST', path: '/explain', body }, replyLines)
}

function replyLines(reply: ExplanationReply): string[] {
  const { session_ended_at: ended, last_call: call } = reply
  return [
    ...explanationLines(reply),
    ...labelled({ ended }),
    ...(call ? ['', 'The last call of this caller in that session:', ...callLines(call)] : []),
  ]
}

export function explanationLines(view: Explained): string[] {
  return labelled({
    outcome: view.outcome,
    rule: view.rule,
    why: view.explanation,
    dialled: view.masking_number,
    session: view.session_id,
    instead: view.dial_instead.join(', '),
  })
}
