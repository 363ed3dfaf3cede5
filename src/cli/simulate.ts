import type { SimulationView } from '../api/simulation-schemas.js'
import { MAX_RETENTION_SECONDS } from '../masking/session.js'
import { type ApiOptions, showReply } from './api.js'
import { secondsIn } from './duration.js'
import { explanationLines } from './explain.js'
import { withInput } from './input.js'
import { type ExitCode, type Io, UsageError } from './io.js'
import { labelled } from './layout.js'

export interface SimulateCallOptions extends ApiOptions {
  readonly from?: string
  readonly to?: string
  /** The session that the asker knows, and which of its participants calls. */
  readonly session?: string
  readonly caller?: number
  /** How long from now they call: `2h`. */
  readonly ahead?: string
}

type Played = Pick<SimulationView, 'document' | 'caller_hears' | 'recorded' | 'called' | 'endings'>

/** Asks a running instance to play a call through that nobody makes. */
export async function simulateCall(io: Io, options: SimulateCallOptions): Promise<ExitCode> {
  const { ahead, caller, session: session_id } = options
  const ahead_seconds = ahead === undefined ? undefined : readAhead(ahead)
  const { from, to } = await withInput(io, options, ['from', 'to'])
  const body = { from, to, session_id, caller, ahead_seconds }
  return showReply(io, options, { method: 'POST', path: '/simulations', body }, simulationLines)
}

function readAhead(text: string): number {
  const seconds = secondsIn(text)
  if (seconds <= MAX_RETENTION_SECONDS) return seconds
  throw new UsageError('--ahead is not valid: such as 2h, 30m or 1d, at most 366d')
}

function simulationLines(simulation: SimulationView): string[] {
  const { at, asks_for_pin, after_pin } = simulation
  return [
    ...labelled({ at }),
    ...explanationLines(simulation),
    ...labelled({ pin: asks_for_pin ? 'the caller is asked for it' : undefined }),
    ...playedLines(simulation),
    ...(after_pin ? ['', 'After the right PIN:', ...playedLines(after_pin)] : []),
  ]
}

function playedLines({ document, caller_hears, recorded, called, endings }: Played): string[] {
  return labelled({
    hears: caller_hears.join(' '),
    reaches: called && whoIs(called),
    shows: called?.shows,
    whisper: called?.hears.join(' '),
    recorded: recorded ? 'yes' : undefined,
    busy: endings?.busy.caller_hears.join(' '),
    'no answer': endings?.no_answer.caller_hears.join(' '),
    failed: endings?.failed.caller_hears.join(' '),
    document,
  })
}

function whoIs({ participant, hint }: NonNullable<Played['called']>): string {
  return participant === null ? `${hint}, a number of yours` : `${hint}, participant ${participant}`
}
