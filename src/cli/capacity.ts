import type { CapacityView, UseView } from '../api/capacity-schemas.js'
import { MAX_SESSION_SECONDS } from '../masking/session.js'
import { type ApiOptions, showReply } from './api.js'
import { secondsIn } from './duration.js'
import { type ExitCode, type Io, UsageError } from './io.js'
import { table } from './layout.js'

export interface CapacityOptions extends ApiOptions {
  readonly sessionsPerPerson?: number
  readonly sessionsPerDay?: number
  readonly rest?: string
}

/** Says how far the pool of a running instance goes, and how many numbers to rent for a demand. */
export async function showCapacity(io: Io, options: CapacityOptions): Promise<ExitCode> {
  const { sessionsPerPerson, sessionsPerDay, rest } = options
  if (sessionsPerPerson === undefined && (sessionsPerDay ?? rest) !== undefined) {
    throw new UsageError('--sessions-per-day and --rest belong to a question: say --sessions-per-person too')
  }
  const asked = {
    sessions_per_person: sessionsPerPerson,
    sessions_per_day: sessionsPerDay,
    rest: rest === undefined ? undefined : readTime('--rest', rest),
  }
  const query = Object.entries(asked).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${value}`],
  )
  const path = query.length > 0 ? `/capacity?${query.join('&')}` : '/capacity'
  return showReply(io, options, { method: 'GET', path }, capacityLines)
}

/** The seconds of an option that says for how long. Throws a `UsageError`. */
export function readTime(option: string, text: string): number {
  const seconds = secondsIn(text)
  if (seconds <= MAX_SESSION_SECONDS) return seconds
  throw new UsageError(`${option} is not valid: such as 2h, 30m or 1d, at most 180d`)
}

function capacityLines({ summary, counted_at, all, countries }: CapacityView): string[] {
  const header = ['COUNTRY', 'NUMBERS', 'DRAINING', 'PEOPLE', 'BUSIEST', 'HEAD-ROOM', 'MORE A DAY', 'GONE']
  const rows = [...countries.map(({ country, ...use }) => row(country, use)), row('all', all)]
  return [...summary, ...(counted_at === null ? [] : [`As of ${counted_at}.`]), '', ...table(header, rows)]
}

function row(country: string, { numbers, draining, people, held_by_busiest, head_room, trend }: UseView) {
  const counts = [numbers, draining, people, held_by_busiest, head_room].map((count) => String(count ?? '?'))
  return [country, ...counts, String(trend?.per_day ?? '-'), trend?.gone_on ?? '-']
}
