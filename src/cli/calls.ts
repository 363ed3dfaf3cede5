import type { CallCountsView } from '../api/call-counts-schemas.js'
import type { CallPageView, CallView } from '../api/call-schemas.js'
import { CALL_OUTCOMES } from '../calls/call-summary.js'
import { type ApiOptions, showReply } from './api.js'
import type { ExitCode, Io } from './io.js'
import { labelled, table } from './layout.js'

export interface ListCallsOptions extends ApiOptions {
  readonly session?: string
  readonly from?: string
  readonly to?: string
  readonly outcome?: string
  readonly state?: string
  readonly cursor?: string
  readonly limit?: number
}

/** Lists one page of calls, the newest first. */
export function listCalls(io: Io, options: ListCallsOptions): Promise<ExitCode> {
  const { session, from, to, outcome, state, cursor, limit } = options
  const query = queryOf({ session_id: session, from, to, outcome, state, cursor, limit })
  return showReply(io, options, { method: 'GET', path: `/calls?${query}` }, pageLines)
}

export interface SummarizeCallsOptions extends ApiOptions {
  readonly from?: string
  readonly to?: string
}

/** Counts calls by hour and outcome, and by masking number. */
export function summarizeCalls(io: Io, options: SummarizeCallsOptions): Promise<ExitCode> {
  const { from, to } = options
  const query = queryOf({ from, to })
  return showReply(io, options, { method: 'GET', path: `/calls/summary?${query}` }, summaryLines)
}

export function showCall(io: Io, id: string, options: ApiOptions): Promise<ExitCode> {
  return showReply(io, options, { method: 'GET', path: `/calls/${encodeURIComponent(id)}` }, callLines)
}

function queryOf(asked: Readonly<Record<string, string | number | undefined>>): URLSearchParams {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(asked)) {
    if (value !== undefined) query.set(name, String(value))
  }
  return query
}

export function callLines(call: CallView): string[] {
  return labelled({
    call: call.id,
    session: call.session_id ?? undefined,
    began: call.began_at,
    dialled: call.masking_number ?? undefined,
    caller: sideText(call.caller),
    outcome: outcomeText(call),
    rang: secondsText(call.ring_seconds),
    talked: secondsText(call.talk_seconds),
    'ended by': call.ended_by ?? undefined,
    cause: call.cause === null ? undefined : `${call.cause} (${call.cause_code})`,
    cost: call.cost === null ? undefined : `${call.cost.amount} ${call.cost.currency}`,
    recording: call.recording,
  })
}

const HEADER = ['CALL', 'BEGAN', 'DIALLED', 'CALLER', 'OUTCOME', 'TALKED', 'SESSION']

function pageLines({ calls, next_cursor }: CallPageView): string[] {
  const rows = calls.map((call) => [
    call.id,
    call.began_at,
    call.masking_number ?? '-',
    sideText(call.caller) ?? 'a stranger',
    outcomeText(call),
    secondsText(call.talk_seconds) ?? '-',
    call.session_id ?? '-',
  ])
  const more = next_cursor === null ? [] : [`There are more: --cursor ${next_cursor}`]
  return [...table(HEADER, rows), ...more]
}

const NUMBER_HEADER = ['NUMBER', 'DIALLED TODAY', 'SHOWN TODAY', 'DIALLED YESTERDAY', 'SHOWN YESTERDAY']

function summaryLines({ from, to, total, outcomes, hours, numbers }: CallCountsView): string[] {
  const counts = (all: typeof outcomes) => CALL_OUTCOMES.map((outcome) => String(all[outcome]))
  const rows = hours
    .filter((hour) => hour.total > 0)
    .map((hour) => [hour.hour, String(hour.total), ...counts(hour.outcomes)])
  const uses = numbers.map(({ number, today, yesterday }) => [
    number,
    ...[today, yesterday].flatMap(({ dialled, shown }) => [String(dialled), String(shown)]),
  ])
  return [
    `From ${from} to ${to}.`,
    '',
    ...table(
      ['HOUR', 'CALLS', ...CALL_OUTCOMES.map((outcome) => outcome.toUpperCase())],
      [...rows, ['all', String(total), ...counts(outcomes)]],
    ),
    '',
    ...table(NUMBER_HEADER, uses),
  ]
}

function sideText(side: 0 | 1 | null): string | undefined {
  return side === null ? undefined : ['first', 'second'][side]
}

function outcomeText({ outcome, refused_because }: CallView): string {
  if (outcome === null) return 'in progress'
  return refused_because === undefined ? outcome : `${outcome}: ${refused_because}`
}

function secondsText(seconds: number | null): string | undefined {
  return seconds === null ? undefined : `${seconds} s`
}
