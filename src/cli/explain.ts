import { type ApiOptions, showReply } from './api.js'
import { withInput } from './input.js'
import type { ExitCode, Io } from './io.js'
import { labelled } from './layout.js'

export interface ExplainOptions extends ApiOptions {
  readonly from: string
  readonly to: string
  /** The session that the asker knows, of which alone is told what to dial instead. */
  readonly session?: string
}

/** The API's explanation of a call. */
interface ExplanationView {
  readonly outcome: string
  readonly rule: string
  readonly explanation: string
  readonly masking_number?: string
  readonly session_id?: string
  readonly dial_instead: readonly string[]
}

/** Asks a running instance what would happen to a call now, and why. */
export async function explain(io: Io, options: ExplainOptions): Promise<ExitCode> {
  const { from, to } = await withInput(io, options, ['from', 'to'])
  const body = { from, to, session_id: options.session }
  return showReply(io, options, { method: 'POST', path: '/explain', body }, explanationLines)
}

function explanationLines(view: ExplanationView): string[] {
  return labelled({
    outcome: view.outcome,
    rule: view.rule,
    why: view.explanation,
    dialled: view.masking_number,
    session: view.session_id,
    instead: view.dial_instead.join(', '),
  })
}
